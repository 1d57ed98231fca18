//! The state of campaigns as JSON.

use serde_json::{Value, json};

use super::status::{CampaignList, CampaignStatus};
use crate::store::{DeliveryCondition, Store, StoreError};

impl CampaignList {
    /// All campaigns, and the rehearsals if there are any.
    pub fn json(&self) -> Value {
        let mut report = json!({ "campaigns": self.campaigns });
        if !self.rehearsals.is_empty() {
            report["rehearsals"] = json!(self.rehearsals);
        }
        report
    }
}

impl CampaignStatus {
    /// Calls `write` with each part of a JSON object: the campaign, and the deliveries that meet all `conditions`, as
    /// they are read. A list may have a million recipients.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn write_json(
        &self,
        store: &Store,
        conditions: &[DeliveryCondition],
        mut write: impl FnMut(&str),
    ) -> Result<(), StoreError> {
        write(&self.head_of_json());
        let mut between = "";
        self.each_delivery(store, conditions, |delivery| {
            write(between);
            write(&json!(delivery).to_string());
            between = ",";
        })?;
        write(&self.rest_of_json());
        Ok(())
    }

    /// The object up to its deliveries.
    fn head_of_json(&self) -> String {
        format!(
            "{{\"adds_up\":{},\"campaign\":{},\"deliveries\":[",
            self.summary.totals.add_up(),
            json!(self.summary.send)
        )
    }

    /// The object after its deliveries.
    fn rest_of_json(&self) -> String {
        format!(
            "],\"domains\":{},\"editions\":{},\"status\":{},\"totals\":{}}}\n",
            json!(self.domains),
            json!(self.editions),
            json!(self.summary.progress),
            json!(self.summary.totals)
        )
    }
}
