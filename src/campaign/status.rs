//! The state of campaigns, as `franking status` shows it.

use serde::Serialize;

use super::schedule::Progress;
use crate::store::{Domain, Send, SendEdition, Store, Totals};
use crate::workspace::{Failure, Sources, Workspace};

/// A campaign or a rehearsal in a list.
#[derive(Debug, Serialize)]
pub struct CampaignSummary {
    /// The campaign.
    #[serde(rename = "campaign")]
    pub send: Send,
    /// Its progress, as [`Progress::as_str`] has it, or `rehearsal`.
    #[serde(rename = "status")]
    pub progress: &'static str,
    /// Its totals.
    pub totals: Totals,
}

/// All campaigns of a newsletter.
#[derive(Debug)]
pub struct CampaignList {
    /// The campaigns, the latest first.
    pub campaigns: Vec<CampaignSummary>,
    /// The rehearsals, the latest first.
    pub rehearsals: Vec<CampaignSummary>,
}

/// A campaign with the domains and editions of its deliveries.
#[derive(Debug)]
pub struct CampaignStatus {
    /// The campaign, its progress and its totals.
    pub summary: CampaignSummary,
    /// Domains that are or were suspended.
    pub domains: Vec<Domain>,
    /// The editions; several after a correction.
    pub editions: Vec<SendEdition>,
}

/// All campaigns and rehearsals.
///
/// # Errors
/// When the ledger cannot be read.
pub fn campaigns(
    store: &Store,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<CampaignList, Failure> {
    let summaries = |sends: Vec<Send>| {
        let summaries = sends.into_iter();
        let summaries = summaries.map(|send| summary(store, send, sources, workspace));
        summaries.collect::<Result<Vec<_>, Failure>>()
    };
    Ok(CampaignList {
        campaigns: summaries(store.sends()?)?,
        rehearsals: summaries(store.rehearsals()?)?,
    })
}

/// The state of one campaign.
///
/// # Errors
/// When the ledger cannot be read.
pub fn status(
    store: &Store,
    send: Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<CampaignStatus, Failure> {
    Ok(CampaignStatus {
        domains: store.domains(&send)?,
        editions: store.editions(&send)?,
        summary: summary(store, send, sources, workspace)?,
    })
}

fn summary(
    store: &Store,
    send: Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<CampaignSummary, Failure> {
    let progress = match send.is_rehearsal {
        true => "rehearsal",
        false => progress(store, &send, sources, workspace)?.as_str(),
    };
    Ok(CampaignSummary {
        totals: store.totals(&send)?,
        progress,
        send,
    })
}

/// The progress of a campaign that is not a rehearsal.
pub(super) fn progress(
    store: &Store,
    send: &Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Progress, Failure> {
    let is_running = workspace.is_running(sources, store, send)?;
    Ok(Progress::of(send, is_running))
}
