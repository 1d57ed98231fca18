//! Links and bare URLs: both parts show the whole address, and misleading ones are reported.

use super::{folder, output, parts, squeezed};

#[test]
fn a_url_beside_a_script_without_spaces_is_never_broken() {
    let url = format!("https://river.example/{}", "long-path/".repeat(9));
    let (_, text) = parts(&folder("", &format!("แม่น้ำในฤดูใบไม้ผลิ {url} ไหลช้า")));
    assert!(text.contains(&url), "{text}");
}

#[test]
fn misleading_links_are_reported() {
    for link in [
        "[see https://bank.example here](https://river.example)",
        "[the bank.example login](https://river.example)",
        "[Bank (bank.example)](https://river.example)",
        "[desk@bank.example](mailto:desk@river.example)",
        "[the page](https://раураӏ.example)",
        "https://ρο.example",
        "[the page](https://www.xn--80ak6aa92e.com/)",
        "[bank。com](https://river.example)",
        "[bank．com](https://river.example)",
        "[ｂａｎｋ.com](https://river.example)",
        "[https://bank.example@river.example](https://river.example)",
        "[bank.com](https://river.example/bank.com)",
        "[www.Bank.com Login](https://river.example)",
        "[see bank.com as before](https://river.example)",
        "[main.rs](https://river.example/other)",
    ] {
        let output = output(&folder("", link));
        assert_eq!(output.len(), 1, "{link}: {output:?}");
        assert!(output[0].ends_with(" deceptive-link"), "{link}: {output:?}");
    }
    for link in [
        "[see https://river.example here](https://www.river.example)",
        "[Node.js, St.Pauli and v1.2, e.g. report.pdf](https://river.example)",
        "[the shop (river.example)](https://shop.river.example)",
        "[страница](https://яндекс.example) [адрес](https://оса.ru)",
        "[main.rs](https://river.example/main.rs)",
        "[setup.py](https://river.example/src/setup.py#L4)",
        "[deploy.sh](https://river.example/view?path=src/deploy.sh)",
        "[data.json](https://river.example/3)",
        "[@boats.river.social](https://sky.example/profile/boats.river.social)",
        "[@boats@river.social](https://sky.example/@boats@river.social)",
        "[Amazon.com, Inc. v. Commission](https://river.example/y)",
        "[Commission v Booking.com](https://river.example/y)",
        "[Booking.com Holding](https://river.example/y)",
        "[the check of booking.com plc](https://river.example/y)",
        "[これは本です。次の文](https://river.example)",
        "[https://boats@river.example/x](https://river.example)",
    ] {
        assert_eq!(output(&folder("", link)), [""; 0], "{link}");
    }
}

#[test]
fn a_title_that_leads_to_another_host_than_it_shows_is_reported() {
    let told_of = |kind: &str, keys: &str, title: &str| {
        let folder = folder("", "It runs.");
        let issue = folder.read("issues/one.toml");
        let item = match kind {
            "article" => format!(
                "heading = \"{title}\"\nbody = \"Words.\"\nlink.url = \"https://river.example\"\n{keys}\n"
            ),
            _ => format!(
                "[[section.item]]\ntitle = \"{title}\"\nurl = \"https://river.example\"\n{keys}\n"
            ),
        };
        let section = format!("\n[[section]]\nkind = \"{kind}\"\n{item}");
        folder.write("issues/one.toml", &format!("{issue}{section}"));
        output(&folder)
    };
    let kinds = [
        ("news", ""),
        ("calls", ""),
        ("events", "start = 2026-12-20"),
        ("publications", ""),
        ("article", ""),
    ];
    for (kind, keys) in kinds {
        let output = told_of(kind, keys, "www.bank.example/login");
        assert_eq!(output.len(), 1, "{kind}: {output:?}");
        assert!(output[0].ends_with(" deceptive-link"), "{kind}: {output:?}");
        for title in ["The river", "www.river.example/login"] {
            assert_eq!(told_of(kind, keys, title), [""; 0], "{kind}: {title}");
        }
    }
    // The words lead there, and the title does not.
    let words = "link_text = \"The page of the river\"";
    assert_eq!(told_of("news", words, "www.bank.example/login"), [""; 0]);
}

