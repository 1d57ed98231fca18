//! The tables of a plan: domains and days.

use jiff::civil;

use super::report::{PlanReport, local};
use crate::delivery::forecast::DomainForecast;
use crate::diag::counted;
use crate::util::escape;
use crate::util::table::{Align, lines};

/// How many days have a line of their own.
const DAYS: usize = 31;

impl PlanReport<'_> {
    /// The largest domains and those with a rate, each with a line; the others together.
    pub(super) fn domain_table(&self) -> String {
        let (named, others) = self.plan.named_domains();
        let mut rows = vec![["domain", "recipients", "rate", "begins", "ends"].map(str::to_owned)];
        rows.extend(named.into_iter().map(|domain| self.domain_row(domain)));
        rows.extend(self.row_of_others(&others));
        use Align::{Left, Right};
        lines([Left, Right, Right, Left, Left], &rows)
    }

    fn domain_row(&self, domain: &DomainForecast) -> [String; 5] {
        let rate = self.plan.rate_of(&domain.name);
        [
            escape::terminal(&domain.name),
            domain.messages.to_string(),
            rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string()),
            local(domain.begins, self.zone()),
            local(domain.ends, self.zone()),
        ]
    }

    fn row_of_others(&self, others: &[&DomainForecast]) -> Option<[String; 5]> {
        let begins = others.iter().map(|domain| domain.begins).min()?;
        let ends = others.iter().map(|domain| domain.ends).max()?;
        let messages: usize = others.iter().map(|domain| domain.messages).sum();
        Some([
            counted(others.len(), "other"),
            messages.to_string(),
            "-".to_owned(),
            local(begins, self.zone()),
            local(ends, self.zone()),
        ])
    }

    /// The days, the first ones with a line each, the others together.
    pub(super) fn day_table(&self) -> String {
        let days = self.plan.days(self.zone());
        let mut rows = vec![["day", "recipients"].map(str::to_owned)];
        let row = |(day, messages): &(civil::Date, usize)| [day.to_string(), messages.to_string()];
        rows.extend(days.iter().take(DAYS).map(row));
        let later = days.get(DAYS..).unwrap_or_default();
        if let Some((last, _)) = later.last() {
            let messages: usize = later.iter().map(|day| day.1).sum();
            let more = format!("{} to {last}", counted(later.len(), "more day"));
            rows.push([more, messages.to_string()]);
        }
        lines([Align::Left, Align::Right], &rows)
    }
}
