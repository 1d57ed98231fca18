//! What Outlook on Windows alone reads: tables inside conditional comments.
//!
//! Word knows `max-width` on tables only and padding on cells only. The widths are CSS, for attributes do
//! not scale with the screen at 120 dpi. No rule of a template reaches into a comment, so what a table
//! says of widths and colours comes from the theme.

use maud::{Markup, PreEscaped, html};

use crate::compile::context::RenderContext;
use crate::language::Direction;

/// The room between a picture and the text beside it, in CSS pixels.
const GAP: u32 = 20;

/// The room around both, for Word gives a panel no padding.
const INSET: u32 = 14;

/// The sheet's column, centred.
pub(super) fn column(context: &RenderContext<'_>, inside: &Markup) -> Markup {
    let (width, margin) = (context.template.width, context.template.margin);
    let style = format!("width:{}px", width + 2 * margin);
    let cell = format!(" style=\"padding:0 {margin}px\"");
    table(context, " align=\"center\"", &style, &cell, inside)
}

/// A picture beside a text: two cells, the first as wide as a portrait.
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

/// A button's ground: Word gives a link no padding, a cell it does. The colour stands in both spellings,
/// for of those that read the comments some know the attribute and some the rule.
pub(super) fn ground(context: &RenderContext<'_>, inside: &Markup) -> Markup {
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

/// What everybody but Word reads.
pub(super) fn elsewhere(inside: &Markup) -> Markup {
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
