//! The forecast of a send, with the values that its report shows.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime, civil};

use crate::delivery::Plan;
use crate::delivery::forecast::{
    DomainForecast, Forecast, ForecastParameters, RouteParameters, WaitCause,
};
use crate::newsletter::config::{Newsletter, Rate, RelayConfig, Smtp};
use crate::store::Send;

/// The most domains that are named for their size.
const LARGEST: usize = 10;
/// Domains with less than this fraction of the recipients are not named for their size.
const SMALL: usize = 100;

/// The forecast of a send.
#[derive(Debug)]
pub struct SendPlan {
    /// When the messages would be sent, by domain.
    pub forecast: Forecast,
    /// The limits and assumptions.
    pub parameters: ForecastParameters,
    /// The campaign, if it has begun.
    pub begun: Option<Send>,
    /// How many recipients have the message already, if it has begun.
    pub accepted: Option<u32>,
    /// The recipients and exclusions, if it has not begun.
    pub plan: Option<Plan>,
}

impl SendPlan {
    /// The number of recipients who have no message yet.
    pub fn recipients(&self) -> usize {
        let domains = self.forecast.domains.iter();
        domains.map(|domain| domain.messages).sum()
    }

    /// The number of connections over all routes.
    pub fn connections(&self) -> usize {
        let routes = self.parameters.routes.iter();
        routes.map(|route| route.connections).sum()
    }

    /// The domains, the largest first.
    pub fn domains(&self) -> Vec<&DomainForecast> {
        let mut domains: Vec<&DomainForecast> = self.forecast.domains.iter().collect();
        domains.sort_by_key(|domain| (std::cmp::Reverse(domain.messages), &domain.name));
        domains
    }

    /// The domains that a summary names, which are the largest and those with a rate limit, and the others; in both, the
    /// largest first.
    pub fn named_domains(&self) -> (Vec<&DomainForecast>, Vec<&DomainForecast>) {
        let small = self.recipients() / SMALL;
        let mut place = 0;
        self.domains().into_iter().partition(|domain| {
            place += 1;
            let is_large = place <= LARGEST && domain.messages > small;
            is_large || self.rate_of(&domain.name).is_some()
        })
    }

    /// The rate limit of a domain, if it has one.
    pub fn rate_of(&self, domain: &str) -> Option<Rate> {
        let mut rates = self.parameters.per_domain.iter();
        let found = rates.find(|(name, _)| name == domain);
        found.map(|(_, rate)| *rate)
    }

    /// The domain whose rate limit is the cause of a wait.
    pub fn domain_of(&self, cause: WaitCause) -> Option<&str> {
        let WaitCause::Domain(number) = cause else {
            return None;
        };
        let domain = self.forecast.domains.get(number);
        domain.map(|domain| domain.name.as_str())
    }

    /// The days in `zone` on which messages are sent, and the number of messages of each.
    pub fn days(&self, zone: &TimeZone) -> Vec<(civil::Date, usize)> {
        let mut days = Vec::new();
        let mut from = i64::MIN;
        while let Some(second) = self.forecast.next(from) {
            let Some((day, begin, end)) = day_around(second, zone) else {
                break;
            };
            from = end;
            days.push((day, self.forecast.between(begin, end)));
        }
        days
    }

    /// The relays with their configuration, limits and numbers of messages; empty if messages become files.
    pub fn relays<'a>(
        &'a self,
        newsletter: &'a Newsletter,
    ) -> Vec<(&'a RelayConfig, &'a RouteParameters, usize)> {
        let relays = newsletter.smtp.iter().flat_map(Smtp::relays);
        let routes = self.parameters.routes.iter();
        let routes = routes.zip(&self.forecast.messages);
        let relays = relays.zip(routes);
        relays
            .map(|((relay, _), (route, messages))| (relay, route, *messages))
            .collect()
    }
}

/// The day of a second, and its first second and that of the next day, in Unix seconds.
fn day_around(second: i64, zone: &TimeZone) -> Option<(civil::Date, i64, i64)> {
    let at = Timestamp::from_second(second).ok()?;
    let at = at.to_zoned_datetime(zone.clone());
    let begin = at.start_of_day().ok()?;
    let end = at.tomorrow().ok()?.start_of_day().ok()?;
    let seconds = |zoned: &ZonedDateTime| zoned.timestamp().as_second();
    Some((at.date(), seconds(&begin), seconds(&end)))
}
