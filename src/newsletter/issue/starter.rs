//! The issue that `franking new` and `franking init` begin with, and its sentences.
//!
//! The text is made of the sentences, so that `check` recognises each of them where it is left.

/// The sentences that an editor replaces, as they stand in [`skeleton`].
pub const SENTENCES: [&str; 5] = [
    "News from us",
    "One sentence that makes somebody open the letter.",
    "what this letter is about.",
    "A heading",
    "Markdown: a [link to our pages](https://example.org/), *stress*, and lists.",
];

/// An issue to begin with. It passes `check` with warnings about its sentences.
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
