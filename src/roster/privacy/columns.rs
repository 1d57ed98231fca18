//! Each column of the store: what it has about a subscriber, why, and until when.

use serde_json::{Value, json};

use crate::newsletter::config::{Newsletter, Retention, RetentionTimes, StoreUrl};
use crate::store::{Category, ColumnPurpose, KeptUntil, StoredColumn, stored_columns};
use crate::util::table::{self, Align};

/// The columns of a newsletter's store.
#[derive(Debug)]
pub struct ColumnsOfStore {
    columns: Vec<&'static StoredColumn>,
    times: RetentionTimes,
}

impl ColumnsOfStore {
    /// The columns of the kind of store that the newsletter has, with its times.
    pub fn of(newsletter: &Newsletter) -> Self {
        let is_on_a_server = matches!(newsletter.store, StoreUrl::Server(_));
        let columns = stored_columns()
            .iter()
            .filter(|column| is_on_a_server || !column.is_only_on_a_server);
        Self {
            columns: columns.collect(),
            times: newsletter.privacy,
        }
    }

    /// A line for each column, below a line of headings.
    pub fn text(&self) -> String {
        let head = ["column", "has", "why", "kept"].map(str::to_owned);
        let rows = self.columns.iter().map(|column| {
            [
                format!("{}.{}", column.table, column.name),
                category(column.category).to_owned(),
                purpose(column.purpose).to_owned(),
                kept(column.kept, self.times),
            ]
        });
        let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
        table::lines([Align::Left; 4], &rows)
    }

    /// The columns as an array of objects.
    pub fn json(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            json!({
                "table": column.table,
                "column": column.name,
                "category": column.category,
                "purpose": column.purpose,
                "kept": column.kept,
                "kept_until": kept(column.kept, self.times),
            })
        });
        columns.collect()
    }
}

/// A time as `newsletter.toml` has it.
pub(super) fn time(time: Retention) -> String {
    let plural = |count: u32| if count == 1 { "" } else { "s" };
    match time {
        Retention::Days(days) => format!("{days} day{}", plural(days)),
        Retention::Years(years) => format!("{years} year{}", plural(years)),
        Retention::Forever => "forever".to_owned(),
    }
}

fn category(category: Category) -> &'static str {
    match category {
        Category::Address => "address",
        Category::Name => "name",
        Category::Language => "language",
        Category::Attributes => "tags and attributes",
        Category::Entry => "status and times of the entry",
        Category::Consent => "evidence of consent",
        Category::Delivery => "delivery",
        Category::Refusals => "counted refusals",
        Category::OptOut => "suppression",
        Category::Hash => "keyed hash",
        Category::Token => "unsubscribe token",
        Category::History => "history of the entry",
        Category::None => "nothing personal",
    }
}

fn purpose(purpose: ColumnPurpose) -> &'static str {
    match purpose {
        ColumnPurpose::Mail => "mail the newsletter",
        ColumnPurpose::Address => "address the person by name",
        ColumnPurpose::Select => "select recipients and sections",
        ColumnPurpose::Prove => "show consent and changes",
        ColumnPurpose::Deliver => "send each issue once, find faults",
        ColumnPurpose::Spare => "mail no one who left",
        ColumnPurpose::Unsubscribe => "recognise unsubscribe links",
        ColumnPurpose::Operate => "run the program",
    }
}

fn kept(kept: KeptUntil, times: RetentionTimes) -> String {
    let (keep, evidence) = (time(times.keep), time(times.evidence));
    let is_forever = |time: Retention| time == Retention::Forever;
    match kept {
        KeptUntil::Unlimited => "without a limit".to_owned(),
        KeptUntil::Evidence if is_forever(times.evidence) => "without a limit".to_owned(),
        KeptUntil::Evidence => format!("{evidence} after the person left"),
        KeptUntil::Refusals if is_forever(times.keep) => "until a message is accepted".to_owned(),
        _ if is_forever(times.keep) => "until `list forget`".to_owned(),
        KeptUntil::Subscription => {
            format!("while subscribed, and {keep} after unsubscribing")
        }
        KeptUntil::Departure => format!("{keep} after the person left (with a suppression key)"),
        KeptUntil::Campaign => format!("{keep} after the end of the campaign"),
        KeptUntil::Refusals => {
            format!("until a message is accepted, or {keep} after the last refusal")
        }
    }
}