#[test]
fn misleading_urls_and_names_of_the_settings_are_reported() {
    let told_of = |key: &str, value: &str| {
        let folder = folder("", "It runs.");
        let settings = folder.read("newsletter.toml");
        let kept = settings.lines().filter(|line| !line.starts_with(key));
        let settings: String = kept.map(|line| format!("{line}\n")).collect();
        folder.write("newsletter.toml", &format!("{key} = '{value}'\n{settings}"));
        folder.run(&["check", "one"]).stderr
    };
    for (key, value, code) in [
        (
            "web_url",
            "https://user:word@letter.plain.example",
            "deceptive-link",
        ),
        ("web_url", "https://localhost:8080", "private-link"),
        ("web_url", "https://wiki", "private-link"),
        ("web_url", "https://127.0.0.1/x", "private-link"),
        (
            "privacy_url",
            "https://plain.example@evil.example/",
            "deceptive-link",
        ),
        ("privacy_url", "https://nas.local/", "private-link"),
        (
            "from",
            "\"ceo@bank.example\" <x@plain.example>",
            "deceptive-sender",
        ),
        (
            "from",
            "The Bank (https://bank.example) <x@plain.example>",
            "deceptive-sender",
        ),
        (
            "reply_to",
            "ceo@bank.example <x@plain.example>",
            "deceptive-sender",
        ),
    ] {
        let stderr = told_of(key, value);
        assert!(
            stderr.contains(&format!("warning[{code}]")),
            "{value}: {stderr}"
        );
        assert!(
            stderr.contains("--> newsletter.toml:1:"),
            "{value}: {stderr}"
        );
    }
    for (key, value) in [
        ("web_url", "https://letter.plain.example/a@b"),
        ("from", "x@plain.example <x@plain.example>"),
        (
            "from",
            "News @ Plain, www.plain.example <x@mail.plain.example>",
        ),
    ] {
        let stderr = told_of(key, value);
        assert!(stderr.contains("no findings"), "{value}: {stderr}");
    }
}

#[test]
fn a_bare_url_keeps_characters_that_markdown_uses() {
    let urls = [
        "https://a.example/a*b*c",
        "https://a.example/_a_b_",
        "https://a.example/?y=**z**",
        "https://a.example/~crew~/__x__y",
    ];
    let body = format!(
        "{}\n\nIt is **here: {}**, *{}*.\n\n[words]({}) and `{}`.",
        urls.join(" and *so* "),
        urls[0],
        "https://b.example/",
        urls[1],
        urls[2],
    );
    let (html, text) = parts(&folder("", &body));
    for url in urls {
        assert!(html.contains(&format!("href=\"{url}\"")), "{url}: {html}");
        assert!(html.contains(&format!(">{url}</a>")), "{url}: {html}");
        assert!(text.contains(url), "{url}: {text}");
    }
    assert!(html.contains("href=\"https://b.example/\""), "{html}");
    assert!(
        text.contains("*here: https://a.example/a*b*c*, _https://b.example/_."),
        "{text}"
    );
    assert!(!html.contains(['\u{1}', '\u{2}', '\u{3}']), "{html}");
}

#[test]
fn the_destination_of_a_link_keeps_characters_that_markdown_uses() {
    let body = "[a](https://river.example/a_b_c), [b](<https://river.example/a*b*c>), \
        [c](\nhttps://river.example/~d~), <https://river.example/e_f>, [g][g] and [h](mailto:a*b*c@river.example).\n\n\
        [g]: https://river.example/g_h*i*\n";
    let folder = folder("", body);
    assert_eq!(output(&folder), [""; 0]);
    let urls = [
        "https://river.example/a_b_c",
        "https://river.example/a*b*c",
        "https://river.example/~d~",
        "https://river.example/e_f",
        "https://river.example/g_h*i*",
        "mailto:a*b*c@river.example",
    ];
    assert_eq!(links(&parts(&folder).0), urls);
}

