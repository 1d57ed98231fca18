//! What Outlook on Windows alone reads: tables inside conditional comments.
//!
//! Word knows `max-width` on tables only and padding on cells only. The widths are CSS, for attributes do
//! not scale with the screen at 120 dpi.

use maud::{Markup, PreEscaped, html};

/// The sheet's column, centred.
pub(super) fn column(width: u32, inside: &Markup) -> Markup {
    let open = format!(
        "<!--[if mso]><table role=\"presentation\" align=\"center\" cellspacing=\"0\" cellpadding=\"0\" \
         border=\"0\" style=\"width:{width}px\"><tr><td style=\"padding:0 24px\"><![endif]-->"
    );
    html! {
        (PreEscaped(open)) (inside) (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
    }
}

/// A picture beside a text: two cells, the first `width` pixels wide.
pub(super) fn beside(width: u32, first: &Markup, second: &Markup) -> Markup {
    let open = format!(
        "<!--[if mso]><table role=\"presentation\" cellspacing=\"0\" cellpadding=\"0\" border=\"0\"><tr>\
         <td valign=\"top\" style=\"width:{width}px;padding-right:20px\"><![endif]-->"
    );
    html! {
        (PreEscaped(open)) (first)
        (PreEscaped("<!--[if mso]></td><td valign=\"top\"><![endif]-->")) (second)
        (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
    }
}

/// A button's ground: Word gives a link no padding, a cell it does.
pub(super) fn cell(class: &str, inside: &Markup) -> Markup {
    let open = format!(
        "<!--[if mso]><table role=\"presentation\" cellspacing=\"0\" cellpadding=\"0\" border=\"0\"><tr>\
         <td class=\"{class}\" style=\"padding:12px 22px\"><![endif]-->"
    );
    html! {
        (PreEscaped(open)) (inside) (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
    }
}
