//! The text of an editor: both parts of the message show it, or a finding names it.

mod leftovers;
mod links;

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
fn the_contents_section_does_not_list_itself() {
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

/// The findings of `check`, each as `line:column code`.
fn output(folder: &Folder) -> Vec<String> {
    let run = folder.run(&["check", "one"]);
    let faults = crate::compile::findings::reported(&run.stderr).into_iter();
    let place = |place: &str| place.trim_start_matches("issues/one.toml:").to_owned();
    faults
        .map(|(at, code)| format!("{} {code}", place(&at)))
        .collect()
}

/// The first line of a body stands in line 8 of the file.
const FIRST: usize = 8;

#[test]
fn markdown_without_effect_is_reported_at_its_location() {
    for (body, found) in [
        (
            "| Day | Ferry |\n|---|---|\n| Mon | 9:00 |",
            "1:1 unsupported-markdown",
        ),
        ("See[^1].\n\n[^1]: The note.", "3:1 unsupported-markdown"),
        ("Ferry\n: a boat", "2:1 literal-markdown"),
        ("See[^1].", "1:4 literal-markdown"),
        ("The [ferry][nope] runs.", "1:5 literal-markdown"),
        (
            "The [ferry] (https://ferry.example/).",
            "1:5 literal-markdown",
        ),
        (
            "The [ferry](https://ferry.example/a b).",
            "1:5 literal-markdown",
        ),
        (
            "The [ferry](https://ferry.example/(a).",
            "1:5 literal-markdown",
        ),
        (
            "The (ferry)[https://ferry.example/].",
            "1:11 literal-markdown",
        ),
        ("It costs ~~12 euro.", "1:10 literal-markdown"),
        ("It runs **daily.", "1:9 literal-markdown"),
        ("A *star that should be emphasis", "1:3 literal-markdown"),
        ("Rates* rose and *not closed.", "1:17 literal-markdown"),
        ("*Words* and words. *Not closed.", "1:20 literal-markdown"),
        ("Rates** rose.", "1:6 literal-markdown"),
        ("Type `{{` for {{ x | y }}.", "1:15 placeholder"),
        ("Type `ferry.", "1:6 literal-markdown"),
        ("Question ?\n: r\u{e9}ponse", "2:1 literal-markdown"),
        ("See you.\n-", "2:1 literal-markdown"),
        ("See you.\n=", "2:1 literal-markdown"),
        ("Runs\n\n**\n\ndaily.", "3:1 literal-markdown"),
        ("It runs __ daily __.", "1:9 literal-markdown"),
        ("It costs ~~ 12 ~~ 10 euro.", "1:10 literal-markdown"),
        ("The [ferry] [nope] runs.", "1:5 literal-markdown"),
        ("**強調。**です", "1:1 literal-markdown"),
        ("これは**「強調」**です", "1:4 literal-markdown"),
        ("**Soon!**er", "1:1 literal-markdown"),
        ("Fish &nbps; chips", "1:6 literal-markdown"),
        ("Fish &amp chips", "1:6 literal-markdown"),
        ("Fish &#38 chips", "1:6 literal-markdown"),
        ("Fish &#xD800; chips", "1:6 broken-character"),
        ("Fish &#0; chips", "1:6 broken-character"),
        ("Fish &#x110000; chips", "1:6 broken-character"),
        ("See htps://ferry.example.", "1:5 literal-markdown"),
        ("See htttp://ferry.example/a", "1:5 literal-markdown"),
        ("See http//ferry.example", "1:5 literal-markdown"),
        ("See https:/ferry.example", "1:5 literal-markdown"),
        ("See https:// and so on", "1:5 literal-markdown"),
        ("See www,ferry.example", "1:5 literal-markdown"),
        ("Write to mailto: now", "1:10 literal-markdown"),
        ("It runs again on\n1. January.", "2:1 unintended-markdown"),
        ("> It runs on\n> 1. January.", "2:3 unintended-markdown"),
        ("- It runs on\n  1. Mai.", "2:3 unintended-markdown"),
        ("1986. A great year.", "1:1 unintended-markdown"),
        ("24. Dezember: no ferry.", "1:1 unintended-markdown"),
        ("1. Mai: no ferry.", "1:1 unintended-markdown"),
        ("1. one\n3. three", "2:1 unintended-markdown"),
        ("It runs\n- as always - at nine.", "2:1 unintended-markdown"),
        ("It is the\n# 1 in Europe.", "2:1 unintended-markdown"),
        ("At winds\n> 10 it stays.", "2:1 unintended-markdown"),
        ("# 5 in the charts", "1:1 unintended-markdown"),
        ("Words.\n\n+ 5 %", "3:1 unintended-markdown"),
        ("+ 5 points\n\nWords.", "1:1 unintended-markdown"),
        ("- 5,5 °C", "1:1 unintended-markdown"),
        ("> 5 % of people\n\nWords.", "1:1 unintended-markdown"),
        ("* Note:* text", "1:1 unintended-markdown"),
        ("** Note:** text", "1:1 literal-markdown"),
        ("see ** this:** text", "1:5 literal-markdown"),
        ("# \n\nWords.", "1:1 unintended-markdown"),
        ("Words.\n\n- ", "3:1 unintended-markdown"),
        ("See you.\n-- \nThe crew", "2:1 literal-markdown"),
        ("One.\n\nTwo\nlines.\n---\nThree.", "5:1 literal-markdown"),
        ("> See you.\n> --", "2:3 literal-markdown"),
        (
            "```\ncode()\n\nThe rest of **the** text",
            "1:1 unintended-markdown",
        ),
        (
            "Run:\n\n```\ncode()\n~~~\n\nWords.",
            "3:1 unintended-markdown",
        ),
        ("````\ncode()\n```\nWords.", "1:1 unintended-markdown"),
        ("> ```\n> code()\n\nWords.", "1:3 unintended-markdown"),
        ("- ~~~ sh\n  code()\n\nWords.", "1:3 unintended-markdown"),
        ("Words.\n\n```", "3:1 unintended-markdown"),
        ("<br>", "1:1 raw-html"),
        ("<p>x", "1:1 raw-html"),
        ("##Ferry", "1:1 literal-markdown"),
        ("At www.ferry.example.", "1:4 literal-markdown"),
        (
            "Runs:\n\n\u{2022} Monday\n\u{2022} Friday",
            "3:1 literal-markdown",
        ),
        (
            "[Note]: https://ferry.example/\n\nIt runs.",
            "1:1 unshown-text",
        ),
        (
            "The [ferry](https://ferry.example/ \"new\").",
            "1:5 unshown-text",
        ),
        ("Dear {first_name},", "1:6 foreign-placeholder"),
        ("Dear *|FNAME|*,", "1:6 foreign-placeholder"),
        ("Dear «First_Name»,", "1:6 foreign-placeholder"),
        ("Dear «FirstName»,", "1:6 foreign-placeholder"),
        (
            "See https://ferry.example/?e=%%EMAIL%%",
            "1:30 foreign-placeholder",
        ),
    ] {
        let output = output(&folder("", body));
        let (line, rest) = found.split_once(':').expect("a line");
        let line: usize = line.parse().expect("a number");
        assert_eq!(output, [format!("{}:{rest}", line - 1 + FIRST)], "{body}");
    }
}

#[test]
fn texts_that_only_look_like_markdown_or_merge_fields_are_silent() {
    for body in [
        "100 % of the {red, blue} ones, 5 % less; x_{i} = {n}, 2**8, 5 * 3 and snake_case.",
        "Write `{first_name}` and `%%NAME%%`, or:\n\n    {first_name} **code",
        "A backslash: \\{first_name} \\*star \\[a](b) \\~~x \\`y.",
        "«Nom», « Prénom », «Name», «email», «\u{202f}Nom\u{202f}» and «YouTube».",
        "Write `{{ x | y }}`, `{{ user.name }}`, `{{`, `\\${HOME}` or \\${HOME}:\n\n```\n{{#if a}}\n```",
        "Rates* rose. *Source: ONS.",
        "Rates* rose.\n\n- A word\n\n*Source: ONS.",
        "10 euro*, 20 euro** and 30 euro***\n\n*net\n**gross\n\n***without tax",
        "20 €*, 30 €** und 40 €***, (10 %*).\n\n*Netto.\n\n**Brutto.",
        "*Words* cost **20 €**, *5 €*, and (**10 %**).",
        "# 5 tips for spring\n\n- 5 tips\n\n> 5 years ago it was cold.\n\n## 3 in one",
        "# 1. Words\n\nToday:\n\n- 20 % off\n\nWords.\n\n- 5 %\n- 6 %\n\nWords.\n\n> 5 % of us\n> swim.",
        "* *Note:* text\n* Only *this:* text\n\n2 ** 3 and **Note:** text.",
        "```sh\ncode()\n```\n\n~~~~\n```\n~~~~~  \n\n> ```\n> a\n> ```\n\n- ```\n  a\n  ```",
        "#COP30 begins on Monday.\n\nWords.\n\n---\n\nA heading\n---------\n\nWords.",
        "Take:\n1. flour\n\nOr\n- milk\n- water\n\nThen:\n\n3. stir\n4. bake\n\nWait.\n\n5. eat",
        "1. one\n1. two\n1. three\n\nIn\n1986\\. a great year, and in\n2027. Later.",
        "1. one\n\n   In it.\n\n   - a\n     - b\n\nMay 1. The end.",
        "&amp; &nbsp;&#8211; &copy; R&D, AT&T; Q&As; C&A, `&nbps;`",
        "A **強調**です, **強調**。 and *「強調」* 。",
        "The [E-mail] or the [Name], [title] and [city]; $5, US$, $AAPL, $NAME of the shell.",
        "`__init__`, __init__ and __Name__; #name #email, @name, 10:30, a:b:c, std::string::name.",
        "[sic] […] [1] [2] [Ed. note] [sic!] [1][2]",
        "The ratio is 1:2 // or 3:4, http: a protocol, and/or.",
        "[sic] and [1], AT&T, #canal #birds, <3, 10:30:15, O`ahu, 2 < 3 > 1.",
    ] {
        assert_eq!(output(&folder("", body)), [""; 0], "{body}");
    }
}

#[test]
fn names_in_the_settings_are_checked_as_a_subject_is() {
    let told_of = |key: &str, value: &str| {
        let folder = folder("", "It runs.");
        let settings = folder.read("newsletter.toml");
        let kept = settings.lines().filter(|line| !line.starts_with(key));
        let settings: String = kept.map(|line| format!("{line}\n")).collect();
        let line = format!("{key} = '{value}'\n");
        let settings = match key {
            "first_name" => settings + &line,
            _ => line + &settings,
        };
        folder.write("newsletter.toml", &settings);
        folder.run(&["check", "one"]).stderr
    };
    let mail = " <x@plain.example>";
    for (value, code) in [
        ("The **big** river", "warning[literal-markdown]"),
        ("Fish &amp; chips", "warning[literal-markdown]"),
        ("The <b>river</b>", "warning[literal-markdown]"),
        ("Lorem ipsum", "error[leftover]"),
        ("TODO: words", "error[leftover]"),
        ("The {{ river }}", "error[placeholder]"),
    ] {
        for key in ["name", "tagline", "address", "first_name", "from"] {
            let mail = if key == "from" { mail } else { "" };
            let stderr = told_of(key, &format!("{value}{mail}"));
            assert!(stderr.contains(code), "{key} {value}: {stderr}");
            assert!(
                stderr.contains("--> newsletter.toml:"),
                "{key} {value}: {stderr}"
            );
        }
    }
    for (value, code) in [
        ("https://plain.example/{{ page }}", "error[placeholder]"),
        ("https://plain.example/FIXME", "error[leftover]"),
    ] {
        let stderr = told_of("privacy_url", value);
        assert!(stderr.contains(code), "{value}: {stderr}");
    }
    for value in [
        "R&D and 5 * 3, snake_case",
        "Our todo list",
        "The #canal, 2 + 3",
    ] {
        for key in ["tagline", "address", "first_name", "from"] {
            let mail = if key == "from" { mail } else { "" };
            let stderr = told_of(key, &format!("{value}{mail}"));
            assert!(stderr.contains("no findings"), "{key} {value}: {stderr}");
        }
    }
    let stderr = told_of(
        "privacy_url",
        "https://plain.example/todo_list_of_a_b?c=1&d=2",
    );
    assert!(!stderr.contains("leftover"), "{stderr}");
}

#[test]
fn a_label_with_markdown_is_reported() {
    let told_of = |label: &str| {
        let folder = folder("", "It runs.");
        let theme = folder.read("templates/plain/theme.toml");
        let theme = theme.replace("[labels]\n", "");
        folder.write(
            "templates/plain/theme.toml",
            &format!("{theme}\n[labels]\n{label}\n"),
        );
        folder.run(&["check", "one"])
    };
    for label in ["unsubscribe = \"\"", "unsubscribe = \" \"", "and = \"\\n\""] {
        let run = told_of(label);
        assert!(
            run.stderr.contains("error[empty-value]"),
            "{label}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("--> templates/plain/theme.toml:"),
            "{label}: {}",
            run.stderr
        );
        assert_eq!(run.code, 1, "{label}");
    }
    for label in [
        "unsubscribe = \"**Leave**\"",
        "unsubscribe = \"<b>Leave</b>\"",
        "unsubscribe = \"Leave &amp; go\"",
        "unsubscribe = \"Leave {value}\"",
        "sent_to = \"To {values}\"",
    ] {
        let run = told_of(label);
        let count = run.stderr.matches("warning[literal-markdown]").count();
        assert!(count > 0, "{label}: {}", run.stderr);
        assert!(
            run.stderr.contains("--> templates/plain/theme.toml:"),
            "{label}: {}",
            run.stderr
        );
    }
    for label in ["unsubscribe = \"Leave & go\"", "sent_to = \"To {value}\""] {
        let run = told_of(label);
        assert!(
            run.stderr.contains("no findings"),
            "{label}: {}",
            run.stderr
        );
    }
}

#[test]
fn markdown_and_entities_in_a_single_line_value_are_reported() {
    let told_of = |line: &str| {
        let folder = folder("", "It runs.");
        let issue = folder.read("issues/one.toml");
        folder.write(
            "issues/one.toml",
            &issue.replace("The river in spring", line),
        );
        output(&folder)
    };
    for (line, column) in [
        ("**Big** news", 12),
        ("The *big* news", 16),
        ("The _big_ news", 16),
        ("See [x](y)", 18),
        ("# News", 12),
        ("Fish &amp; chips", 17),
        ("Fish &#38; chips", 17),
        ("Fish&nbsp;chips", 16),
    ] {
        assert_eq!(
            told_of(line),
            [format!("1:{column} literal-markdown")],
            "{line}"
        );
    }
    for line in [
        "Leser*innen und Autor*innen",
        "Fish & chips, R&D, AT&T; Q&As",
        "10 euro* and 5 euro*, 2 * 3 * 4",
        "No. #1 of snake_case_names > 5 [sic]",
    ] {
        assert_eq!(told_of(line), [""; 0], "{line}");
    }
}

#[test]
fn a_subject_of_acronyms_is_not_reported_as_capitals() {
    for (subject, is_shouted) in [
        ("NATO, EU & UN", false),
        ("OECD GDP Q3", false),
        ("UNESCO/UNICEF 2027", false),
        ("WHO: COVID", false),
        ("LAST CALL", true),
        ("BUY NOW: FREE BEER", true),
        ("EU SUMMIT IN PARIS", true),
        ("NUR NOCH EIN TAG", true),
        ("ONE LETTER FOR ALL", true),
    ] {
        let folder = folder("", "It runs.");
        let issue = folder.read("issues/one.toml");
        let issue = issue.replace("The river in spring", subject);
        folder.write("issues/one.toml", &issue);
        let shouted: &[&str] = if is_shouted {
            &["1:11 shouted-subject"]
        } else {
            &[]
        };
        assert_eq!(output(&folder), shouted, "{subject}");
    }
}

#[test]
fn strikethrough_tasks_and_bare_links_are_in_both_parts() {
    let body = "The price is ~~12~~ 10 euro.\n\n- [ ] renew\n- [x] pay\n\n\
        See https://ferry.example/a_b?c=1&d=2. Write to <desk@ferry.example>, mailto:bridge@ferry.example or crew@ferry.example!";
    let (html, text) = parts(&folder("", body));
    for part in [
        "<s>12</s> 10 euro",
        ">\u{2610} renew</li>",
        ">\u{2611} pay</li>",
        "href=\"https://ferry.example/a_b?c=1&amp;d=2\"",
        "href=\"mailto:desk@ferry.example\"",
        "href=\"mailto:crew@ferry.example\"",
        "href=\"mailto:bridge@ferry.example\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    for part in [
        "The price is ~12~ 10 euro.\n",
        "\n* [ ] renew\n* [x] pay\n",
        "See https://ferry.example/a_b?c=1&d=2. Write to desk@ferry.example,",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn an_asterisk_inside_a_word_is_shown() {
    for body in [
        "Leser*innen, Mitarbeiter*innen und jede*r, 2*3*4, 2**8 und 2**16.",
        "f(x)*g(x)*h(x), (a*b)*(c*d) und x*y*z.",
        "Leser_innen, Leser:innen und Autor:innen, er*sie*es, Schüler*innen/Lehrer*innen.",
    ] {
        let folder = folder("", body);
        assert_eq!(output(&folder), [""; 0], "{body}");
        let (html, text) = parts(&folder);
        assert!(html.contains(body), "{html}");
        assert!(squeezed(&text).contains(&squeezed(body)), "{text}");
    }
    let (html, _) = parts(&folder("", "*Alle Leser*innen*, *E*mail und **N**orth"));
    assert!(
        html.contains("<em>Alle Leser*innen</em>, <em>E</em>mail und <strong>N</strong>orth"),
        "{html}"
    );
    let body = "**1**st place, **2**nd place, the **20**th, 21**st**, **100**k, **A**1, *1*st, CO*2*, 2**3**4, 2*3*4";
    let (html, _) = parts(&folder("", body));
    for bold in [
        "1</strong>st place",
        "2</strong>nd",
        "20</strong>th",
        "st</strong>,",
        "100</strong>k",
        "A</strong>1",
    ] {
        assert!(html.contains(bold), "{bold}: {html}");
    }
    assert!(html.contains("CO<em>2</em>, 2**3**4, 2*3*4"), "{html}");
    assert_eq!(output(&folder("", body)), [""; 0]);
    assert_eq!(
        output(&folder("", "un*frigging*believable")),
        ["8:3 literal-markdown"]
    );
    assert_eq!(output(&folder("", "`un*frigging*believable`")), [""; 0]);
}

#[test]
fn a_hard_break_in_an_item_continues_it_in_the_text_part() {
    let body = "1. a\\\n   b\n2. c\n\nAnd:\n\n- d\\\n  e\n- [ ] f\\\n  g\n\n> h\\\n> i";
    let (_, text) = parts(&folder("", body));
    assert!(
        text.contains("\n1. a\n   b\n2. c\n\nAnd:\n\n* d\n  e\n* [ ] f\n  g\n\n> h\n> i\n"),
        "{text}"
    );
}

#[test]
fn paragraphs_in_another_direction_have_a_dir_attribute() {
    let body = "English first.\n\nנהר באביב (3).\n\n- النهر\n- river\n\n> גשר, ומעבורת\n\n## שוק";
    let head = "[[section]]\nkind = \"news\"\nheading = \"חדשות\"\n[[section.item]]\ntitle = \"נהר\"\nbody = \"High.\"\n\
        [[section]]\nkind = \"text\"\nlanguage = \"ar\"\nbody = \"النهر.\\n\\nEnglish again.\"\n";
    let (html, text) = parts(&folder(head, body));
    for part in [
        "<p>English first.</p>",
        "<p dir=\"rtl\">נהר באביב (3).</p>",
        "<li dir=\"rtl\">النهر</li>",
        "<li>river</li>",
        "<p dir=\"rtl\">גשר, ומעבורת</p>",
        "<h2 dir=\"rtl\">חדשות</h2>",
        "dir=\"rtl\">נהר</h3>",
        "<p>High.</p>",
        "<p>النهر.</p>",
        "<p dir=\"ltr\">English again.</p>",
    ] {
        let plain = html
            .split('<')
            .map(without_style)
            .collect::<Vec<_>>()
            .join("<");
        assert!(plain.contains(part), "{part}: {plain}");
    }
    assert!(text.contains("\n* النهر\n* river\n"), "{text}");
}

/// A tag without its `style` and `class`.
fn without_style(tag: &str) -> String {
    let attributes = [" style=\"", " class=\""];
    attributes
        .iter()
        .fold(tag.to_owned(), |tag, name| match tag.split_once(name) {
            Some((before, rest)) => {
                format!("{before}{}", rest.split_once('"').map_or("", |rest| rest.1))
            }
            None => tag,
        })
}

#[test]
fn a_finding_that_occurs_ten_thousand_times_is_reported_fifty_times() {
    let todo = folder("", &"TODO. ".repeat(10_000)).run(&["check", "one"]);
    assert_eq!(todo.stderr.matches("error[leftover]").count(), 51);
    assert!(
        todo.stderr
            .contains("9950 more findings of this kind are not shown")
    );
    let keys: String = (0..10_000).map(|n| format!("key{n} = 1\n")).collect();
    let keys = folder(&keys, "Words.").run(&["check", "one"]);
    assert_eq!(keys.stderr.matches("error[unknown-key]").count(), 50);
    assert!(keys.stderr.contains("this table has more than 50 errors"));
}
