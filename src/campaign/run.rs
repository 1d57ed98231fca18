//! Run a frozen campaign: deliver its messages until nothing is due, and report the totals.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::event::{CampaignEvent, Events, Started};
use super::frozen::encoders;
use super::report::{RunReport, conclude, ended_at};
use super::routes::Routes;
use crate::delivery::{self, CircuitBreaker, Route, Run, StopReason, Suspensions};
use crate::message::MessageOptions;
use crate::store::{Ledger, Send, Store, StoreError};
use crate::subscriber::TokenKey;
use crate::workspace::{Failure, Workspace};

/// A frozen campaign that is ready to run.
///
/// # Examples
///
/// ```no_run
/// use std::sync::Arc;
///
/// use franking::campaign::{self, Events, Silent};
///
/// # fn example(campaign: franking::Campaign) -> Result<(), franking::workspace::Failure> {
/// let workspace = franking::Workspace::open(".")?;
/// let events: Arc<dyn Events> = Arc::new(Silent);
/// let (report, _ledger) = campaign::run(campaign, &workspace, &events)?;
/// println!("{} accepted", report.totals.accepted);
/// # Ok(())
/// # }
/// ```
///
/// `examples/send.rs` freezes a campaign and runs it.
pub struct Campaign {
    /// The ledger.
    pub store: Store,
    /// The campaign in it.
    pub send: Send,
    /// How it is sent.
    pub routes: Routes,
}

/// Runs a campaign until nothing is due, and returns the report and the ledger.
///
/// # Errors
/// If the ledger or the frozen edition cannot be read. The report has the end of the run, including its errors.
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
        store.require_token_keys(&routes.token_keys)?;
        let mut notice = |line: &str| events.event(CampaignEvent::Notice(line));
        workspace.add_earlier_tokens(&store, &mut notice)?;
    }
    let (only, marker) = (routes.only.clone(), routes.marker.clone());
    let total = open(&mut store, &send, workspace, marker.as_deref(), events)?;
    let breaker = Arc::new(CircuitBreaker::new(routes.believes_refusals));
    let (mut store, ended) = deliver(store, &send, routes, total, &breaker, workspace, events)?;
    let is_sound = !matches!(ended, StopReason::Ledger(_));
    let ended = match only {
        None => take_back(&mut store, &send, &breaker, ended, workspace)?,
        Some(_) => ended,
    };
    let mut report = conclude(&mut store, send, only.as_deref(), ended, workspace)?;
    if is_sound && let Err(error) = advance(&mut store, marker.as_deref(), workspace) {
        report.stop(error.into());
    }
    events.event(CampaignEvent::Concluded(&report));
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
    let totals = store.totals(send)?;
    Ok(totals.untried + totals.deferred)
}

/// Delivers the messages, and returns the ledger and how the run ended.
fn deliver(
    store: Store,
    send: &Send,
    routes: Routes,
    total: u32,
    breaker: &Arc<CircuitBreaker>,
    workspace: &Workspace,
    events: &Arc<dyn Events>,
) -> Result<(Store, StopReason), Failure> {
    let options = MessageOptions {
        key: routes.key,
        token_key: TokenKey::specimen(),
        date: workspace.now,
        mark: None,
        signer: routes.signer,
    };
    let encoders = encoders(&store, send, &options, &routes.token_keys)?;
    let connections = routes.routes.iter().map(|route| route.connections).sum();
    let configs = routes.routes.into_iter();
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let run = Run {
        encoders,
        routes: configs.map(|config| Arc::new(Route::new(config))).collect(),
        window: routes.window,
        suspensions: Suspensions::new(&store.domains(send)?),
        breaker: Arc::clone(breaker),
        lease: delivery::lease(total, connections, routes.window),
        domain_rates: Mutex::new(routes.domain_rates),
        retry: routes.retry,
        only: routes.only,
        list: routes.list,
        follows_list: routes.follows_list,
        on_outcome: Box::new({
            let events = Arc::clone(events);
            move |attempt| events.event(CampaignEvent::Tried(attempt))
        }),
        on_notice: Box::new({
            let events = Arc::clone(events);
            move |notice| events.event(CampaignEvent::Notice(notice))
        }),
    };
    events.event(CampaignEvent::Started(Started {
        issue: &send.issue,
        total: total as u64,
        key: &options.key,
    }));
    let (ledger, writer) = Ledger::start(store, send);
    let ended = block_on(run, ledger, events)?;
    events.event(CampaignEvent::Ended);
    Ok((writer.join(), ended))
}

/// Runs on a runtime of its own.
fn block_on(run: Run, ledger: Ledger, events: &Arc<dyn Events>) -> Result<StopReason, Failure> {
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
    breaker: &CircuitBreaker,
    ended: StopReason,
    workspace: &Workspace,
) -> Result<StopReason, Failure> {
    let at = ended_at(workspace).max(workspace.now.as_second());
    match ended {
        StopReason::Refused(why) => {
            store.take_back(send, &[], &breaker.stopped_by_deferrals(), at)?;
            Ok(StopReason::Refused(why))
        }
        StopReason::Done => {
            let totals = store.totals(send)?;
            match breaker.retraction() {
                Some(retraction) if totals.accepted + totals.uncertain == 0 => {
                    store.take_back(send, &retraction.refused, &retraction.deferred, at)?;
                    Ok(retraction.stop_reason())
                }
                _ => Ok(StopReason::Done),
            }
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
