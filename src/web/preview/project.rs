//! What lies on the desk: the newsletter as its files say at this moment.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::campaign;
use crate::delivery::{self, Plan};
use crate::diag::{Finding, Findings};
use crate::message::{self, Examiner, MessageOptions, Parts};
use crate::newsletter::config;
use crate::newsletter::config::StoreUrl;
use crate::newsletter::issue;
use crate::store::{Store, Suppressions};
use crate::subscriber::{Census, Subscriber};
use crate::toml_file;
use crate::workspace::{self, Compiled, Failure, Sources, Workspace, parse_address};

/// The newsletter's folder, read anew whenever it changes.
pub struct Project {
    folder: PathBuf,
    state: Mutex<State>,
    version: watch::Sender<u64>,
}

struct State {
    /// How publication and list looked when they were read.
    stamps: [Option<FileStamp>; 2],
    folder: Arc<Sources>,
    /// The issues that have been compiled since the last change.
    issues: HashMap<String, Arc<IssueState>>,
    /// Those that have been asked for since then.
    open: HashSet<String>,
    /// The last letter of each issue that could be shown, and the file that it came from.
    good: HashMap<String, Arc<Good>>,
    /// Where an issue is that was renamed.
    renamed: HashMap<String, String>,
}

/// An issue as it lies on the desk.
pub(super) struct IssueState {
    pub(super) name: String,
    /// Grows with every change of the folder.
    pub(super) version: u64,
    pub(super) folder: Arc<Sources>,
    /// The letter of this version or, where it cannot be compiled, the last that could.
    pub(super) good: Option<Arc<Good>>,
    /// Whether the letter is an older one.
    pub(super) is_stale: bool,
    /// What `check` says, by file and place.
    pub(super) findings: Vec<Finding>,
    /// How many findings the publication allows.
    pub(super) allowed: usize,
}

/// A letter that can be shown.
pub(super) struct Good {
    pub(super) compiled: Compiled,
    pub(super) folder: Arc<Sources>,
    /// The file's text, by which it is known again under another name.
    text: String,
    /// Who would get it, and who would not, by reason.
    pub(super) audience: Audience,
    /// The list for which it was compiled.
    census: Census,
    /// Addresses that get nothing, as the ledger said then.
    pub(super) suppressed: Suppressions,
}

/// Who would get a letter.
pub(super) struct Audience {
    pub(super) subscribers: usize,
    pub(super) left_out: Vec<(Cow<'static, str>, usize)>,
    /// What is not counted, if the ledger could not be asked.
    pub(super) unknown: Option<String>,
}

/// What changes when a file is written anew or replaced.
#[derive(PartialEq)]
struct FileStamp {
    inode: u64,
    length: u64,
    changed: Option<SystemTime>,
}

/// How long a file that was written may be written again without looking newer: the system's clock of files
/// has ticks.
const TICK: Duration = Duration::from_millis(50);

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(path).ok()?;
        let now = SystemTime::now();
        let changed = found.modified().ok();
        // Such a stamp equals no later one: the file is read once more.
        let is_fresh = changed.is_some_and(|at| now.duration_since(at).is_ok_and(|age| age < TICK));
        Some(Self {
            inode: found.ino(),
            length: found.len(),
            changed: if is_fresh { Some(now) } else { changed },
        })
    }
}

impl Project {
    /// Reads the newsletter in `folder`.
    pub fn new(folder: &Path) -> Self {
        let state = State {
            stamps: stamps(folder),
            folder: Arc::new(read(folder)),
            issues: HashMap::new(),
            open: HashSet::new(),
            good: HashMap::new(),
            renamed: HashMap::new(),
        };
        Self {
            folder: folder.to_owned(),
            state: Mutex::new(state),
            version: watch::Sender::new(1),
        }
    }

