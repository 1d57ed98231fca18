//! Issues that are copies of others, and campaigns in which the same content was sent before.

use std::path::Path;

use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings, counted};
use crate::newsletter::config::Newsletter;
use crate::newsletter::issue::{self, IssueIdentity, copied_name, path_of};
use crate::placeholder::DefaultValues;
use crate::store::{Send, Store, StoreError, Totals};
use crate::util::escape;
use crate::workspace::{self, Compiled, Sources};

/// An issue that is a copy of another issue. `send --due` never sends a copy, because a person has to decide which of the
/// two is intended.
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
    /// Its file name is one that file managers and synchronisation tools give to copies.
    Name,
    /// It has the same number, subject and `send_at`.
    Head,
    /// It has the same content, but another number, subject, date or `send_at`.
    Content,
}

impl Copy {
    /// The finding, at the subject of the copy.
    pub fn finding(&self) -> Finding {
        let (name, original) = (&self.head.name, &self.original);
        let message = match self.kind {
            CopyKind::Name => format!("`{name}` has the name of a copy of `{original}`"),
            CopyKind::Head => {
                format!("`{name}` has the number, subject and `send_at` of `{original}`")
            }
            CopyKind::Content => format!("`{name}` has the content of `{original}`"),
        };
        Finding::warning("copied-issue", message)
            .at(self.head.place.clone())
            .hint(format!(
                "delete the file that is not intended; a new issue needs its own name and content. \
                 `franking send {}` sends it anyway",
                escape::shell(name)
            ))
    }
}

/// An earlier campaign of another issue, with the same content.
#[derive(Debug, Clone)]
pub struct EarlierSend {
    /// The campaign.
    pub send: Send,
    /// The totals of the campaign.
    pub totals: Totals,
    /// Whether it is the same issue under another name, with the same number, subject and date.
    pub is_same_issue: bool,
    /// Whether the file of its issue exists.
    pub has_file: bool,
}

impl EarlierSend {
    /// Whether the campaign still has open recipients.
    pub fn is_open(&self) -> bool {
        self.send.finished_at.is_none() && !self.send.is_cancelled() && self.totals.open() > 0
    }

    /// How many recipients have the message, or may have it.
    pub fn received(&self) -> usize {
        usize::try_from(self.totals.accepted + self.totals.uncertain).unwrap_or(usize::MAX)
    }

    /// Why `name` should not be sent.
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
        let received = self.received();
        let all = received + usize::try_from(self.totals.open()).unwrap_or_default();
        let begun = if self.is_same_issue {
            format!("`{name}` has begun as `{other}`")
        } else {
            format!("`{name}` has the content of `{other}`, which has begun")
        };
        format!(
            "{begun}: {received} of {} have it",
            counted(all, "recipient")
        )
    }

    /// What to do about `name`.
    pub fn hint(&self, name: &str) -> String {
        let (word, other) = (escape::shell(name), escape::shell(&self.send.issue));
        let again = format!("`franking send {word} --again-as {word}` sends it once more");
        if !self.is_open() {
            return again;
        }
        let resume = if self.has_file {
            format!("`franking resume {other}` sends it to the others")
        } else {
            let path = path_of(&self.send.issue);
            format!(
                "rename the file back to `{path}` and run `franking resume {other}`, or send the frozen edition to the \
                 others with `franking resume {other} --frozen`"
            )
        };
        let all = counted(self.received(), "recipient");
        format!("{resume}; {again}, also to the {all} who have it")
    }

    /// The finding, at the subject of the issue.
    pub fn finding(&self, head: &IssueIdentity) -> Finding {
        let hint = self.hint(&head.name);
        let hint = match (self.is_open(), self.has_file) {
            (true, _) => hint,
            (false, true) => format!("delete the file; {hint}"),
            // It is the only file of the issue that was sent.
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

/// The issues among `names` that are copies of others. Of two, the one with the file name of a copy is the copy.
pub fn of_files(path: &Path, sources: &Sources, names: &[String]) -> Vec<Copy> {
    let heads = names.iter();
    let heads = heads.filter_map(|name| issue::identity(path, name, &sources.newsletter));
    let mut heads: Vec<(Option<&str>, IssueIdentity)> = heads
        .map(|head| (copied_name(&head.name, names), head))
        .collect();
    heads.sort_by(|(a, one), (b, other)| (a.is_some(), &one.name).cmp(&(b.is_some(), &other.name)));
    let copies = heads.iter().enumerate().filter_map(|(at, (named, head))| {
        let earlier = heads[..at].iter().map(|(_, earlier)| earlier);
        let mut similar =
            earlier.filter_map(|other| Some((kind(path, sources, head, other)?, other)));
        let (kind, original) = match (named, similar.next()) {
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
    // Only files with the same content are compiled. Compiling compares their pictures too, which may have changed.
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

/// The campaign of another issue with the content of this edition, or with its number, subject and date. A campaign that
/// cannot have sent any message does not count. `path` is the newsletter's directory.
///
/// # Errors
/// If the store cannot be read.
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

/// Whether a campaign has the number, subject and date of this edition, and a message of it may have been sent.
fn is_same_issue(store: &Store, send: &Send, edition: &Edition) -> Result<bool, StoreError> {
    let subject = &edition.subject;
    // Campaigns of earlier versions have subjects without placeholders.
    let is_same_subject = send.subject == subject.fill(&DefaultValues(&edition.placeholders))
        || send.subject == subject.fixed();
    if !is_same_subject || store.can_refreeze(send)? {
        return Ok(false);
    }
    // If the frozen edition cannot be read, only the subject is compared.
    let sent = Edition::thaw(&store.edition(&send.digest)?);
    let key = |edition: &Edition| (edition.number, edition.date);
    Ok(sent.map_or(true, |sent| key(&sent) == key(edition)))
}
