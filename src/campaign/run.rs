//! Run a campaign that is frozen: deliver its messages until nothing is due, and total the result.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::event::{CampaignEvent, Events};
use super::frozen::encoders;
use super::report::{RunReport, conclude, ended_at};
use super::routes::{RouteConfig, Routes};
use crate::delivery::{self, CircuitBreaker, Domains, Ended, Run};
use crate::message::MessageOptions;
use crate::store::{Ledger, Send, Store, StoreError};
use crate::workspace::{Failure, Workspace};

/// A frozen campaign that is ready to run.
pub struct Campaign {
    /// The ledger.
    pub store: Store,
    /// The campaign in it.
    pub send: Send,
    /// How it is sent.
    pub routes: Routes,
}

/// Runs a campaign until nothing is due, and gives the ledger back.
///
/// # Errors
/// When the ledger or the frozen edition cannot be read. How the run itself ended is a part of the report.
pub fn run(
    campaign: Campaign,
    workspace: &Workspace,
    events: &Arc<dyn Events>,
) -> Result<(RunReport, Store), Failure> {
    let Campaign {
        mut store,
        send,
        routes,
    } = campaign;
    if !send.is_rehearsal {
        store.require_key(&routes.key.code("store", &[]))?;
    }
    let (only, marker) = (routes.only.clone(), routes.marker.clone());
    let total = open(&mut store, &send, workspace, marker.as_deref(), events)?;
    let guard = Arc::new(CircuitBreaker::new(routes.believes_refusals));
    let (mut store, ended) = deliver(store, &send, routes, total, &guard, workspace, events)?;
    let is_sound = !matches!(ended, Ended::Ledger(_));
    let ended = match only {
        None => take_back(&mut store, &send, &guard, ended, workspace)?,
        Some(_) => ended,
    };
    let mut report = conclude(&mut store, send, only.as_deref(), ended, workspace)?;
    if is_sound && let Err(error) = advance(&mut store, marker.as_deref(), workspace) {
        report.stop(error.into());
    }
    Ok((report, store))
}

/// Prepares the ledger and returns how many deliveries are open.
fn open(
    store: &mut Store,
    send: &Send,
    workspace: &Workspace,
    marker: Option<&Path>,
    events: &Arc<dyn Events>,
) -> Result<u32, Failure> {
    let now = workspace.now.as_second();
    advance(store, marker, workspace)?;
    store.touch(send, now, None)?;
    if send.is_rehearsal {
        workspace.note_ledger_of_rehearsal(store)?;
    }
    let recovered = store.recover(send, now)?;
    events.event(CampaignEvent::Recovered(recovered, send));
    let sum = store.totals(send)?;
    Ok(sum.untried + sum.deferred)
}

fn deliver(
    store: Store,
    send: &Send,
    routes: Routes,
    total: u32,
    guard: &Arc<CircuitBreaker>,
    workspace: &Workspace,
    events: &Arc<dyn Events>,
) -> Result<(Store, Ended), Failure> {
    let options = MessageOptions {
        key: routes.key,
        date: workspace.now,
        mark: None,
        signer: routes.signer,
    };
    let presses = encoders(&store, send, &options)?;
    let connections = routes.routes.iter().map(RouteConfig::connections).sum();
    let lanes = routes.routes.into_iter();
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let run = Run {
        presses,
        lanes: lanes.map(|route| Arc::new(route.into_route())).collect(),
        window: routes.window,
        domains: Domains::new(&store.domains(send)?),
        guard: Arc::clone(guard),
        lease: delivery::lease(total, connections, routes.window),
        pace: Mutex::new(routes.domain_rates),
        retry: routes.retry,
        only: routes.only,
        list: routes.list,
        report: Box::new({
            let events = Arc::clone(events);
            move |subscriber, outcome| events.event(CampaignEvent::Tried(subscriber, outcome))
        }),
        tell: Box::new({
            let events = Arc::clone(events);
            move |notice| events.event(CampaignEvent::Notice(notice))
        }),
    };
    events.event(CampaignEvent::Started {
        total: total as u64,
    });
    let (ledger, writer) = Ledger::start(store, send);
    let ended = block_on(run, ledger, events)?;
    events.event(CampaignEvent::Ended);
    Ok((writer.join(), ended))
}

/// Runs on a runtime of its own.
fn block_on(run: Run, ledger: Ledger, events: &Arc<dyn Events>) -> Result<Ended, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        events.stop_switch(stop);
        Ok(delivery::run(Arc::new(run), ledger, stopped).await)
    })
}

/// Takes back refusals and deferrals that are about the sender, if the campaign has accepted nothing.
fn take_back(
    store: &mut Store,
    send: &Send,
    guard: &CircuitBreaker,
    ended: Ended,
    workspace: &Workspace,
) -> Result<Ended, Failure> {
    let at = ended_at(workspace).max(workspace.now.as_second());
    match ended {
        Ended::Refused(why) => {
            store.take_back(send, &[], &guard.stopped_by_deferrals(), at)?;
            Ok(Ended::Refused(why))
        }
        Ended::Done => {
            let sum = store.totals(send)?;
            let doubt = guard.doubt().filter(|_| sum.accepted + sum.uncertain == 0);
            let Some(doubt) = doubt else {
                return Ok(Ended::Done);
            };
            store.take_back(send, &doubt.refused, &doubt.deferred, at)?;
            Ok(doubt.ended())
        }
        ended => Ok(ended),
    }
}

fn advance(
    store: &mut Store,
    marker: Option<&Path>,
    workspace: &Workspace,
) -> Result<(), StoreError> {
    match marker {
        Some(marker) => store.advance(marker, workspace.now.as_second()),
        None => Ok(()),
    }
}
