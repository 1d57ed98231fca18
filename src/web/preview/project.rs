//! The newsletter's files in memory: read and compiled again whenever they change.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::file_stamp::FileStamp;
use crate::campaign;
use crate::delivery::{self, Plan};
use crate::diag::{Finding, Findings};
use crate::message::{self, Examiner, MessageOptions, Parts};
use crate::newsletter::config;
use crate::newsletter::config::StoreUrl;
use crate::newsletter::issue;
use crate::store::{Store, Suppressions};
use crate::subscriber::{Census, Status, Subscriber};
use crate::toml_file;
use crate::workspace::{self, Compiled, Failure, Sources, Workspace, parse_address};

/// A newsletter's directory whose files may change at any time.
pub struct Project {
    folder: PathBuf,
    state: Mutex<State>,
    version: watch::Sender<u64>,
}

struct State {
    /// The stamps of `newsletter.toml` and the list when they were read.
    stamps: [Option<FileStamp>; 2],
    sources: Arc<Sources>,
    /// The issues compiled since the last change.
    issues: HashMap<String, Arc<PreviewState>>,
    /// The issues requested since the last change.
    requested: HashSet<String>,
    /// The last good version of each issue.
    good: HashMap<String, Arc<Good>>,
    /// The new name of each renamed issue, by its old name.
    renamed: HashMap<String, String>,
}

/// An issue as its files are now.
pub(super) struct PreviewState {
    pub(super) name: String,
    /// Increases with every change in the directory.
    pub(super) version: u64,
    pub(super) sources: Arc<Sources>,
    /// This version or, if it does not compile, the last one that did.
    pub(super) good: Option<Arc<Good>>,
    /// Whether `good` is an older version.
    pub(super) is_stale: bool,
    /// The findings of `check`, by file and location.
    pub(super) findings: Vec<Finding>,
    /// The number of findings that `newsletter.toml` allows.
    pub(super) allowed: usize,
}

/// A version of an issue that compiled.
pub(super) struct Good {
    pub(super) compiled: Compiled,
    pub(super) sources: Arc<Sources>,
    /// The file's text, which identifies the issue after a renaming.
    text: String,
    pub(super) audience: AudienceOption,
    /// The list when the issue was compiled.
    census: Census,
    /// The suppressed addresses when the issue was compiled.
    pub(super) suppressed: Suppressions,
}

/// How many subscribers would get an issue.
pub(super) struct AudienceOption {
    pub(super) recipients: usize,
    /// The number of excluded subscribers, by reason.
    pub(super) excluded: Vec<(Cow<'static, str>, usize)>,
    /// A note that suppressions are not counted, if the ledger was not read.
    pub(super) unknown: Option<String>,
}

impl Project {
    /// Reads the newsletter in `folder`.
    pub fn new(folder: &Path) -> Self {
        let state = State {
            stamps: stamps(folder),
            sources: Arc::new(read(folder)),
            issues: HashMap::new(),
            requested: HashSet::new(),
            good: HashMap::new(),
            renamed: HashMap::new(),
        };
        Self {
            folder: folder.to_owned(),
            state: Mutex::new(state),
            version: watch::Sender::new(1),
        }
    }

    /// The newsletter's directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Discards the compiled issues, reads `newsletter.toml` and the list again if they changed, and notifies open pages
    /// of the new version.
    pub fn refresh(&self) {
        let mut state = self.state();
        state.read_changed(&self.folder);
        state.issues.clear();
        state.follow_renames(&self.folder);
        // Notified under the lock: a page that reloads at once gets nothing older.
        self.version.send_modify(|version| *version += 1);
        state.compile_requested(&self.folder, *self.version.borrow());
    }

    /// The current version, and later ones as they come.
    pub(super) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// `newsletter.toml`, the list and the templates.
    pub(super) fn sources(&self) -> Arc<Sources> {
        Arc::clone(&self.state().sources)
    }

