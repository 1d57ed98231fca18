//! The state of one campaign as JSON.

use serde_json::json;

use crate::campaign::CampaignStatus;
use crate::cli::terminal::Pages;
use crate::store::{DeliveryCondition, Store};
use crate::workspace::Failure;

/// Prints the campaign and the deliveries that meet all conditions, as they are read: a list may have a million
/// recipients.
pub(super) fn print(
    store: &Store,
    status: &CampaignStatus,
    conditions: &[DeliveryCondition],
) -> Result<(), Failure> {
    let summary = &status.summary;
    let mut out = Pages::default();
    out.push(&format!(
        "{{\"adds_up\":{},\"campaign\":{},\"deliveries\":[",
        summary.totals.add_up(),
        json!(summary.send)
    ));
    let mut between = "";
    status.each_delivery(store, conditions, |delivery| {
        out.push(between);
        out.push(&json!(delivery).to_string());
        between = ",";
    })?;
    out.push(&format!(
        "],\"domains\":{},\"editions\":{},\"status\":{},\"totals\":{}}}\n",
        json!(status.domains),
        json!(status.editions),
        json!(summary.progress),
        json!(summary.totals)
    ));
    out.end();
    Ok(())
}
