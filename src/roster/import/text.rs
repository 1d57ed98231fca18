//! The report of `list import` for people.

use super::ImportReport;
use crate::diag::counted;
use crate::roster::change;
use crate::store::StagedPlace;
use crate::subscriber::import::ImportWarning;
use crate::util::escape;
use crate::workspace::Warning;

/// How many rows of each kind are shown.
const ROWS: usize = 20;

impl ImportReport {
    /// The result, as lines of text.
    pub fn text(&self) -> String {
        let mut text = self.files.iter().fold(String::new(), |text, file| {
            format!("{text}{}: {}\n", escape::terminal(&file.name), file.format)
        });
        text.push_str(&self.reconciliation());
        text.push_str(&self.rows(
            "rejected",
            self.counts().rejected + self.partly_read,
            &self.rejections,
            |code| format!("{code}: {}", remedy(code)),
        ));
        text.push_str(&self.rows(
            "duplicate",
            self.counts().duplicate,
            &self.duplicates,
            escape::terminal,
        ));
        text.push_str(match (self.is_dry_run, self.is_list) {
            (true, _) => "\nDry run: nothing has changed.\n",
            (false, true) => "",
            (false, false) => FILE_COUNTS,
        });
        text
    }

    /// Where each row went. The numbers add up to those that were read.
    fn reconciliation(&self) -> String {
        let counts = self.counts();
        let parts = [
            ("added", counts.added),
            ("updated", counts.updated),
            ("unchanged", counts.unchanged),
            ("suppressed", counts.suppressed),
            ("duplicate", counts.duplicate),
            ("rejected", counts.rejected),
        ];
        let parts = parts.map(|(word, count)| format!("{count} {word}"));
        format!("{} read = {}\n", counts.read, parts.join(" + "))
    }

    fn rows(
        &self,
        kind: &str,
        count: usize,
        rows: &[StagedPlace],
        explain: impl Fn(&str) -> String,
    ) -> String {
        let mut text = String::new();
        for row in rows.iter().take(ROWS) {
            let kind = match row.is_suppressed {
                true => "suppressed, the rest is rejected",
                false => kind,
            };
            let file = escape::terminal(&self.files[row.file].name);
            text.push_str(&format!(
                "{file}:{}: {kind}: {}\n",
                row.line,
                explain(&row.value)
            ));
        }
        if count > ROWS {
            let more = count - ROWS;
            text.push_str(&format!(
                "… and {more} more {kind} (--report FILE writes all of them)\n"
            ));
        }
        text
    }

    /// What the files lack, and the campaigns that were paused.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let lacking = self
            .warnings
            .iter()
            .map(|lacking| Warning::new(warning(*lacking)));
        let paused = self.merged.paused.iter().map(|(send, departures)| {
            Warning::new(match self.is_dry_run {
                true => format!(
                    "the campaign of `{}` would be paused: {departures}",
                    send.issue
                ),
                false => change::paused(send, departures),
            })
        });
        let unread = (self.unread > 0).then(|| Warning::new(self.unread_text()));
        let partly = (self.partly_read > 0).then(|| Warning::new(self.partly_read_text()));
        lacking.chain(paused).chain(unread).chain(partly).collect()
    }

    fn partly_read_text(&self) -> String {
        let rows = counted(self.partly_read, "row");
        format!(
            "{rows} could not be read whole: the people left and are suppressed, and nothing else is known of the rows"
        )
    }

    fn unread_text(&self) -> String {
        let rows = counted(self.unread, "row");
        format!(
            "{rows} could not be read: if one of them is of a person who left, this person is still mailed; correct the \
             rows and import the file again, or use `franking list suppress ADDRESS`"
        )
    }
}

/// What to do so that the imported list is mailed.
const FILE_COUNTS: &str = "
The list of this newsletter is still `subscribers.toml`. To mail the imported list, write this into newsletter.toml:

[list]
source = \"store\"
";

fn warning(warning: ImportWarning) -> &'static str {
    match warning {
        ImportWarning::OptOutsMissing => {
            "opt-outs-missing: a file does not show who left; suppress the people who left before you send"
        }
        ImportWarning::BouncesMissing => {
            "bounces-missing: a file does not show which addresses bounced or complained"
        }
        ImportWarning::EncodingAssumed => {
            "encoding-assumed: a file is not UTF-8 and was read as Windows-1252; --encoding names another one"
        }
        ImportWarning::ZoneUnknown => {
            "zone-unknown: times of consent have no time zone and are kept as they are"
        }
    }
}

/// What to do about a rejected row.
fn remedy(code: &str) -> &'static str {
    match code {
        "no-address" => "the row has no address; add it, or remove the row",
        "bad-address" => "not a valid address; correct it, without a display name",
        "columns" => {
            "more or fewer values than the header; quote values that contain the separator"
        }
        "unknown-status" => "the status is unknown; correct the word",
        "bad-attributes" => "the attributes cannot be read; correct them",
        "bad-language" => "not a language tag; write one such as `en` or `de-AT`",
        "control-character" => "a value contains a control character; remove it",
        "no-consent" => {
            "nothing shows that the person agreed; --consent-source names where they did"
        }
        "deleted" => "the other system has deleted the person; nothing to do",
        "erased" => "the other system has only a hash of the address; nothing to do",
        _ => "correct the row",
    }
}
