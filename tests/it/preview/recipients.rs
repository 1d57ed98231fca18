//! The message for one recipient: anyone on the list, and unusual ones that editors forget.

use scraper::{Html, Selector};

use super::Preview;
use crate::support::Folder;
use crate::support::relay::{self, Relay};

/// The plain newsletter with a section for members, a rule for its audience, and subscribers of every status.
fn newsletter() -> Folder {
    let folder = Folder::with("plain");
    let issue = folder.read("issues/one.toml").replacen(
        "date      = 2026-12-01\n",
        "date      = 2026-12-01\naudience = \"not tag:press\"\n",
        1,
    );
    let members = "\n[[section]]\nkind = \"text\"\nheading = \"For members\"\nwhen = \"tag:members\"\nbody = \"Among us.\"\n";
    folder.write("issues/one.toml", &(issue + members));
    let more = "\n[[subscriber]]\nemail = \"press@plain.example\"\ntags = [\"press\"]\n\n\
                [[subscriber]]\nemail = \"läserin@plain.example\"\n\n\
                [[subscriber]]\nemail = \"dora@plain.example\"\nname = \"Dora Plain\"\ntags = [\"members\"]\n";
    folder.write(
        "subscribers.toml",
        &(folder.read("subscribers.toml") + more),
    );
    folder
}

/// The recipient that the page shows, and why the message would not be sent.
fn output(preview: &Preview, reader: &str) -> (String, String) {
    let query: String = url::form_urlencoded::byte_serialize(reader.as_bytes()).collect();
    let page = preview.get(&format!("/issue/one?recipient={query}"));
    let why = page.words("#notice > p").into_iter().skip(1);
    (page.words(".chosen").concat(), why.collect())
}

#[test]
fn a_subscriber_who_would_not_get_the_message_is_reported() {
    let preview = Preview::of(newsletter());
    for (reader, whose, why) in [
        ("ada@plain.example", "Ada Plain <ada@plain.example>", ""),
        ("ADA@plain.example", "Ada Plain <ada@plain.example>", ""),
        (
            "gone@plain.example",
            "gone@plain.example",
            "gone@plain.example gets no message: unsubscribed",
        ),
        (
            "press@plain.example",
            "press@plain.example",
            "press@plain.example gets no message: not in the audience",
        ),
        (
            "läserin@plain.example",
            "läserin@plain.example",
            "läserin@plain.example gets no message: unsendable",
        ),
        (
            "nobody@plain.example",
            "a subscriber without a name",
            "`nobody@plain.example` is not on the list",
        ),
        (
            "<b>",
            "a subscriber without a name",
            "`<b>` is not on the list",
        ),
        ("", "a subscriber without a name", ""),
    ] {
        assert_eq!(
            output(&preview, reader),
            (whose.to_owned(), why.to_owned()),
            "{reader}"
        );
    }
}

#[test]
fn unusual_subscribers_are_previewed() {
    let preview = Preview::of(newsletter());
    for (reader, dear) in [
        ("odd:nameless", "Dear reader,"),
        ("odd:long", "Dear Wilhelmina-Konstanzia Theodora,"),
        ("odd:signs", "Dear <b>Ann</b> & \"Bo\","),
        ("odd:hebrew", "Dear נועה,"),
        ("odd:abroad", "Dear reader,"),
        ("ada@plain.example", "Dear Ada,"),
    ] {
        let frame = preview.get(&format!("/mail/one?recipient={reader}")).html();
        let words: String = frame.root_element().text().collect();
        assert!(words.contains(dear), "{reader}: {words}");
        let page = preview.get(&format!("/issue/one?recipient={reader}&tab=text"));
        assert!(
            page.words("pre.plain-text").concat().contains(dear),
            "{reader}"
        );
        assert!(
            page.words("#inbox strong")[2].starts_with("One, for"),
            "{reader}"
        );
        let raw = preview.get(&format!("/raw/one?recipient={reader}"));
        assert_eq!(raw.status, 200, "{reader}");
    }
}

