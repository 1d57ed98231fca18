//! What an editor writes, as it leaves: each part of the message shows it, or a finding names it.

use crate::support::Folder;

/// The plain newsletter with the issue `one`: `head` above its sections, `body` in a section of text.
fn folder(head: &str, body: &str) -> Folder {
    let folder = Folder::with("plain");
    let issue = format!(
        "subject = \"The river in spring\"\npreheader = \"Three walks.\"\ndate = 2026-12-01\n{head}\n\
         [[section]]\nkind = \"text\"\nbody = '''\n{body}\n'''\n"
    );
    folder.write("issues/one.toml", &issue);
    folder
}

/// The HTML and the text part that `build` writes.
fn parts(folder: &Folder) -> (String, String) {
    let run = folder.run(&["build", "one", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    (folder.read("out/one.html"), folder.read("out/one.txt"))
}

/// The text without white space, which is all that wrapping may change.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn scripts_without_spaces_wrap_in_the_text_part_and_lose_nothing() {
    let scripts = [
        "แม่น้ำในฤดูใบไม้ผลิไหลช้าและชาวบ้านเดินเล่นริมฝั่งทุกเช้า",
        "ទន្លេនៅនិទាឃរដូវហូរយឺតហើយអ្នកភូមិដើរលេងតាមមាត់ច្រាំងរៀងរាល់ព្រឹក",
        "ແມ່ນ້ຳໃນລະດູໃບໄມ້ປົ່ງໄຫຼຊ້າແລະຊາວບ້ານຍ່າງຫຼິ້ນແຄມຝັ່ງທຸກເຊົ້າ",
        "နွေဦးရာသီတွင်မြစ်သည်ဖြည်းညှင်းစွာစီးဆင်းပြီးရွာသားများသည်မနက်တိုင်းလမ်းလျှောက်ကြသည်",
        "春の川はゆっくりと流れ、村の人々は毎朝岸辺を散歩します。",
        "🐟🦆🚣‍♀️🌷👨‍👩‍👧",
    ];
    for form in ["wrapped", "flowed"] {
        for script in scripts {
            let body = script.repeat(8);
            let folder = folder("", &body);
            let settings = folder.read("newsletter.toml");
            let settings =
                settings.replace("[defaults]", &format!("text = \"{form}\"\n[defaults]"));
            folder.write("newsletter.toml", &settings);
            let (_, text) = parts(&folder);
            for line in text.lines() {
                let columns = textwrap::core::display_width(line);
                assert!(columns <= 76, "{form}: {columns} columns: {line}");
            }
            assert!(squeezed(&text).contains(&body), "{form}: {text}");
        }
    }
}

#[test]
fn a_url_beside_a_script_without_spaces_is_never_broken() {
    let url = format!("https://river.example/{}", "long-path/".repeat(9));
    let (_, text) = parts(&folder("", &format!("แม่น้ำในฤดูใบไม้ผลิ {url} ไหลช้า")));
    assert!(text.contains(&url), "{text}");
}

#[test]
fn contents_do_not_list_themselves() {
    let folder = folder(
        "[[section]]\nkind = \"contents\"\nheading = \"In this issue\"\n\
         [[section]]\nkind = \"text\"\nheading = \"The ferry\"\nbody = \"It runs again.\"\n",
        "More.",
    );
    let (html, text) = parts(&folder);
    assert_eq!(html.matches("In this issue").count(), 1, "{html}");
    assert_eq!(text.matches("In this issue").count(), 1, "{text}");
    assert!(text.contains("* The ferry"), "{text}");
}

#[test]
fn an_issue_without_content_is_not_sent() {
    let folder = Folder::with("plain");
    for sections in [
        "",
        "[[section]]\nkind = \"divider\"\n[[section]]\nkind = \"contents\"\n",
    ] {
        let head = "subject = \"The river\"\npreheader = \"Walks.\"\ndate = 2026-12-01\n";
        folder.write("issues/one.toml", &format!("{head}{sections}"));
        let run = folder.run(&["send", "one", "--yes"]);
        assert!(run.stderr.contains("error[no-content]"), "{}", run.stderr);
        assert_eq!(run.code, 1, "{}", run.stderr);
    }
}

#[test]
fn every_sentence_of_the_starter_issue_is_recognised() {
    let folder = Folder::empty();
    let run = folder.run(&["init", "new"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let check = |folder: &Folder| folder.run(&["-C", "new", "check"]);
    assert_eq!(
        check(&folder)
            .stderr
            .matches("warning[starter-text]")
            .count(),
        5
    );
    let issue = folder.read("new/issues/first.toml");
    let written = issue.replace("what this letter is about.", "the river is high.");
    folder.write("new/issues/first.toml", &written);
    assert_eq!(
        check(&folder)
            .stderr
            .matches("warning[starter-text]")
            .count(),
        4
    );
}
