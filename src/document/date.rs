//! Days that no calendar has.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What is wrong with the date `written`: `there is no 30 February in 2026`, or that it is none at all.
pub fn no_date(written: &str) -> String {
    let day = written.trim().get(..10).and_then(day_beyond_its_month);
    day.unwrap_or_else(|| format!("`{}` is no date", written.trim()))
}

/// `2026-02-30`, where month and day are numbers that some month and some day have.
fn day_beyond_its_month(date: &str) -> Option<String> {
    let mut parts = date.split('-');
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    let (year, month) = (year.parse().ok()?, month.parse::<i8>().ok()?);
    let day = day.parse().ok().filter(|day| (29..=31).contains(day))?;
    let name = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let is_beyond = Date::new(year, month, day).is_err();
    is_beyond.then(|| format!("there is no {day} {name} in {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_beyond_its_month_is_named() {
        assert_eq!(no_date("2026-02-30"), "there is no 30 February in 2026");
        assert_eq!(
            no_date("2027-02-29T09:00:00Z"),
            "there is no 29 February in 2027"
        );
        assert_eq!(
            no_date("2026-03-31T25:00:00"),
            "`2026-03-31T25:00:00` is no date"
        );
        assert_eq!(no_date("2026-13-01"), "`2026-13-01` is no date");
        assert_eq!(no_date("sometime in May"), "`sometime in May` is no date");
    }
}
