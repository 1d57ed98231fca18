//! The formats of the privacy notice.

use super::sections::NoticeSection;
use crate::language::PrivacyTexts;
use crate::util::escape;

/// Characters of a value that Markdown would take for markup, so that they get a backslash.
const MARKUP: [char; 9] = ['\\', '`', '*', '_', '[', ']', '<', '>', '&'];

/// A value of the settings in Markdown. An underscore within a word is not markup.
pub(super) fn markdown_value(value: &str) -> String {
    let mut escaped = String::new();
    let mut characters = value.chars().peekable();
    let mut before = None;
    while let Some(c) = characters.next() {
        let next = characters.peek();
        let is_within = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let is_harmless = c == '_' && is_within(before.as_ref()) && is_within(next);
        if MARKUP.contains(&c) && !is_harmless {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// A value of the settings in HTML.
pub(super) fn html_value(value: &str) -> String {
    let mut escaped = String::new();
    escape::html(value, &mut escaped);
    escaped
}

/// Headings, paragraphs, and lists with labels in bold.
pub(super) fn markdown(title: &str, sections: &[NoticeSection], texts: &PrivacyTexts) -> String {
    let colon = texts.language.colon();
    let mut out = format!("# {title}\n");
    for section in sections {
        if let Some(heading) = &section.heading {
            out.push_str(&format!("\n## {heading}\n"));
        }
        let mut is_in_list = false;
        for paragraph in &section.paragraphs {
            if !(is_in_list && paragraph.label.is_some()) {
                out.push('\n');
            }
            is_in_list = paragraph.label.is_some();
            match &paragraph.label {
                Some(label) => {
                    out.push_str(&format!("- **{label}{colon}** {}\n", paragraph.text));
                }
                None => out.push_str(&format!("{}\n", paragraph.text)),
            }
        }
    }
    out
}

/// A `section` with its language and direction. The texts of the program need no escaping; a test checks that.
pub(super) fn html(title: &str, sections: &[NoticeSection], texts: &PrivacyTexts) -> String {
    let (language, colon) = (&texts.language, texts.language.colon());
    let direction = language.direction().as_str();
    let mut out = format!("<section lang=\"{language}\" dir=\"{direction}\">\n<h2>{title}</h2>\n");
    for section in sections {
        if let Some(heading) = &section.heading {
            out.push_str(&format!("<h3>{heading}</h3>\n"));
        }
        let mut is_in_list = false;
        for paragraph in &section.paragraphs {
            if is_in_list != paragraph.label.is_some() {
                is_in_list = !is_in_list;
                out.push_str(if is_in_list { "<ul>\n" } else { "</ul>\n" });
            }
            let text = &paragraph.text;
            match &paragraph.label {
                Some(label) => {
                    out.push_str(&format!(
                        "<li><strong>{label}{colon}</strong> {text}</li>\n"
                    ));
                }
                None => out.push_str(&format!("<p>{text}</p>\n")),
            }
        }
        if is_in_list {
            out.push_str("</ul>\n");
        }
    }
    out + "</section>\n"
}
