//! The state of campaigns, as `franking status` shows it.

use serde::Serialize;

use super::schedule::Progress;
use crate::store::{
    Delivery, DeliveryCondition, Domain, Send, SendEdition, State, Store, StoreError, Totals,
};
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
    /// Whether a killed run has left messages whose outcome is unknown, and that no run has recorded as uncertain yet.
    has_abandoned: bool,
}

impl CampaignStatus {
    /// Calls `visit` with each delivery that meets all `conditions`, in the order of the list. A message that a killed run
    /// had begun to send is uncertain.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn each_delivery(
        &self,
        store: &Store,
        conditions: &[DeliveryCondition],
        mut visit: impl FnMut(Delivery),
    ) -> Result<(), StoreError> {
        let send = &self.summary.send;
        if !self.has_abandoned {
            return store.each_delivery(send, conditions, visit);
        }
        // The ledger has another state than is shown, so it cannot select by it.
        let is_state = |one: &DeliveryCondition| matches!(one, DeliveryCondition::State(_));
        let (states, others): (Vec<_>, Vec<_>) = conditions.iter().cloned().partition(is_state);
        store.each_delivery(send, &others, |delivery| {
            let delivery = delivery.without_runs();
            let shown = DeliveryCondition::State(delivery.state);
            if states.iter().all(|state| *state == shown) {
                visit(delivery);
            }
        })
    }

    /// The deliveries in this state, in the order of the list; see [`CampaignStatus::each_delivery`].
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn deliveries(&self, store: &Store, state: State) -> Result<Vec<Delivery>, StoreError> {
        let send = &self.summary.send;
        let states = match (self.has_abandoned, state) {
            (true, State::InData) => return Ok(Vec::new()),
            (true, State::Uncertain) => vec![State::InData, State::Uncertain],
            (_, state) => vec![state],
        };
        let deliveries = store.deliveries(send, &states)?.into_iter();
        Ok(match self.has_abandoned {
            true => deliveries.map(Delivery::without_runs).collect(),
            false => deliveries.collect(),
        })
    }
}

/// All campaigns and rehearsals.
///
/// # Errors
/// If the ledger cannot be read.
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
/// If the ledger cannot be read.
pub fn status(
    store: &Store,
    send: Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<CampaignStatus, Failure> {
    let is_running = workspace.is_running(sources, store, &send)?;
    Ok(CampaignStatus {
        has_abandoned: !is_running && store.in_data(&send)? > 0,
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
    let totals = workspace.totals(store, &send, sources)?;
    let progress = match send.is_rehearsal {
        true => "rehearsal",
        false => progress(store, &send, &totals, sources, workspace)?.as_str(),
    };
    Ok(CampaignSummary {
        totals,
        progress,
        send,
    })
}

/// The progress of a campaign that is not a rehearsal.
pub(super) fn progress(
    store: &Store,
    send: &Send,
    totals: &Totals,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Progress, Failure> {
    let is_running = workspace.is_running(sources, store, send)?;
    Ok(Progress::of(send, totals, is_running))
}