    /// The issue `name`; `None` if it does not exist and never did. An issue whose file was removed counts as one that
    /// does not compile, because some editors save by removing the file and writing another.
    pub(super) fn issue(&self, name: &str) -> Option<Arc<PreviewState>> {
        let mut state = self.state();
        if !state.knows(name) && !issue::names(&self.folder).iter().any(|known| known == name) {
            return None;
        }
        state.requested.insert(name.to_owned());
        if let Some(issue) = state.issues.get(name) {
            return Some(Arc::clone(issue));
        }
        Some(state.compile(&self.folder, name, *self.version.borrow()))
    }

    /// The new name of an issue that was renamed while the preview was open.
    pub(super) fn renamed(&self, name: &str) -> Option<String> {
        self.state().renamed.get(name).cloned()
    }

    /// Sends a test of an issue to an address, and returns the relay's reply.
    pub(super) fn send_test(&self, issue: &str, address: &str) -> Result<String, Failure> {
        let workspace = Workspace::open(&self.folder)?;
        let sources = workspace.load()?;
        let address = parse_address(address)?;
        let sent = campaign::test_send(&workspace, &sources, issue, &address, false)?;
        Ok(sent.reply.to_string())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves nothing half done that the next change does not read again.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn knows(&self, name: &str) -> bool {
        self.issues.contains_key(name) || self.good.contains_key(name)
    }

    fn read_changed(&mut self, folder: &Path) {
        let stamps = stamps(folder);
        if stamps != self.stamps {
            self.sources = Arc::new(read(folder));
            self.stamps = stamps;
        }
    }

    /// Compiles the issues of open pages, which will request them as soon as the event reaches them.
    fn compile_requested(&mut self, folder: &Path, version: u64) {
        for name in std::mem::take(&mut self.requested) {
            if self.good.contains_key(&name) {
                self.compile(folder, &name, version);
            }
        }
    }

    fn compile(&mut self, folder: &Path, name: &str, version: u64) -> Arc<PreviewState> {
        let sources = Arc::clone(&self.sources);
        let mut findings = sources.findings.clone();
        // Read before compiling. If the file changes in between, a renaming is not recognised, and nothing else.
        let text = text_of(folder, name).unwrap_or_default();
        let (compiled, census) = workspace::issue(folder, &sources, name, &mut findings);
        let allow = &sources.newsletter.allow;
        let allowed = findings.allow(|code| allow.contains_key(code));
        let is_stale = compiled.is_none();
        if let Some(compiled) = compiled {
            let good = Good::new(folder, &sources, compiled, census, text);
            self.good.insert(name.to_owned(), Arc::new(good));
        }
        let issue = Arc::new(PreviewState {
            name: name.to_owned(),
            version,
            sources,
            good: self.good.get(name).cloned(),
            is_stale,
            findings: findings.sorted().into_iter().cloned().collect(),
            allowed,
        });
        self.issues.insert(name.to_owned(), Arc::clone(&issue));
        issue
    }

    /// Recognises a removed issue and a new one with the same text as one issue that was renamed.
    fn follow_renames(&mut self, folder: &Path) {
        let names = issue::names(folder);
        let removed = self.good.keys().filter(|name| !names.contains(name));
        let removed: Vec<String> = removed.cloned().collect();
        for old in removed {
            let text = &self.good[&old].text;
            let has_text = |name: &String| text_of(folder, name).is_some_and(|new| new == *text);
            let mut added = names.iter().filter(|name| !self.good.contains_key(*name));
            if let Some(new) = added.find(|name| has_text(name)) {
                self.renamed.insert(old.clone(), new.clone());
                self.renamed.remove(new);
                self.good.remove(&old);
            }
        }
    }
}

impl AudienceOption {
    /// Counts as `send` and `plan` do.
    fn of(
        compiled: &Compiled,
        sources: &Sources,
        census: &Census,
        suppressed: &Suppressions,
    ) -> Self {
        let issue = &compiled.issue;
        let examiner = Examiner::of(&compiled.edition);
        let candidates = delivery::candidates(
            sources.list.read_again(census),
            &census.repeated,
            &issue.audience,
            issue.language.tag(),
            suppressed,
            |subscriber: &Subscriber| examiner.unsendable(subscriber).is_none(),
        );
        // An error means that the list has just changed; it is about to be read again.
        let plan = Plan::of(candidates).unwrap_or_default();
        Self {
            recipients: plan.recipients,
            excluded: plan.excluded.into_iter().collect(),
            unknown: None,
        }
    }
}

impl Good {
    fn new(
        folder: &Path,
        sources: &Arc<Sources>,
        compiled: Compiled,
        census: Census,
        text: String,
    ) -> Self {
        let (suppressed, unknown) = match suppressions(&sources.newsletter.store, folder) {
            Ok(suppressed) => (suppressed, None),
            Err(unknown) => (Suppressions::default(), Some(unknown)),
        };
        let audience = AudienceOption::of(&compiled, sources, &census, &suppressed);
        Self {
            audience: AudienceOption {
                unknown,
                ..audience
            },
            suppressed,
            census,
            compiled,
            sources: Arc::clone(sources),
            text,
        }
    }

