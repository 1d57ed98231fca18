//! The document's head. The style blocks are put in after inlining, by [`super::inline`].

use maud::{Markup, PreEscaped, html};

use crate::compile::context::RenderContext;

/// Word draws at 96 pixels an inch, whatever the screen's scale.
const WORD: &str = "<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/>\
    <o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->";

/// The head of the document.
pub(super) fn head(context: &RenderContext<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            // Apple Mail on the Mac and Thunderbird ask for this before they use dark rules.
            meta name="color-scheme" content="light dark";
            meta name="supported-color-schemes" content="light dark";
            // iOS makes blue links of dates and numbers.
            meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
            meta name="x-apple-disable-message-reformatting" content="yes";
            title { (context.title()) }
            (PreEscaped(WORD))
        }
    }
}