    /// The newsletter's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Forgets what was read of the issues, and reads publication and list again where they have changed.
    /// Whoever waits for a version is told.
    pub fn refresh(&self) {
        let mut state = self.state();
        let stamps = stamps(&self.folder);
        if stamps != state.stamps {
            state.folder = Arc::new(read(&self.folder));
            state.stamps = stamps;
        }
        state.issues.clear();
        state.follow_renames(&self.folder);
        // Told under the lock: who asks at once gets nothing older.
        self.version.send_modify(|version| *version += 1);
        state.compile_what_is_open(&self.folder, *self.version.borrow());
    }

    /// The version now, and those that come.
    pub(super) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    pub(super) fn newsletter(&self) -> Arc<Sources> {
        Arc::clone(&self.state().folder)
    }

    /// The issue `name`; `None` where there is none and never was. One whose file is gone is as one whose file
    /// is broken: some editors save by taking it away and writing another.
    pub(super) fn issue(&self, name: &str) -> Option<Arc<IssueState>> {
        let mut state = self.state();
        let is_known = state.issues.contains_key(name) || state.good.contains_key(name);
        if !is_known && !issue::names(&self.folder).iter().any(|known| known == name) {
            return None;
        }
        state.open.insert(name.to_owned());
        if let Some(issue) = state.issues.get(name) {
            return Some(Arc::clone(issue));
        }
        Some(state.compile(&self.folder, name, *self.version.borrow()))
    }

    /// The name that an issue has got, if it was renamed while it lay here.
    pub(super) fn renamed(&self, name: &str) -> Option<String> {
        self.state().renamed.get(name).cloned()
    }

    pub(super) fn send_test(&self, issue: &str, address: &str) -> Result<String, Failure> {
        let workspace = Workspace::open(&self.folder)?;
        let sources = workspace.load()?;
        let address = parse_address(address)?;
        let sent = campaign::test_send(&workspace, &sources, issue, &address, false)?;
        Ok(sent.reply.to_string())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is read again at every change cannot have been left half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What has been looked at is asked for in a moment: it is compiled while the news is on its way.
    fn compile_what_is_open(&mut self, path: &Path, version: u64) {
        for name in std::mem::take(&mut self.open) {
            if self.good.contains_key(&name) {
                self.compile(path, &name, version);
            }
        }
    }

    fn compile(&mut self, path: &Path, name: &str, version: u64) -> Arc<IssueState> {
        let folder = Arc::clone(&self.folder);
        let mut findings = folder.findings.clone();
        // Read before it is compiled: a text that is older than its letter is only not known again.
        let text = text_of(path, name).unwrap_or_default();
        let (compiled, census) = workspace::issue(path, &folder, name, &mut findings);
        let allow = &folder.newsletter.allow;
        let allowed = findings.allow(|code| allow.contains_key(code));
        let is_stale = compiled.is_none();
        if let Some(compiled) = compiled {
            let (suppressed, unknown) = match suppressions(&folder.newsletter.store, path) {
                Ok(suppressed) => (suppressed, None),
                Err(unknown) => (Suppressions::new(), Some(unknown)),
            };
            let good = Good {
                audience: Audience {
                    unknown,
                    ..Audience::of(&compiled, &folder, &census, &suppressed)
                },
                suppressed,
                census,
                compiled,
                folder: Arc::clone(&folder),
                text,
            };
            self.good.insert(name.to_owned(), Arc::new(good));
        }
        let issue = Arc::new(IssueState {
            name: name.to_owned(),
            version,
            folder,
            good: self.good.get(name).cloned(),
            is_stale,
            findings: owned(&findings),
            allowed,
        });
        self.issues.insert(name.to_owned(), Arc::clone(&issue));
        issue
    }

    /// An issue that is gone, and one that is new and says the same, are one.
    fn follow_renames(&mut self, folder: &Path) {
        let names = issue::names(folder);
        let gone = self.good.keys().filter(|name| !names.contains(name));
        let gone: Vec<String> = gone.cloned().collect();
        for old in gone {
            let text = &self.good[&old].text;
            let new = names.iter().find(|name| {
                !self.good.contains_key(*name)
                    && text_of(folder, name).is_some_and(|found| found == *text)
            });
            if let Some(new) = new {
                self.renamed.insert(old.clone(), new.clone());
                self.renamed.remove(new);
                self.good.remove(&old);
            }
        }
    }
}

impl Audience {
    /// As `send` and `plan` count it.
    fn of(
        compiled: &Compiled,
        folder: &Sources,
        census: &Census,
        suppressed: &Suppressions,
    ) -> Self {
        let issue = &compiled.issue;
        let subscribers = folder.list.read_again(census);
        let (audience, language) = (&issue.audience, issue.language.tag());
        let examiner = Examiner::of(&compiled.edition);
        let is_sendable = |subscriber: &Subscriber| examiner.unsendable(subscriber).is_none();
        let candidates = delivery::candidates(
            subscribers,
            &census.repeated,
            audience,
            language,
            suppressed,
            is_sendable,
        );
        // A list that has just changed is read again in a moment.
        let plan = Plan::of(candidates).unwrap_or_default();
        Self {
            subscribers: plan.recipients,
            left_out: plan.excluded.into_iter().collect(),
            unknown: None,
        }
    }
}

impl Good {
    /// The letter of `reader` before it is packed, its codes marked.
    pub(super) fn parts(&self, subscriber: &Subscriber) -> Parts {
        message::fill(&self.compiled.edition, subscriber, &self.stamp())
    }

