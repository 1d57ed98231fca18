//! Issues that are copies of others, and campaigns in which the same content was sent before.

use std::path::Path;

use crate::diag::{Finding, Findings};
use crate::edition::Edition;
use crate::escape;
use crate::issue::{self, Head, copied_name};
use crate::load::{self, Folder};
use crate::store::{Send, Store, StoreError};

/// An issue that is a copy of another one that is not sent yet.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The copy.
    pub head: Head,
    /// The name of the other issue.
    pub original: String,
    /// What makes it a copy.
    pub mark: Mark,
}

/// What makes an issue a copy of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Its name says so, as file managers and synchronisation name copies.
    Name,
    /// It has the other's number, subject and moment.
    Head,
    /// It has the other's content, and another moment.
    Content,
}

impl Copy {
    /// Whether a timer leaves it alone although the other is not sent yet. With another moment it may be the one that
    /// is meant.
    pub fn is_left_alone(&self) -> bool {
        self.mark != Mark::Content
    }

    /// The finding, at the subject of the copy.
    pub fn finding(&self) -> Finding {
        let (name, original) = (&self.head.name, &self.original);
        let message = match self.mark {
            Mark::Name => format!("`{name}` has the name of a copy of `{original}`"),
            Mark::Head => format!("`{name}` has the number, subject and moment of `{original}`"),
            Mark::Content => format!("`{name}` has the content of `{original}`"),
        };
        Finding::warning("copied-issue", message)
            .at(self.head.place.clone())
            .hint("delete the file that is not meant; a new issue needs its own name, number or subject".to_owned())
    }
}

/// The finding for an issue whose content was sent before, in `campaign`.
pub fn sent_before(head: &Head, campaign: &Send) -> Finding {
    let (name, other) = (&head.name, &campaign.issue);
    let word = escape::shell(name);
    Finding::warning(
        "copied-issue",
        format!("`{name}` was sent before, as `{other}`"),
    )
    .at(head.place.clone())
    .hint(format!(
        "delete the file; `franking send {word} --again-as {word}` sends it once more"
    ))
}

/// The issues among `names` that are copies of others, those with a copy's name counting as the copy.
pub fn of_files(path: &Path, folder: &Folder, names: &[String]) -> Vec<Copy> {
    let heads = names.iter();
    let heads = heads.filter_map(|name| issue::head(path, name, &folder.publication));
    let mut heads: Vec<(Option<&str>, Head)> = heads
        .map(|head| (copied_name(&head.name, names), head))
        .collect();
    heads.sort_by(|(a, one), (b, other)| (a.is_some(), &one.name).cmp(&(b.is_some(), &other.name)));
    let copies = heads.iter().enumerate().filter_map(|(at, (named, head))| {
        let earlier = heads[..at].iter().map(|(_, earlier)| earlier);
        let mut marked =
            earlier.filter_map(|other| Some((mark(path, folder, head, other)?, other)));
        let (mark, original) = match (named, marked.next()) {
            (Some(original), _) => (Mark::Name, (*original).to_owned()),
            (None, Some((mark, original))) => (mark, original.name.clone()),
            (None, None) => return None,
        };
        let head = head.clone();
        Some(Copy {
            head,
            original,
            mark,
        })
    });
    copies.collect()
}

fn mark(path: &Path, folder: &Folder, head: &Head, other: &Head) -> Option<Mark> {
    if head.may_be_copy_of(other) {
        return Some(Mark::Name);
    }
    if !head.is_like(other) {
        return None;
    }
    if head.send_at == other.send_at {
        return Some(Mark::Head);
    }
    let content = |name: &str| {
        let compiled = load::compile(path, folder, name, &mut Findings::new());
        compiled.map(|(compiled, _)| compiled.edition.content())
    };
    let is_same = content(&head.name).is_some_and(|own| content(&other.name) == Some(own));
    is_same.then_some(Mark::Content)
}

/// The campaign of another issue in which this edition, or one with its number, subject and date, was sent. One of
/// which no message can have left does not count.
///
/// # Errors
/// When the store cannot be read.
pub fn of_campaigns(store: &Store, edition: &Edition) -> Result<Option<Send>, StoreError> {
    let subject = edition.subject.fixed();
    for send in store.sends()? {
        if send.issue == edition.issue || send.subject != subject || store.is_renewable(&send)? {
            continue;
        }
        // Who has the same content has the same number and date too. Of an edition that cannot be read, the subject
        // is all that is known.
        let sent = Edition::thaw(&store.edition(&send.digest)?);
        let key = |edition: &Edition| (edition.number, edition.date);
        if sent.map_or(true, |sent| key(&sent) == key(edition)) {
            return Ok(Some(send));
        }
    }
    Ok(None)
}
