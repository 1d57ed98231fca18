//! Mailchimp: an archive of up to four files, or one of them. No column has the status: it is the file in which a row is.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::table::Header;
use crate::subscriber::import::times;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "mailchimp",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["member_rating", "leid", "euid"],
        some_of: (0, &[]),
        shows_opt_outs: |header| header.has("unsub_time"),
        contact,
    }),
};

/// The four files of an export.
enum ExportFile {
    Subscribed,
    Unsubscribed,
    Cleaned,
    NonSubscribed,
}

impl ExportFile {
    fn of(header: &Header, file: &str) -> Self {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        if header.has("unsub_time") {
            Self::Unsubscribed
        } else if header.has("clean_time") {
            Self::Cleaned
        } else if name.to_ascii_lowercase().starts_with("nonsubscribed") {
            // The same header as that of the subscribed.
            Self::NonSubscribed
        } else {
            Self::Subscribed
        }
    }
}

/// Whether the file is that of the cleaned or of the non-subscribed.
pub(super) fn adds_no_one(header: &Header, file: &str) -> bool {
    let file = ExportFile::of(header, file);
    matches!(file, ExportFile::Cleaned | ExportFile::NonSubscribed)
}

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    // The address is the first column, whatever the account calls it.
    let mut contact = row::contact(row.value(0))?;
    contact.standing = standing(row, &mut contact)?;
    row.names(&mut contact, "first name", "last name");
    let rating = row.header.find("member_rating").unwrap_or(1);
    let fields = row.others(|name| matches!(name, "first name" | "last name"));
    let fields = fields
        .into_iter()
        .filter(|number| (1..rating).contains(number));
    row.attributes(&mut contact, fields);
    tags(row, &mut contact);
    let mut consent = std::mem::take(&mut contact.consent);
    consent.at = row.time("optin_time", times::utc, &mut consent);
    consent.confirmed_at = row.time("confirm_time", times::utc, &mut consent);
    consent.ip = contact.noted(row.text("optin_ip"));
    consent.confirmed_ip = contact.noted(row.text("confirm_ip"));
    contact.consent = consent;
    Ok(contact)
}

fn standing(row: &ExportRow<'_>, contact: &mut Contact) -> Result<Standing, RejectionCode> {
    let suppressed = |reason: SuppressionReason, time: &str, detail: Option<String>| {
        let at = times::utc(row.get(time));
        Standing::Suppressed(Suppression { reason, at, detail })
    };
    Ok(match ExportFile::of(row.header, row.file) {
        ExportFile::Subscribed => Standing::Active,
        ExportFile::Cleaned => suppressed(SuppressionReason::Bounced, "clean_time", None),
        ExportFile::NonSubscribed => return Err(RejectionCode::NoConsent),
        ExportFile::Unsubscribed => {
            let detail = contact.noted(row.text("unsub_reason"));
            let why = row.get("unsub_reason").to_ascii_lowercase();
            let reason = match why.contains("abuse") || why.contains("spam") {
                true => SuppressionReason::Complained,
                false => SuppressionReason::Unsubscribed,
            };
            suppressed(reason, "unsub_time", detail)
        }
    })
}

/// Tags are a row of CSV in one value: `"Members","Water, law"`.
fn tags(row: &ExportRow<'_>, contact: &mut Contact) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(row.get("tags").as_bytes());
    for tags in reader.records() {
        let tags = contact.noted(tags.map_err(|_| RejectionCode::BadAttributes));
        tags.iter().for_each(|tag| row::tag(contact, tag));
    }
}
