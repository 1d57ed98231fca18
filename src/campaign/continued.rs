//! A campaign that has begun, as the next run would continue it.

use super::request::SendRequest;
use super::resume_plan::{ResumePlan, each};
use crate::store::{Remaining, Send, Store};
use crate::workspace::Failure;

/// A campaign as the next run would continue it: with the current policy of the issue and the current statuses of the
/// list. It writes nothing.
pub struct Continued<'a> {
    request: SendRequest<'a>,
    /// The campaign.
    pub send: Send,
}

impl<'a> Continued<'a> {
    /// The run of `request` that continues `send`.
    ///
    /// # Errors
    /// If the file of the issue does not exist and the request does not keep the frozen edition.
    pub fn new(request: SendRequest<'a>, send: Send) -> Result<Self, Failure> {
        let send = request.with_present_policy(send)?;
        Ok(Self { request, send })
    }

    /// Calls `visit` for every delivery that a run would try.
    ///
    /// # Errors
    /// If the list or the ledger cannot be read.
    pub fn each(&self, store: &Store, visit: impl FnMut(&Remaining)) -> Result<(), Failure> {
        let only = self.request.options.only.as_ref();
        let statuses = self.request.statuses()?;
        let resume_plan = ResumePlan::of(store, &self.send, &statuses, only)?;
        resume_plan.report_departed(&self.send, &**self.request.events);
        Ok(each(store, &self.send, &statuses, only, visit)?)
    }
}
