//! Issues that are copies of others, and campaigns in which the same content was sent before.

use std::path::Path;

use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings, counted};
use crate::newsletter::config::Newsletter;
use crate::newsletter::issue::{self, IssueIdentity, copied_name, path_of};
use crate::store::{Send, Store, StoreError, Totals};
use crate::util::escape;
use crate::workspace::{self, Compiled, Sources};

/// An issue that is a copy of another one that is not sent yet.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The copy.
    pub head: IssueIdentity,
    /// The name of the other issue.
    pub original: String,
    /// What makes it a copy.
    pub kind: CopyKind,
}

/// What makes an issue a copy of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Its name says so, as file managers and synchronisation name copies.
    Name,
    /// It has the other's number, subject and moment.
    Head,
    /// It has the other's content, and another number, subject, date or moment.
    Content,
}

impl Copy {
    /// Whether a timer leaves it alone although the other is not sent yet. With another moment it may be the one that
    /// is meant.
    pub fn is_left_alone(&self) -> bool {
        self.kind != CopyKind::Content
    }

    /// The finding, at the subject of the copy.
    pub fn finding(&self) -> Finding {
        let (name, original) = (&self.head.name, &self.original);
        let message = match self.kind {
            CopyKind::Name => format!("`{name}` has the name of a copy of `{original}`"),
            CopyKind::Head => {
                format!("`{name}` has the number, subject and moment of `{original}`")
            }
            CopyKind::Content => format!("`{name}` has the content of `{original}`"),
        };
        Finding::warning("copied-issue", message)
            .at(self.head.place.clone())
            .hint(format!(
                "delete the file that is not meant; a new issue needs its own name and content. \
                 `franking send {}` sends it all the same",
                escape::shell(name)
            ))
    }
}

/// The campaign of another issue in which the same was sent before.
#[derive(Debug, Clone)]
pub struct EarlierSend {
    /// The campaign.
    pub send: Send,
    /// Its account.
    pub totals: Totals,
    /// Whether it is the same issue under another name: number, subject and date are those of its edition.
    pub is_same_issue: bool,
    /// Whether the file of its issue is there.
    pub has_file: bool,
}

impl EarlierSend {
    /// Whether recipients are left whom a run of the other campaign would still serve.
    pub fn is_open(&self) -> bool {
        self.send.finished_at.is_none() && !self.send.is_cancelled() && self.totals.open() > 0
    }

    /// How many recipients have it, or may have it.
    pub fn served(&self) -> usize {
        usize::try_from(self.totals.accepted + self.totals.uncertain).unwrap_or(usize::MAX)
    }

    /// What is wrong with sending `name`.
    pub fn message(&self, name: &str) -> String {
        let other = &self.send.issue;
        let relation = if self.is_same_issue {
            format!("`{name}` was sent before, as `{other}`")
        } else {
            format!("`{name}` has the content of `{other}`, which was sent before")
        };
        if !self.is_open() {
            return relation;
        }
        let served = self.served();
        let all = served + usize::try_from(self.totals.open()).unwrap_or_default();
        let begun = if self.is_same_issue {
            format!("`{name}` has begun as `{other}`")
        } else {
            format!("`{name}` has the content of `{other}`, which has begun")
        };
        format!("{begun}: {served} of {} have it", counted(all, "recipient"))
    }

    /// What to do about `name`.
    pub fn hint(&self, name: &str) -> String {
        let (word, other) = (escape::shell(name), escape::shell(&self.send.issue));
        let again = format!("`franking send {word} --again-as {word}` sends it once more");
        if !self.is_open() {
            return again;
        }
        let resume = if self.has_file {
            format!("`franking resume {other}` sends the rest")
        } else {
            let path = path_of(&self.send.issue);
            format!(
                "rename the file back to `{path}` and run `franking resume {other}`, or send the rest from the frozen \
                 edition with `franking resume {other} --frozen`"
            )
        };
        let all = counted(self.served(), "recipient");
        format!("{resume}; {again}, also to the {all} who have it")
    }

