//! The login to a relay: its user, and the source of its password.

use std::path::PathBuf;

use toml::Spanned;

use super::raw::RawRelay;
use super::reader::ConfigReader;
use crate::diag::{Finding, Place, Severity};
use crate::newsletter::config::PasswordSource;
use crate::newsletter::config::secret::exposed_finding;
use crate::toml_file::Text;

impl ConfigReader<'_> {
    /// Refuses a password in the file. The line is not shown, because findings are copied into tickets and logs.
    pub(super) fn refuse_password(&mut self, is_set: bool, table: &Place) {
        if !is_set {
            return;
        }
        let message = "a password or token in newsletter.toml is ignored: that file is shared and kept under version control";
        let finding = Finding::error("password-in-file", message).at(table.clone());
        self.findings.push(finding.hint(
            "remove it, change it at the relay, and set `password_file` to a file with mode 0600, `password_command`, \
             or a systemd credential"
                .to_owned(),
        ));
    }

    /// The user and the source of the password. Each without the other is an error, because there would be no login.
    pub(super) fn login(&mut self, raw: &mut RawRelay) -> Option<(String, PasswordSource)> {
        let auth_place = raw.auth.as_ref().map(|auth| self.place_of(auth));
        let has_user = raw.user.is_some();
        let (source, source_place) = self.password_source(raw);
        let Some(user) = self.text(raw.user.take()) else {
            // A blank one has been reported.
            if let Some(place) = source_place.or(auth_place).filter(|_| !has_user) {
                let hint = "set `user` to the name for the login";
                self.login_error("`user` is not set, so there is no login", Some(place), hint);
            }
            return None;
        };
        if source == PasswordSource::Credential {
            self.note_credential(&user);
        }
        Some((user.value().to_owned(), source))
    }

    /// The source of the password, and the location of its key.
    fn password_source(&mut self, raw: &mut RawRelay) -> (PasswordSource, Option<Place>) {
        let command = raw.password_command.take();
        let command_place = command.as_ref().map(|command| self.place_of(command));
        let file = raw.password_file.take();
        let file = file.map(|file| Text::new(self.source, file));
        let file_place = file.as_ref().map(|text| text.place().clone());
        if let (Some(place), Some(_)) = (&command_place, &file_place) {
            let message = "`password_command` and `password_file` are both set";
            self.login_error(message, Some(place.clone()), "keep one of them");
        }
        let place = command_place.or(file_place);
        let source = match (command.map(Spanned::into_inner), file) {
            (Some(words), _) => self.password_command(words, place.clone()),
            (None, Some(file)) => self.password_file(&file),
            (None, None) => PasswordSource::Credential,
        };
        (source, place)
    }

    fn password_command(&mut self, words: Vec<String>, place: Option<Place>) -> PasswordSource {
        if words.first().is_none_or(|word| word.trim().is_empty()) {
            let hint = "write the program and its arguments: `[\"pass\", \"show\", \"smtp\"]`";
            self.login_error("`password_command` names no program", place, hint);
        }
        PasswordSource::Command(words)
    }

    fn password_file(&mut self, file: &Text) -> PasswordSource {
        if file.is_blank() {
            let place = Some(file.place().clone());
            self.login_error(
                "`password_file` is empty",
                place,
                "write the path of the file",
            );
        } else {
            let exposed = exposed_finding(&self.folder.join(file.value()), file.value());
            let finding = exposed.map(|finding| finding.at(file.place().clone()));
            self.findings.extend_some(finding);
        }
        PasswordSource::File(PathBuf::from(file.value()))
    }

    fn note_credential(&mut self, user: &Text) {
        let message = "`user` is set without `password_file` or `password_command`: only a systemd credential can provide the password";
        let hint =
            "`send` needs the password; `franking systemd` prints a service with a credential";
        let finding = Finding::of(Severity::Note, "no-password", message);
        let finding = finding.at(user.place().clone());
        self.findings.push(finding.hint(hint));
    }

    fn login_error(&mut self, message: &str, place: Option<Place>, hint: &str) {
        let place = place.unwrap_or_else(|| self.top());
        let finding = Finding::error("bad-value", message.to_owned()).at(place);
        self.findings.push(finding.hint(hint));
    }

    fn place_of<T>(&self, value: &Spanned<T>) -> Place {
        Place::new(self.source, value.span())
    }
}