    /// What is on a letter that is shown and not sent.
    pub(super) fn stamp(&self) -> MessageOptions {
        self.compiled.specimen_options(&self.folder.newsletter)
    }

    /// Those who get the letter, each mailbox once.
    pub(super) fn subscribers(&self) -> impl Iterator<Item = Subscriber> {
        let issue = &self.compiled.issue;
        let examiner = Examiner::of(&self.compiled.edition);
        let repeated = &self.census.repeated;
        let mut seen = HashSet::new();
        let subscribers = self.folder.list.read_again(&self.census);
        subscribers
            .filter_map(Result::ok)
            .filter(|subscriber| issue.audience.selects(subscriber, issue.language.tag()))
            .filter(move |subscriber| {
                let key = subscriber.address.key();
                let is_free = !self.suppressed.contains_key(&key);
                is_free && (!repeated.contains(&key) || seen.insert(key))
            })
            .filter(|subscriber| subscriber.status == crate::subscriber::Status::Active)
            .filter(move |subscriber| examiner.unsendable(subscriber).is_none())
    }
}

/// Addresses that get nothing; or why the ledger was not asked. One on a server is not: the page would wait for it.
fn suppressions(place: &StoreUrl, folder: &Path) -> Result<Suppressions, String> {
    if let StoreUrl::Server(_) = place {
        return Err("without the suppressions of the ledger on its server".to_owned());
    }
    let read = Store::existing_to_read(place, folder).and_then(|store| {
        let suppressed = store.map(|store| store.suppressions()).transpose()?;
        Ok(suppressed.unwrap_or_default())
    });
    read.map_err(|error| format!("without the suppressions: {error}"))
}

/// Publication and list, whatever is wrong with them.
fn read(folder: &Path) -> Sources {
    workspace::read(folder).unwrap_or_else(|gaps| *gaps)
}

/// The text of an issue's file.
pub(super) fn text_of(folder: &Path, name: &str) -> Option<String> {
    let mut unheard = Findings::new();
    let path = issue::path_of(name);
    let source = toml_file::read(folder, &path, toml_file::LARGEST_FILE, &mut unheard)?;
    Some(source.text().to_owned())
}

fn stamps(folder: &Path) -> [Option<FileStamp>; 2] {
    [config::FILE, crate::subscriber::FILE].map(|name| FileStamp::of(&folder.join(name)))
}

fn owned(findings: &Findings) -> Vec<Finding> {
    findings.sorted().into_iter().cloned().collect()
}