    /// The finding, at the subject of the issue.
    pub fn finding(&self, head: &IssueIdentity) -> Finding {
        let hint = self.hint(&head.name);
        let hint = match (self.is_open(), self.has_file) {
            (true, _) => hint,
            (false, true) => format!("delete the file; {hint}"),
            // It is the only file of what was sent.
            (false, false) => {
                let path = path_of(&self.send.issue);
                format!("rename the file back to `{path}`; {hint}")
            }
        };
        Finding::warning("copied-issue", self.message(&head.name))
            .at(head.place.clone())
            .hint(hint)
    }
}

/// The issues among `names` that are copies of others, those with a copy's name counting as the copy.
pub fn of_files(path: &Path, sources: &Sources, names: &[String]) -> Vec<Copy> {
    let heads = names.iter();
    let heads = heads.filter_map(|name| issue::identity(path, name, &sources.newsletter));
    let mut heads: Vec<(Option<&str>, IssueIdentity)> = heads
        .map(|head| (copied_name(&head.name, names), head))
        .collect();
    heads.sort_by(|(a, one), (b, other)| (a.is_some(), &one.name).cmp(&(b.is_some(), &other.name)));
    let copies = heads.iter().enumerate().filter_map(|(at, (named, head))| {
        let earlier = heads[..at].iter().map(|(_, earlier)| earlier);
        let mut marked =
            earlier.filter_map(|other| Some((kind(path, sources, head, other)?, other)));
        let (kind, original) = match (named, marked.next()) {
            (Some(original), _) => (CopyKind::Name, (*original).to_owned()),
            (None, Some((kind, original))) => (kind, original.name.clone()),
            (None, None) => return None,
        };
        let head = head.clone();
        Some(Copy {
            head,
            original,
            kind,
        })
    });
    copies.collect()
}

fn kind(
    path: &Path,
    sources: &Sources,
    head: &IssueIdentity,
    other: &IssueIdentity,
) -> Option<CopyKind> {
    if head.may_be_copy_of(other) {
        return Some(CopyKind::Name);
    }
    if head.is_begun_like(other) {
        return None;
    }
    if head.is_like(other) && head.send_at == other.send_at {
        return Some(CopyKind::Head);
    }
    // The files have to say the same before it is worth compiling them, for a picture of one name may be another.
    if !head.has_content_of(other) {
        return None;
    }
    let content = |name: &str| {
        let compiled = workspace::compile(path, sources, name, &mut Findings::new());
        let content = compiled.map(|compiled| compiled.content(&sources.newsletter));
        content.filter(|content| !content.is_empty())
    };
    let is_same = content(&head.name).is_some_and(|own| content(&other.name) == Some(own));
    is_same.then_some(CopyKind::Content)
}

/// The campaign of another issue that had the content of this edition, or its number, subject and date. One of which
/// no message can have left does not count. `path` is the newsletter's directory.
///
/// # Errors
/// When the store cannot be read.
pub fn of_campaigns(
    path: &Path,
    store: &Store,
    compiled: &Compiled,
    newsletter: &Newsletter,
) -> Result<Option<EarlierSend>, StoreError> {
    let edition = &compiled.edition;
    let with = |send: Send, is_same_issue| {
        Ok(Some(EarlierSend {
            totals: store.totals(&send)?,
            has_file: path.join(path_of(&send.issue)).exists(),
            is_same_issue,
            send,
        }))
    };
    for send in store.sends()? {
        if send.issue != edition.issue && is_same_issue(store, &send, edition)? {
            return with(send, true);
        }
    }
    let content = compiled.content(newsletter);
    for send in store.sends_of_content(&content, &edition.issue)? {
        if !store.can_refreeze(&send)? {
            return with(send, false);
        }
    }
    Ok(None)
}

/// Whether a message may have left of a campaign whose edition has the number, subject and date of this one.
fn is_same_issue(store: &Store, send: &Send, edition: &Edition) -> Result<bool, StoreError> {
    if send.subject != edition.subject.fixed() || store.can_refreeze(send)? {
        return Ok(false);
    }
    // Of an edition that cannot be read, the subject is all that is known.
    let sent = Edition::thaw(&store.edition(&send.digest)?);
    let key = |edition: &Edition| (edition.number, edition.date);
    Ok(sent.map_or(true, |sent| key(&sent) == key(edition)))
}
