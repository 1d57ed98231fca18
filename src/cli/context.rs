//! What every command needs: the folder, the moment, and the files in it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::exit::{Exit, Failure};
use crate::cli::terminal;
use crate::diag::{Findings, nearest};
use crate::newsletter::config::StoreUrl;
use crate::newsletter::issue;
use crate::store::{Lock, LockError, Send, Store};
use crate::subscriber::{Address, Census};
use crate::util::escape;
use crate::util::key::Key;
use crate::workspace::{self, Compiled, Folder};

/// The folder of a newsletter and the moment of the command.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) folder: PathBuf,
    pub(super) now: Timestamp,
}

impl Context {
    /// Where the publication's state is kept, out of version control.
    pub(super) fn state(&self) -> PathBuf {
        let folder = self.folder.strip_prefix(".").unwrap_or(&self.folder);
        folder.join(".franking")
    }

    /// The publication. Without one nothing goes on: its faults are printed, and those of the list.
    pub(super) fn load(&self) -> Result<Folder, Failure> {
        let folder = workspace::folder(self.newsletter()?);
        folder.map_err(|mut gaps| {
            gaps.list.read().end(&mut gaps.findings);
            refusal(&gaps.findings)
        })
    }

    /// As [`Context::load`], for a command that needs the place of the ledger and nothing else. Where newsletter.toml
    /// cannot be read and names no ledger, the one in the usual place is used, if it is that of the last run.
    pub(super) fn load_for_ledger(&self) -> Result<Folder, Failure> {
        let Err(gaps) = workspace::folder(self.newsletter()?) else {
            return self.load();
        };
        let place = StoreUrl::default_file();
        let is_usable = !self.may_name_ledger()
            && match Store::existing_to_read(&place, &self.folder)? {
                Some(store) => self.mismatch(Some(&store))?.is_none(),
                None => false,
            };
        if !is_usable {
            return self.load();
        }
        let fault = gaps.findings.first_error().map(|error| match &error.place {
            Some(place) => format!("{place}: {}", error.message),
            None => error.message.clone(),
        });
        terminal::warning(&format!(
            "newsletter.toml cannot be read, and the ledger `.franking/store.db` is used: {}",
            fault.unwrap_or_default()
        ));
        terminal::hint("`franking check` shows what is wrong in newsletter.toml");
        let mut folder = *gaps;
        folder.publication.store = place;
        Ok(folder)
    }

    /// Whether newsletter.toml may name a ledger, however broken it is: a key or a table `store` begins a line.
    fn may_name_ledger(&self) -> bool {
        let Ok(bytes) = std::fs::read(self.folder.join(crate::newsletter::config::FILE)) else {
            return true;
        };
        // In UTF-16 every second octet is 0.
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let mut lines = text.split(['\n', '\r']);
        lines.any(|line| {
            let word = line.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            word.starts_with("store") || line.replace([' ', '\t'], "").contains("[store]")
        })
    }

    /// The publication, whatever is wrong with it: for who looks for faults and does nothing else.
    pub(super) fn load_to_check(&self) -> Result<Folder, Failure> {
        let folder = workspace::folder(self.newsletter()?);
        Ok(folder.unwrap_or_else(|gaps| *gaps))
    }

    /// The folder, if there is a newsletter in it.
    pub(super) fn newsletter(&self) -> Result<&Path, Failure> {
        if !self.folder.join(crate::newsletter::config::FILE).exists() {
            let message = format!("`{}` is no newsletter's folder", self.folder.display());
            return Err(Failure::new(Exit::Usage, message).hint(
                "there is no newsletter.toml in it; make a folder with `franking init DIR`, or name one with `-C DIR`",
            ));
        }
        Ok(&self.folder)
    }

    /// An issue without a fault, and the list for which it was checked; faults are printed and end the
    /// command.
    pub(super) fn compile(
        &self,
        folder: &Folder,
        name: &str,
    ) -> Result<(Compiled, Census), Failure> {
        let mut findings = folder.findings.clone();
        let (compiled, census) = workspace::issue(&self.folder, folder, name, &mut findings);
        let allow = &folder.publication.allow;
        findings.allow(|code| allow.contains_key(code));
        match compiled {
            Some(compiled) if !findings.has_errors() => {
                terminal::findings(&findings);
                Ok((compiled, census))
            }
            _ => Err(refusal(&findings)),
        }
    }