#[test]
fn the_list_is_searched_by_name_and_address() {
    let preview = Preview::of(newsletter());
    for (words, found) in [
        ("plain+ADA", &["ada@plain.example"][..]),
        ("ora+plain", &["dora@plain.example"]),
        ("bo%40", &["bo@plain.example"]),
        ("nobody", &[]),
    ] {
        let options = preview.get(&format!("/recipients?q={words}")).text();
        let options = Html::parse_fragment(&format!("<datalist>{options}</datalist>"));
        let option = Selector::parse("option").expect("a selector");
        let values: Vec<&str> = options
            .select(&option)
            .filter_map(|o| o.attr("value"))
            .collect();
        assert_eq!(values, found, "{words}");
    }
}

#[test]
fn messages_that_differ_are_shown_side_by_side() {
    let preview = Preview::of(newsletter());
    let variants = |reader: &str| {
        let page = preview.get(&format!("/issue/one?recipient={reader}"));
        (
            page.words(".variants li"),
            page.words(".variants [aria-current]"),
        )
    };
    let members = "Ada Plain <ada@plain.example> and 1 more".to_owned();
    let others = "Bo <bo@plain.example> and 1 more".to_owned();
    let (all, current) = variants("ada%40plain.example");
    assert_eq!(
        (all.len(), &current),
        (2, &vec![members.clone()]),
        "{all:?}"
    );
    assert_eq!(
        variants("bo%40plain.example"),
        (all.clone(), vec![others.clone()])
    );
    assert!(all.contains(&members) && all.contains(&others), "{all:?}");
    let page = preview
        .get("/issue/one?recipient=ada%40plain.example")
        .html();
    let thumbs = Selector::parse(".variants iframe").expect("a selector");
    for thumb in page.select(&thumbs) {
        assert_eq!(thumb.attr("sandbox"), Some(""));
        let source = thumb
            .attr("src")
            .expect("a source")
            .strip_prefix(&preview.base)
            .expect("our own");
        let letter = preview.get(source).text();
        assert_eq!(
            letter.contains("Among us."),
            source.contains("ada"),
            "{source}"
        );
    }
}

/// The text of the page about the recipients.
fn goes_to(preview: &Preview) -> String {
    preview.get("/issue/one").words(".facts dd")[0].clone()
}

#[test]
fn the_recipients_are_counted_as_a_plan_counts_them() {
    let relay = Relay::start(relay::BadDay {
        later: "4.3.0 later",
    });
    let folder = newsletter();
    let once = folder.read("subscribers.toml");
    // Twice active, in two spellings; and one whose address the first campaign finds dead.
    let more = "\n[[subscriber]]\nemail = \"Bo@PLAIN.example\"\n\n\
                [[subscriber]]\nemail = \"r3@plain.example\"\n";
    folder.write("subscribers.toml", &(once.clone() + more));
    let text = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &format!("{text}\n{}", relay::smtp(relay.port, "none", 1)),
    );
    let issue = folder.read("issues/one.toml");
    folder.write(
        "issues/first.toml",
        &issue.replacen("subject   = \"", "subject   = \"First: ", 1),
    );
    let sent = folder.run(&["send", "first", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);

    let plan = folder.run(&["plan", "one", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).expect("JSON");
    let preview = Preview::of(folder);
    let said = goes_to(&preview);
    let readers = plan["recipients"].as_u64().expect("a count");
    assert!(
        said.starts_with(&format!("{readers} recipients")),
        "{said}, and the plan: {readers}"
    );
    assert!(said.contains("1 bounced"), "{said}");
    assert_eq!(
        output(&preview, "r3@plain.example").1,
        "r3@plain.example gets no message: bounced"
    );
    let page = preview.get("/issue/one?recipient=bo%40plain.example");
    let variants = page.words(".variants li");
    let others = |words: &str| {
        words.split(" and ").nth(1).map_or(1, |more| {
            1 + more
                .split(' ')
                .next()
                .and_then(|n| n.parse::<u64>().ok())
                .unwrap_or_default()
        })
    };
    let all: u64 = variants.iter().map(|words| others(words)).sum();
    assert_eq!(all, readers, "{variants:?}");
}
