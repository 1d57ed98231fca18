//! The head of the document. [`super::inline`] adds the style blocks.

use maud::{Markup, PreEscaped, html};

use crate::compile::context::RenderContext;

/// Makes Word render at 96 pixels per inch at any screen scale.
const WORD: &str = "<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/>\
    <o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->";

/// The head of the document.
pub(super) fn head(context: &RenderContext<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            // Apple Mail on macOS and Thunderbird require this to apply rules for dark mode.
            meta name="color-scheme" content="light dark";
            meta name="supported-color-schemes" content="light dark";
            // iOS turns dates and numbers into blue links.
            meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
            meta name="x-apple-disable-message-reformatting" content="yes";
            title { (context.title()) }
            (PreEscaped(WORD))
        }
    }
}
