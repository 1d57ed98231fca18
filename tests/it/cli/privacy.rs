//! `franking privacy`: the notice of a newsletter, and the columns of its store.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay;

const LANGUAGES: [&str; 9] = ["en", "fr", "de", "it", "es", "pt", "nl", "ar", "he"];

/// A newsletter with a relay, and these tables.
fn newsletter(tables: &str) -> Folder {
    let relay = "[smtp]\nhost = \"smtp.press.example\"\n";
    relay::newsletter(&format!("{relay}{tables}"))
}

/// What a command that succeeds prints, without warnings.
fn printed(folder: &Folder, arguments: &[&str]) -> String {
    let run = folder.run(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

fn with_list_in_store(tables: &str) -> Folder {
    newsletter(&format!("[list]\nsource = \"store\"\n{tables}"))
}

#[test]
fn the_notice_of_a_list_in_a_file() {
    let folder = newsletter("");
    let run = folder.run(&["privacy"]);
    assert_data_eq!(
        run.stderr,
        str![[r#"
warning: without a suppression key, the addresses of people who left are not removed; the first `franking list suppress` or `list forget` generates the key

"#]]
    );
    assert_data_eq!(run.stdout, snapbox::file!["privacy/file.en.md"].raw());
    let german = folder.run(&["privacy", "--language", "de"]).stdout;
    assert_data_eq!(german, snapbox::file!["privacy/file.de.md"].raw());
}

#[test]
fn the_notice_of_a_list_in_the_store_in_german() {
    let folder = with_list_in_store("");
    let settings = folder.read("newsletter.toml");
    let german = format!("language = \"de\"\n{settings}");
    folder.write("newsletter.toml", &german);
    let notice = printed(&folder, &["privacy"]);
    assert_data_eq!(notice, snapbox::file!["privacy/store.de.md"].raw());
    let english = printed(&folder, &["privacy", "--language", "en"]);
    assert_data_eq!(english, snapbox::file!["privacy/store.en.md"].raw());
    let english = printed(&folder, &["privacy", "--language", "en-GB", "--html"]);
    assert_data_eq!(english, snapbox::file!["privacy/store.en.html"].raw());
}

/// The notice says the time for which this newsletter keeps data.
#[test]
fn the_times_of_the_settings_are_in_the_notice() {
    let tables = "[privacy]\nkeep = \"1 day\"\nevidence = \"10 years\"\n";
    let notice = printed(&with_list_in_store(tables), &["privacy"]);
    for text in [
        "it is deleted after 1 day.",
        "This proof is deleted after 10 years, counted",
        "the replies, are deleted after 1 day, counted",
        "your address is replaced by a code after 1 day;",
    ] {
        assert!(notice.contains(text), "{text}\n{notice}");
    }
    let tables = "[privacy]\nkeep = \"forever\"\nevidence = \"forever\"\n";
    let notice = printed(&with_list_in_store(tables), &["privacy"]);
    assert!(
        !notice.contains(" after 30") && !notice.contains("replaced by a code"),
        "{notice}"
    );
    for text in [
        "after that until you ask for its deletion",
        "kept without a limit",
    ] {
        assert!(notice.contains(text), "{text}\n{notice}");
    }
}

#[test]
fn every_language_has_every_category_and_no_placeholder() {
    let folder = with_list_in_store("[privacy]\nkeep = \"2 days\"\nevidence = \"2 years\"\n");
    let mut notices = Vec::new();
    for language in LANGUAGES {
        let notice = printed(&folder, &["privacy", "--language", language]);
        assert!(!notice.contains(['{', '}']), "{notice}");
        assert!(notice.contains("smtp.press.example"), "{notice}");
        // Twelve categories, and how long the entry of the list is kept.
        assert_eq!(notice.matches("\n- **").count(), 13, "{language}: {notice}");
        assert_eq!(notice.matches("\n## ").count(), 6, "{language}: {notice}");
        notices.push(notice);
    }
    notices.sort();
    notices.dedup();
    assert_eq!(notices.len(), LANGUAGES.len());
}

#[test]
fn a_language_without_texts_falls_back_to_english() {
    let folder = with_list_in_store("");
    let finnish = folder.run(&["privacy", "--language", "fi", "--html"]);
    assert_data_eq!(
        finnish.stderr,
        str![[r#"
warning: the privacy notice has no text in `fi` (only in en, fr, de, it, es, pt, nl, ar, he), so it is in English

"#]]
    );
    let start = "<section lang=\"en\" dir=\"ltr\">\n<h2>Privacy notice";
    assert!(finnish.stdout.starts_with(start), "{}", finnish.stdout);
    let hebrew = printed(&folder, &["privacy", "--language", "he", "--html"]);
    assert!(
        hebrew.starts_with("<section lang=\"he\" dir=\"rtl\">"),
        "{hebrew}"
    );
    let invalid = folder.run(&["privacy", "--language", "jp"]);
    assert_data_eq!(
        invalid.stderr,
        str![[r#"
error: unknown language `jp` in the language tag `jp`
hint: did you mean `ja`?

"#]]
    );
    assert_eq!(invalid.code, 2);
}

/// A name in the settings is text, not markup.
#[test]
fn values_of_the_settings_are_escaped() {
    let folder = with_list_in_store("");
    let settings = folder.read("newsletter.toml");
    let name = "The <b>{days}</b> *Letter* & a_b";
    let other = settings.replacen("The Small Letter", name, 1);
    folder.write("newsletter.toml", &other);
    let html = folder.run(&["privacy", "--html"]).stdout;
    let escaped = "The &lt;b&gt;{days}&lt;/b&gt; *Letter* &amp; a_b";
    assert!(html.contains(escaped) && !html.contains("<b>"), "{html}");
    let markdown = folder.run(&["privacy"]).stdout;
    let escaped = r"The \<b\>{days}\</b\> \*Letter\* \& a_b";
    assert!(markdown.contains(escaped), "{markdown}");
}

#[test]
fn each_recipient_of_the_data_is_named() {
    let folder = with_list_in_store(
        "[[smtp.relay]]\nhost = \"mail.fen.example\"\n[store]\nurl = \"postgres://u:canary@db.fen.example/d\"\n",
    );
    let settings = folder.read("newsletter.toml");
    let settings = settings.replace("https://press", "https://letter.fen");
    folder.write(
        "newsletter.toml",
        &format!("pictures = \"link\"\n{settings}"),
    );
    let notice = printed(&folder, &["privacy"]);
    for text in [
        "one of the mail servers smtp.press.example, mail.fen.example, which",
        "a database on the server db.fen.example.",
        "your mail program loads them from letter.fen.example;",
    ] {
        assert!(notice.contains(text), "{text}\n{notice}");
    }
    assert!(!notice.contains("canary"));
    let own = relay::newsletter("[smtp]\nhost = \"localhost\"\n");
    let notice = own.run(&["privacy"]).stdout;
    assert!(
        notice.contains("a mail server on the newsletter’s own machine"),
        "{notice}"
    );
}

#[test]
fn rehearsals_and_a_missing_relay_are_reported() {
    let folder = relay::newsletter_for(1, "");
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    assert_data_eq!(
        folder.run(&["privacy"]).stderr,
        str![[r#"
warning: without `[smtp]` in newsletter.toml, the privacy notice cannot name the mail server
warning: without a suppression key, the addresses of people who left are not removed; the first `franking list suppress` or `list forget` generates the key
warning: `.franking/outbox` has messages of rehearsals with the addresses of their recipients; the privacy notice does not mention them

"#]]
    );
}

/// With the suppression key, the notice says that a code replaces the address, which is then true.
#[test]
fn the_notice_of_a_list_in_a_file_with_a_suppression_key() {
    let folder = newsletter("");
    folder.run(&["list", "suppress", "r1@reader.example"]);
    let notice = printed(&folder, &["privacy"]);
    assert!(
        notice.contains("your address is replaced by a code after 30 days"),
        "{notice}"
    );
    assert!(notice.contains("connected with the code"), "{notice}");
}

#[test]
fn the_columns_of_the_store_have_their_times() {
    let folder = with_list_in_store("[privacy]\nkeep = \"60 days\"\n");
    let columns = printed(&folder, &["privacy", "--columns"]);
    assert_data_eq!(&columns, snapbox::file!["privacy/columns.txt"].raw());
    let json: Value =
        serde_json::from_str(&printed(&folder, &["privacy", "--columns", "--json"])).expect("JSON");
    let json = json.as_array().expect("an array");
    assert_eq!(json.len(), columns.lines().count() - 1);
    let notice: Value =
        serde_json::from_str(&printed(&folder, &["privacy", "--json"])).expect("JSON");
    assert_eq!(notice["facts"]["keep"], "60 days");
    assert_eq!(notice["facts"]["relays"][0], "smtp.press.example");
    assert_eq!(
        notice["sections"][2]["paragraphs"][0]["label"],
        "Email address"
    );
}