    /// The name of an issue, given as its name or as its file.
    pub(super) fn issue_name(&self, given: &str) -> Result<String, Failure> {
        let path = Path::new(given);
        let name = match path.extension() {
            Some(extension) if extension == "toml" => path.file_stem(),
            _ => path.file_name(),
        };
        let name = name
            .and_then(|name| name.to_str())
            .unwrap_or(given)
            .to_owned();
        let known = issue::names(&self.folder);
        if known.contains(&name) {
            return Ok(name);
        }
        let failure = Failure::new(Exit::Usage, format!("there is no issue `{name}`"));
        let near = nearest(&name, known.iter().map(String::as_str));
        Err(failure.hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                "there are none yet; begin one with `franking new NAME`".to_owned()
            }
            None => format!("there are: {}", known.join(", ")),
        }))
    }

    /// The name of an issue, or of a send whose issue's file is gone: what was frozen can still be sent.
    pub(super) fn issue_or_send_name(
        &self,
        given: &str,
        folder: &Folder,
    ) -> Result<String, Failure> {
        let failure = match self.issue_name(given) {
            Ok(name) => return Ok(name),
            Err(failure) => failure,
        };
        let known = match self.existing_store(folder)? {
            Some(store) => store.send_of(given)?,
            None => None,
        };
        known.map(|send| send.issue).ok_or(failure)
    }

    /// Where tests go while there is no relay: beside the letters of the issues, not among them.
    pub(super) fn test_outbox(&self) -> PathBuf {
        self.outbox("test")
    }

    /// Where the letters of an issue go while there is no relay.
    pub(super) fn outbox(&self, issue: &str) -> PathBuf {
        self.state().join("outbox").join(issue)
    }

    /// Where the newsletter's key is.
    pub(super) fn key_file(&self) -> PathBuf {
        self.state().join("key")
    }

    /// The note of a rehearsal that has generated the key: nothing was mailed with it.
    pub(super) fn rehearsed(&self) -> PathBuf {
        self.state().join("rehearsed")
    }

    /// The newsletter's key, generated at first use.
    pub(super) fn key(&self, is_rehearsal: bool) -> Result<Key, Failure> {
        make_folder(&self.state())?;
        self.note_rehearsal(is_rehearsal).map_err(|error| {
            Failure::io(
                format!("`{}` cannot be written", shown(&self.rehearsed())),
                &error,
            )
        })?;
        Key::at(&self.key_file()).map_err(|error| self.no_key(&error))
    }

    /// Before the key is generated: a run that is killed in between leaves no key that looks used.
    fn note_rehearsal(&self, is_rehearsal: bool) -> std::io::Result<()> {
        let note = self.rehearsed();
        if is_rehearsal {
            let is_new = !self.key_file().exists();
            return if is_new {
                std::fs::write(note, "")
            } else {
                Ok(())
            };
        }
        match std::fs::remove_file(note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The newsletter's key, if it has been generated.
    pub(super) fn existing_key(&self) -> Result<Option<Key>, Failure> {
        Key::existing(&self.key_file()).map_err(|error| self.no_key(&error))
    }

    fn no_key(&self, error: &std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::InvalidData {
            return self.unusable_key("damaged").caused_by(error);
        }
        Failure::io(format!("no key at `{}`", shown(&self.key_file())), error)
    }

    /// The publication's store.
    pub(super) fn store(&self, folder: &Folder) -> Result<Store, Failure> {
        self.store_at(&folder.publication.store)
    }

    /// The store at a place of one's own.
    pub(super) fn store_at(&self, place: &StoreUrl) -> Result<Store, Failure> {
        Ok(match place {
            StoreUrl::File(path) => Store::open(&self.folder.join(path))?,
            StoreUrl::Server(url) => Store::connect(url, &self.folder)?,
        })
    }

    /// The newsletter's ledger for a command that only reads, if a send has ever made one, whichever it is.
    pub(super) fn existing_store(&self, folder: &Folder) -> Result<Option<Store>, Failure> {
        Ok(Store::existing_to_read(
            &folder.publication.store,
            &self.folder,
        )?)
    }

    /// The store at a place, as a send opens it, if a send has ever made one there.
    pub(super) fn existing_store_at(&self, place: &StoreUrl) -> Result<Option<Store>, Failure> {
        Ok(Store::existing(place, &self.folder)?)
    }

    /// Whether a process is sending `send`, as far as that can be seen from here: the holder of the lock, or on a
    /// server a sender that was heard of within the last minute.
    pub(super) fn is_running(
        &self,
        folder: &Folder,
        store: &Store,
        send: &Send,
    ) -> Result<bool, Failure> {
        Ok(match &folder.publication.store {
            StoreUrl::Server(_) => !store.senders(send)?.is_empty(),
            StoreUrl::File(_) => Lock::holder(&self.state().join("lock"))
                .is_some_and(|holder| holder.issue.as_ref() == Some(&send.issue)),
        })
    }

    /// The lock for a send to `store`: on a server any number of senders are welcome.
    pub(super) fn lock_for(&self, store: &StoreUrl, task: &str) -> Result<Option<Lock>, Failure> {
        match store {
            StoreUrl::File(_) => self.lock(task).map(Some),
            StoreUrl::Server(_) => Ok(None),
        }
    }

    /// The publication's lock, which whoever sends must hold.
    pub(super) fn lock(&self, task: &str) -> Result<Lock, Failure> {
        let path = self.state().join("lock");
        make_folder(&self.state())?;
        Lock::take(&path, task, self.now.as_second()).map_err(|error| match error {
            LockError::Held(holder) => Failure::new(Exit::Locked, held_by(holder.as_ref()))
                .hint("`franking status` shows how far it is"),
            LockError::Io(error) => {
                let what = format!("the lock `{}` cannot be taken", path.display());
                Failure::new(Exit::NotWritable, what).caused_by(&error)
            }
        })
    }
}

fn held_by(holder: Option<&crate::store::Holder>) -> String {
    match holder {
        Some(holder) => format!(
            "another send holds the lock: `{}`, process {}, since {}",
            holder.task,
            holder.pid,
            moment(holder.since)
        ),
        None => "another send holds the lock".to_owned(),
    }
}

/// An address that was given on the command line.
pub(super) fn address_of(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("`{text}` is no e-mail address")).caused_by(&error)
    })
}

/// A path as a person would write it: `.franking/outbox`, not `./.franking/outbox`.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape::terminal(&path.to_string_lossy())
}

/// `2026-11-30T08:00:00Z`
pub(super) fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}

/// Makes a folder of the state, for its owner alone.
pub(super) fn make_folder(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|error| {
        Failure::io(
            format!("the folder `{}` cannot be made", path.display()),
            &error,
        )
    })
}

/// Prints the findings and ends the command because of them.
pub(super) fn refusal(findings: &Findings) -> Failure {
    terminal::findings(findings);
    Failure::new(Exit::Findings, findings.summary())
}
