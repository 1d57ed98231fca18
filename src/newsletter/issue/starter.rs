//! The issue that `franking new` and `franking init` create, and its sentences.
//!
//! The text contains the sentences, so `check` recognises each one that is left.

/// The sentences in [`skeleton`] that an editor replaces.
pub const SENTENCES: [&str; 5] = [
    "News from us",
    "One sentence that makes people open this issue.",
    "what this issue is about.",
    "A heading",
    "Markdown: a [link to our pages](https://example.org/), *stress*, and lists.",
];

/// The text of a new issue. It passes `check` with warnings about its sentences.
pub fn skeleton(name: &str, date: Option<&str>) -> String {
    let date = date.unwrap_or("2026-12-01");
    let [subject, preheader, intro, heading, body] = SENTENCES;
    format!(
        r#"title     = "{name}"
subject   = "{subject}"
preheader = "{preheader}"
date      = {date}
# send_at = {date}T09:00:00        # when `franking send --due` sends it
intro = """
Dear {{{{ first_name }}}},

{intro}
"""

[[section]]
kind = "text"
heading = "{heading}"
body = """
{body}
"""

# Other kinds: interview, article, publications, calls, news, events, image, button, quote,
# divider, contents.
"#
    )
}