#[test]
fn ten_thousand_reference_links_are_all_in_both_parts() {
    let links: String = (0..10_000).map(|n| format!("[w{n}][r{n}] ")).collect();
    let targets: String = (0..10_000)
        .map(|n| format!("[r{n}]: https://a.example/{n}\n"))
        .collect();
    let folder = folder("", &format!("{links}\n\n{targets}"));
    let run = folder.run(&["check", "one"]);
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("error[clipped]"), "{}", run.stderr);
    assert!(!run.stderr.contains("lost-link"), "{}", run.stderr);
}

/// What `href` attributes of the section's links say, in the order of the text.
fn links(html: &str) -> Vec<String> {
    let hrefs = html.split("<a ").skip(1).filter_map(|tag| {
        let (_, rest) = tag.split('>').next()?.split_once("href=\"")?;
        rest.split('"').next()
    });
    let own = hrefs.filter(|url| url.contains("river.example"));
    own.map(str::to_owned).collect()
}

#[test]
fn a_bare_url_ends_where_text_without_spaces_begins() {
    for (body, url) in [
        (
            "詳細はhttps://river.example/aを見て",
            "https://river.example/a",
        ),
        ("「https://river.example/a。」と", "https://river.example/a"),
        ("（https://river.example/a）を", "https://river.example/a"),
        ("访问https://river.example！谢谢", "https://river.example"),
        (
            "https://river.example/a를 보세요",
            "https://river.example/a",
        ),
        ("https://river.example/a(참고)", "https://river.example/a"),
        ("ดูที่https://river.example/aครับ", "https://river.example/a"),
        (
            "راجع https://river.example/a، ثم",
            "https://river.example/a",
        ),
        ("„https://river.example/a“ sagt", "https://river.example/a"),
        ("[https://river.example/a]", "https://river.example/a"),
        (
            "See {https://river.example/?a[0]={b}}.",
            "https://river.example/?a[0]={b}",
        ),
        ("https://river.example/a… and", "https://river.example/a"),
        ("https://river.example’s page", "https://river.example"),
        (
            "連絡先：desk@river.exampleまで",
            "mailto:desk@river.example",
        ),
        ("連絡先desk@river.example。", "mailto:desk@river.example"),
        (
            "https://river.example/Foo_(bar).",
            "https://river.example/Foo_(bar)",
        ),
        ("https://river.example/Köln!", "https://river.example/Köln"),
        (
            "См. https://river.example/Москва.",
            "https://river.example/Москва",
        ),
        (
            "https://river.example/東京 へ",
            "https://river.example/東京",
        ),
        (
            "https://東京.river.example/aを",
            "https://東京.river.example/a",
        ),
    ] {
        let folder = folder("", body);
        let (html, text) = parts(&folder);
        assert_eq!(links(&html), [url], "{body}");
        assert!(squeezed(&text).contains(&squeezed(body)), "{body}: {text}");
        assert_eq!(output(&folder), [""; 0], "{body}");
    }
}

#[test]
fn a_url_with_an_ambiguous_end_is_reported() {
    for body in [
        "参照https://river.example/wiki/東京",
        "https://river.example/aوشاهد",
    ] {
        let output = output(&folder("", body));
        assert_eq!(output.len(), 1, "{body}: {output:?}");
        assert!(output[0].ends_with(" mistyped-link"), "{body}: {output:?}");
    }
    let body = "参照 <https://river.example/wiki/東京>";
    assert_eq!(output(&folder("", body)), [""; 0]);
}

#[test]
fn a_url_in_a_script_without_spaces_is_not_broken() {
    let url = format!("https://river.example/{}", "川の地名".repeat(20));
    let (_, text) = parts(&folder("", &format!("The river runs here. {url}")));
    assert!(text.contains(&url), "{text}");
}