    /// The subject, HTML and text of a subscriber's message; the tokens in its links are specimens.
    pub(super) fn parts(&self, subscriber: &Subscriber) -> Parts {
        message::fill(&self.compiled.edition, subscriber, &self.options())
    }

    /// The options of a message that is shown and not sent.
    pub(super) fn options(&self) -> MessageOptions {
        self.compiled.specimen_options(&self.sources.newsletter)
    }

    /// The recipients, each mailbox once.
    pub(super) fn recipients(&self) -> impl Iterator<Item = Subscriber> {
        let examiner = Examiner::of(&self.compiled.edition);
        let repeated = &self.census.repeated;
        let mut seen = HashSet::new();
        let subscribers = self.sources.list.read_again(&self.census);
        subscribers
            .filter_map(Result::ok)
            .filter(|subscriber| self.selects(subscriber))
            .filter(move |subscriber| {
                let key = subscriber.address.key();
                !repeated.contains(&key) || seen.insert(key)
            })
            .filter(|subscriber| subscriber.status == Status::Active)
            .filter(move |subscriber| examiner.unsendable(subscriber).is_none())
    }

    /// Whether a subscriber is in the audience and not suppressed.
    fn selects(&self, subscriber: &Subscriber) -> bool {
        let issue = &self.compiled.issue;
        issue.audience.selects(subscriber, issue.language.tag())
            && self.suppressed.reason(&subscriber.address.key()).is_none()
    }
}

/// The suppressed addresses, or the reason why they were not read. A ledger on a server is not read, because the page
/// would wait for it.
fn suppressions(place: &StoreUrl, folder: &Path) -> Result<Suppressions, String> {
    if let StoreUrl::Server(_) = place {
        return Err("without the suppressions of the ledger on its server".to_owned());
    }
    let read = || -> Result<Suppressions, Failure> {
        let Some(mut store) = Store::existing_to_read(place, folder)? else {
            return Ok(Suppressions::default());
        };
        Workspace::open(folder)?.read_with_suppression_key(Some(&mut store))?;
        Ok(store.suppressions()?)
    };
    read().map_err(|failure| format!("without the suppressions: {}", failure.message()))
}

/// `newsletter.toml`, the list and the templates; with defaults for what has errors.
fn read(folder: &Path) -> Sources {
    workspace::read(folder).unwrap_or_else(|incomplete| *incomplete)
}

/// The text of an issue's file.
pub(super) fn text_of(folder: &Path, name: &str) -> Option<String> {
    let mut ignored = Findings::new();
    let path = issue::path_of(name);
    let source = toml_file::read(folder, &path, toml_file::LARGEST_FILE, &mut ignored)?;
    Some(source.text().to_owned())
}

fn stamps(folder: &Path) -> [Option<FileStamp>; 2] {
    [config::FILE, crate::subscriber::FILE].map(|name| FileStamp::of(&folder.join(name)))
}
