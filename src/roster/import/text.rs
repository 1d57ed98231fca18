//! The report of `list import` for people.

use super::{ImportReport, codes};
use crate::diag::counted;
use crate::roster::change;
use crate::store::StagedPlace;
use crate::subscriber::import::ImportedFile;
use crate::util::escape;
use crate::workspace::Warning;

/// How many rows of each kind are shown.
const ROWS: usize = 20;

impl ImportReport {
    /// The result, as lines of text.
    pub fn text(&self) -> String {
        let mut text: String = self.files.iter().map(|file| self.file(file)).collect();
        text.push_str(&self.reconciliation());
        text.push_str(&self.rows(
            "rejected",
            self.counts().rejected + self.partly_read,
            &self.rejections,
            |row| {
                let format = self.files[row.file].format;
                format!("{}: {}", row.value, codes::remedy(&row.value, format))
            },
        ));
        text.push_str(&self.rows(
            "duplicate",
            self.counts().duplicate,
            &self.duplicates,
            |row| escape::terminal(&row.value),
        ));
        text.push_str(match (self.is_dry_run, self.is_list) {
            (true, _) => "\nDry run: nothing has changed.\n",
            (false, true) => "",
            (false, false) => FILE_COUNTS,
        });
        text
    }

    /// The format of a file. A dry run also shows how its values are separated, which is a guess.
    fn file(&self, file: &ImportedFile) -> String {
        let separated = match file.separators.filter(|_| self.is_dry_run) {
            Some(separators) => format!(", separated by {separators}"),
            None => String::new(),
        };
        format!(
            "{}: {}{separated}\n",
            escape::terminal(&file.name),
            file.format
        )
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
        explain: impl Fn(&StagedPlace) -> String,
    ) -> String {
        let mut text = String::new();
        for row in rows.iter().take(ROWS) {
            let kind = match row.is_suppressed {
                true => "suppressed, the rest is rejected",
                false => kind,
            };
            let file = escape::terminal(&self.files[row.file].name);
            text.push_str(&format!("{file}:{}: {kind}: {}\n", row.line, explain(row)));
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
            .map(|lacking| Warning::new(codes::warning(*lacking)));
        let paused = self.merged.paused.iter().map(|(send, departures)| {
            Warning::new(match self.is_dry_run {
                true => format!(
                    "the campaign of `{}` would be paused: {departures}",
                    send.issue
                ),
                false => change::paused(send, departures),
            })
        });
        let tags = self.tags.warning().map(Warning::new);
        let unread = (self.unread > 0).then(|| Warning::new(self.unread_text()));
        let partly = (self.partly_read > 0).then(|| Warning::new(self.partly_read_text()));
        lacking
            .chain(tags)
            .chain(paused)
            .chain(unread)
            .chain(partly)
            .collect()
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
