//! Text that was not meant for a recipient: starter text, notes, merge conflicts, merge fields of other programs.

use super::{folder, output};
use crate::support::Folder;

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
fn every_value_of_the_starter_is_recognised() {
    let folder = Folder::empty();
    let run = folder.run(&["init", "new"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let count = |file: &str| {
        let run = folder.run(&["-C", "new", "check"]);
        if file.starts_with("issues/") {
            // One finding for all passages, at the first.
            let others = run.stderr.split_once("`News from us` and ");
            let others = others.and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
            return others.map_or(0, |others| others + 1);
        }
        let output = crate::compile::findings::reported(&run.stderr);
        let of_file = output
            .iter()
            .filter(|(place, _)| place.starts_with(&format!("new/{file}")));
        of_file.filter(|(_, code)| code == "starter-text").count()
    };
    assert_eq!(count("issues/first.toml"), 5);
    assert_eq!(count("newsletter.toml"), 3);
    for (file, starter, own) in [
        (
            "issues/first.toml",
            "what this issue is about.",
            "the river is high.",
        ),
        (
            "newsletter.toml",
            "leave@example.org",
            "leave@river.example",
        ),
    ] {
        let path = format!("new/{file}");
        folder.write(&path, &folder.read(&path).replace(starter, own));
    }
    assert_eq!(count("issues/first.toml"), 4);
    assert_eq!(count("newsletter.toml"), 2);
}

#[test]
fn a_merge_conflict_inside_a_text_is_one_error() {
    let whole = "<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> anna/changes";
    for (body, found) in [
        (format!("Good text.\n\n{whole}"), vec![10]),
        (format!("{whole}\n\nGood text.\n\n{whole}"), vec![16, 8]),
        (
            "<<<<<<< HEAD\nA\n||||||| 1a2b3c4\nC\n=======\nB\n>>>>>>> anna".to_owned(),
            vec![8],
        ),
        (
            "<<<<<<< HEAD\n- A\n=======\n- B\n>>>>>>>".to_owned(),
            vec![8],
        ),
        ("Words.\n\n<<<<<<< HEAD\nA".to_owned(), vec![10]),
        ("A\n=======\nB\n>>>>>>> anna".to_owned(), vec![9]),
    ] {
        let expected: Vec<String> = found
            .iter()
            .map(|line| format!("{line}:1 syntax"))
            .collect();
        assert_eq!(output(&folder("", &body)), expected, "{body}");
    }
    let folder = folder("", "Words.");
    let issue = folder.read("issues/one.toml");
    let intro = format!("intro = \"\"\"\n{whole}\n\"\"\"\n\n[[section]]");
    folder.write("issues/one.toml", &issue.replacen("[[section]]", &intro, 1));
    let run = folder.run(&["check", "one"]);
    assert!(
        run.stderr.contains("unresolved merge conflict"),
        "{}",
        run.stderr
    );
    assert_eq!((run.code, output(&folder).len()), (1, 1), "{}", run.stderr);
}

#[test]
fn lines_that_only_look_like_a_merge_conflict_are_silent() {
    for body in [
        "A heading\n=======\n\nWords.",
        "Resolve it:\n\n```\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> anna\n```\n\nWords.",
        ">>>>>>> a quotation in six others",
        "A heading\n=======\n\nWords and `>>>>>>> code`.",
    ] {
        assert_eq!(output(&folder("", body)), [""; 0], "{body}");
    }
}

#[test]
fn notes_in_ordinary_language_are_silent() {
    for body in [
        "¡TODO gratis! Es un MÉTODO.",
        "TODO INCLUIDO",
        "The ferry TK 1938 and Super Bowl XXX: the film.",
    ] {
        assert_eq!(output(&folder("", body)), [""; 0], "{body}");
    }
    let spanish = "language = \"es\"\n";
    assert!(
        !output(&folder(spanish, "TODO sobre el río."))
            .iter()
            .any(|output| output.contains("leftover"))
    );
    let item = |language: &str| {
        format!(
            "[[section]]\nkind = \"news\"\n{language}\n[[section.item]]\ntitle = \"TODO sobre el río.\"\n"
        )
    };
    for language in ["", "language = \"es\""] {
        let sections = item(language) + "language = \"es\"";
        let output = output(&folder(&sections, "TODO ask the crew."));
        assert_eq!(output.len(), 1, "{output:?}");
        assert!(output[0].ends_with(":1 leftover"), "{output:?}");
    }
    let left = output(&folder(&item("language = \"es\""), "Words."));
    assert_eq!(left, [""; 0]);
    let left = output(&folder(&item("language = \"fr\""), "Words."));
    assert_eq!(left, ["8:10 leftover"]);
    assert_eq!(
        output(&folder("", "Dear [Name],")),
        ["8:6 foreign-placeholder"]
    );
    assert_eq!(output(&folder("", "TODO ask the crew.")), ["8:1 leftover"]);
}

#[test]
fn a_note_that_may_be_meant_is_a_warning_that_can_be_allowed() {
    for (language, body) in [
        ("en", "Venue TBC"),
        ("en", "Speaker: TBD"),
        ("en", "The date is TBD, the tickets (TBC)."),
        ("en", "Price: XXX."),
        ("en", "The date [TK]"),
        ("de", "Ort: TBC"),
        ("es", "TODO: revisar"),
    ] {
        let folder = folder(&format!("language = \"{language}\"\n"), body);
        let found = output(&folder);
        assert!(!found.is_empty(), "{body}");
        for one in found {
            assert!(one.ends_with(" possible-leftover"), "{body}: {one}");
        }
        let settings = folder.read("newsletter.toml");
        let allowed = "[check]\nallow = { possible-leftover = \"it is still open\" }\n";
        folder.write("newsletter.toml", &format!("{settings}\n{allowed}"));
        assert_eq!(output(&folder), [""; 0], "{body}");
    }
    for (language, body) in [
        (
            "de",
            "Die Barmer und die Techniker Krankenkasse (TK) fördern das Projekt.",
        ),
        ("de", "Die TBC-Impfung und die Tuberkulose (TBC)."),
        ("es", "La TBC se cura. Es TODO: gratis."),
        ("it", "La TBC resta una malattia diffusa."),
        ("ro", "Lupta contra TBC continuă."),
        ("en", "Search for `TODO`, `TBC` and ``FIXME`` in the code."),
        ("de", "TODO-Listen helfen."),
    ] {
        let folder = folder(&format!("language = \"{language}\"\n"), body);
        assert_eq!(output(&folder), [""; 0], "{body}");
    }
    for body in ["TODO: ask", "Lorem ipsum", "FIXME", "`A` and FIXME"] {
        let output = output(&folder("", body));
        assert_eq!(output.len(), 1, "{output:?}");
        assert!(output[0].ends_with(" leftover"), "{output:?}");
    }
}

#[test]
fn the_hint_of_a_merge_field_names_the_placeholder() {
    for (field, own) in [
        ("{FirstName}", "first_name"),
        ("{{{ lname }}}", "last_name"),
        ("%recipient.email%", "email"),
        ("||name||", "name"),
        ("<%= unsubscribe_url %>", "unsubscribe_url"),
        ("[[town]]", "town"),
    ] {
        let folder = folder("", "It runs.");
        let issue = folder.read("issues/one.toml");
        folder.write(
            "issues/one.toml",
            &issue.replace("The river in spring", &format!("Dear {field}")),
        );
        let run = folder.run(&["send", "one", "--yes"]);
        let hint = format!("hint: write `{{{{ {own} }}}}`");
        assert!(run.stderr.contains(&hint), "{field}: {}", run.stderr);
        assert_eq!(run.code, 1, "{field}: {}", run.stderr);
    }
}

#[test]
fn merge_fields_of_other_programs_are_errors_in_every_value() {
    let fields = [
        "{first_name}}",
        "{!Contact.FirstName}",
        "__NAME__",
        "__first_name__",
        "$first_name$",
        "$FirstName",
        ":first_name",
        "#FirstName#",
        "@FIRSTNAME@",
        "[Name,fallback=friend]",
        "{contactfield=firstname}",
        "[NAME]",
        "[[firstname]]",
        "%FIRSTNAME%",
        "%(name)s",
        "«First_Name»",
        "{% if name %}",
        "[Name]",
        "$NAME",
    ];
    let folder = folder("", "Dear FIELD,\n\nWords.");
    let issue = folder.read("issues/one.toml");
    for field in fields {
        folder.write("issues/one.toml", &issue.replace("FIELD", field));
        assert_eq!(output(&folder), ["8:6 foreign-placeholder"], "{field}");
        let subject = issue
            .replace("FIELD", "all")
            .replace("The river in spring", &format!("Dear {field}"));
        folder.write("issues/one.toml", &subject);
        assert_eq!(output(&folder), ["1:17 foreign-placeholder"], "{field}");
    }
    for field in [
        "{{ .Subscriber.FirstName }}",
        "{{ first_name|default:'' }}",
        "{{#if name}}",
    ] {
        folder.write("issues/one.toml", &issue.replace("FIELD", field));
        assert_eq!(output(&folder), ["8:6 placeholder"], "{field}");
    }
}

#[test]
fn merge_fields_in_the_settings_and_the_template_are_errors() {
    for (file, from, to) in [
        ("newsletter.toml", "Plain Society", "*|LIST:ADDRESS|*"),
        ("newsletter.toml", "\"The Plain Letter <", "\"[FNAME] <"),
        ("newsletter.toml", "\"reader\"", "\"{first_name}\""),
        ("newsletter.toml", "Plain Society", "{{ first_name }}"),
        (
            "templates/plain/theme.toml",
            "[color]",
            "[labels]\nsent_to = \"To {email}: {value}\"\n[color]",
        ),
    ] {
        let folder = folder("", "It runs.");
        folder.write(file, &folder.read(file).replace(from, to));
        let run = folder.run(&["check", "one"]);
        assert_eq!(run.code, 1, "{to}: {}", run.stderr);
        assert_eq!(
            run.stderr.matches("error[").count(),
            1,
            "{to}: {}",
            run.stderr
        );
        assert!(run.stderr.contains("placeholder]"), "{to}: {}", run.stderr);
        assert!(
            run.stderr.contains(&format!(" --> {file}:")),
            "{to}: {}",
            run.stderr
        );
    }
}
