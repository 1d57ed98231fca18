//! Tables in conditional comments, which only Outlook on Windows reads.
//!
//! Word supports `max-width` on tables only and padding on cells only. Widths are set in CSS, because attributes do not
//! scale with the screen at 120 dpi. A template's rules do not apply inside comments, so widths and colours come from
//! the theme.

use maud::{Markup, PreEscaped, html};

use crate::compile::context::RenderContext;
use crate::language::Direction;

/// The space between a picture and the text next to it, in CSS pixels.
const GAP: u32 = 20;

/// The space around both, in CSS pixels, because Word ignores the padding of a `div`.
const INSET: u32 = 14;

/// The centred column of the message.
pub(super) fn column(context: &RenderContext<'_>, inside: &Markup) -> Markup {
    let (width, margin) = (context.template.width, context.template.margin);
    let style = format!("width:{}px", width + 2 * margin);
    let cell = format!(" style=\"padding:0 {margin}px\"");
    table(context, " align=\"center\"", &style, &cell, inside)
}

/// A picture next to a text: two cells, the first with the width of a portrait.
pub(super) fn beside(context: &RenderContext<'_>, first: &Markup, second: &Markup) -> Markup {
    let width = context.template.portrait;
    let side = match context.direction() {
        Direction::LeftToRight => "right",
        Direction::RightToLeft => "left",
    };
    let cell = format!(
        " valign=\"top\" style=\"width:{width}px;padding:{INSET}px;padding-{side}:{GAP}px\""
    );
    let between =
        format!("<!--[if mso]></td><td valign=\"top\" style=\"padding:{INSET}px 0\"><![endif]-->");
    let between = PreEscaped(between);
    table(
        context,
        "",
        "",
        &cell,
        &html! { (first) (between) (second) },
    )
}

/// The background of a button. Word ignores the padding of a link, but not of a cell. The colour is both an attribute
/// and a style, because some versions support only one of them.
pub(super) fn background(context: &RenderContext<'_>, inside: &Markup) -> Markup {
    let cell = match context.template.button() {
        Some(colour) => {
            format!(" bgcolor=\"{colour}\" style=\"padding:12px 24px;background-color:{colour}\"")
        }
        None => " style=\"padding:12px 24px\"".to_owned(),
    };
    let align = match context.template.centres_buttons() {
        true => " align=\"center\"",
        false => "",
    };
    table(context, align, "", &cell, inside)
}

/// Content for all clients except Outlook on Windows.
pub(super) fn except_word(inside: &Markup) -> Markup {
    html! {
        (PreEscaped("<!--[if !mso]><!-->")) (inside) (PreEscaped("<!--<![endif]-->"))
    }
}

fn table(
    context: &RenderContext<'_>,
    attributes: &str,
    style: &str,
    cell: &str,
    inside: &Markup,
) -> Markup {
    let direction = match context.direction() {
        Direction::LeftToRight => "",
        Direction::RightToLeft => " dir=\"rtl\"",
    };
    let style = match style {
        "" => String::new(),
        style => format!(" style=\"{style}\""),
    };
    let open = format!(
        "<!--[if mso]><table role=\"presentation\"{direction}{attributes} cellspacing=\"0\" \
         cellpadding=\"0\"{style}><tr><td{cell}><![endif]-->"
    );
    html! {
        (PreEscaped(open)) (inside) (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
    }
}
