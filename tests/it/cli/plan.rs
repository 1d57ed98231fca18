//! `franking plan`: a forecast of a campaign, compared with the campaign.

use std::collections::BTreeMap;

use franking::simulator::sink::AcceptAll;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::relay::{self, BadDay, Relay, masked, smtp};
use crate::support::{Folder, Run};

/// A port without a listener: a plan contacts no relay.
const NOWHERE: u16 = 9;

/// A newsletter with subscribers at a large provider, at a smaller one, and at unknown ones.
fn newsletter(keys: &str) -> Folder {
    let smtp = smtp(NOWHERE, "none", 4);
    let folder = relay::newsletter(&format!("{smtp}{keys}\n"));
    let large = (1..=60).map(|n| format!("r{n}@large.example"));
    let middle = (1..=25).map(|n| format!("r{n}@Middle.example"));
    let small = (1..=15).map(|n| format!("r@small{n}.example"));
    relay::set_addresses(&folder, large.chain(middle).chain(small));
    let list = folder.read("subscribers.toml");
    let gone = "[[subscriber]]\nemail = \"gone@large.example\"\nstatus = \"unsubscribed\"\n";
    folder.write("subscribers.toml", &(list + gone));
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

fn plan(folder: &Folder, now: &str, further: &[&str]) -> Run {
    let arguments: Vec<&str> = ["plan", "a"].iter().chain(further).copied().collect();
    folder.run_at(now, &arguments)
}

fn json(folder: &Folder, now: &str) -> Value {
    let run = plan(folder, now, &["--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// The number of messages that the plan has for each day.
fn days(plan: &Value) -> BTreeMap<String, u64> {
    let days = plan["days"].as_array().expect("days").iter();
    let pair = |day: &Value| {
        let letters = day["messages"].as_u64().expect("a number");
        (day["day"].as_str().expect("a day").to_owned(), letters)
    };
    days.map(pair).collect()
}

#[test]
fn a_plan_shows_domains_days_and_the_end_before_a_send() {
    let folder = newsletter(
        "rate = \"2/s\"\nper_domain = { \"Large.example\" = \"30/min\" }\nwarm_up = [20, 50]",
    );
    let before = folder.files();
    let output = plan(&folder, "2026-11-29T12:00:00Z", &[]);
    assert_data_eq!(
        format!("{}{}exit {}\n", output.stdout, output.stderr, output.code),
        str![[r#"
`a`: 100 recipients, 1 excluded (1 unsubscribed)
by 127.0.0.1:9, 4 connections, 2/s, warm-up 20, 50
begins  2026-11-30 09:00:00 CET  2026-11-30T08:00:00Z
ends    2026-12-02 09:00:14 CET  2026-12-02T08:00:14Z

domain          recipients    rate  begins                   ends
large.example           60  30/min  2026-11-30 09:00:00 CET  2026-12-01 09:01:18 CET
middle.example          25       -  2026-12-01 09:01:00 CET  2026-12-02 09:00:12 CET
15 others               15       -  2026-12-02 09:00:01 CET  2026-12-02 09:00:14 CET

day         recipients
2026-11-30          20
2026-12-01          50
2026-12-02          30

The longest wait is for the next day, because of `warm_up`: 1 day 23 h of 2 days.
It takes 3 runs: `franking send --due` by its timer, or the same command again.
The speed of the relay is unknown and counts as 0 (set it with `--message-time 80ms`).
Refusals and deferrals are not predicted.
exit 0

"#]]
    );
    assert_eq!(folder.changes_since(&before), [""; 0], "nothing is made");
}

#[test]
fn the_json_plan_has_every_domain() {
    let folder = newsletter("rate = \"1000/h\"\ndaily = 90");
    let output = plan(
        &folder,
        "2026-11-30T08:00:00Z",
        &["--json", "--message-time", "80ms"],
    );
    let output: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(output["domains"].as_array().expect("domains").len(), 17);
    let mut output = output;
    output["domains"]
        .as_array_mut()
        .expect("domains")
        .truncate(2);
    let output = serde_json::to_string_pretty(&output).expect("JSON");
    assert_data_eq!(
        output,
        str![[r#"
{
  "accepted": null,
  "begins": "2026-11-30T08:00:00Z",
  "begun": null,
  "brake": null,
  "days": [
    {
      "day": "2026-11-30",
      "messages": 90
    },
    {
      "day": "2026-12-01",
      "messages": 10
    }
  ],
  "domains": [
    {
      "begins": "2026-11-30T08:00:00Z",
      "domain": "large.example",
      "ends": "2026-11-30T08:03:46Z",
      "rate": null,
      "recipients": 60
    },
    {
      "begins": "2026-11-30T08:03:07Z",
      "domain": "middle.example",
      "ends": "2026-11-30T08:05:16Z",
      "rate": null,
      "recipients": 25
    }
  ],
  "ends": "2026-12-01T08:01:28Z",
  "excluded": 1,
  "issue": "a",
  "message_time": 0.08,
  "recipients": 100,
  "relays": [
    {
      "connections": 4,
      "daily": 90,
      "rate": "1000/h",
      "recipients": 100,
      "relay": "127.0.0.1:9",
      "warm_up": []
    }
  ],
  "runs": 3,
  "time_zone": "Europe/Brussels",
  "waits": [
    {
      "domain": null,
      "for": "daily",
      "seconds": 86139.44
    },
    {
      "domain": null,
      "for": "rate",
      "seconds": 341.44
    },
    {
      "domain": null,
      "for": "relay",
      "seconds": 8.0
    }
  ]
}
"#]]
    );
}

#[test]
fn without_a_relay_the_plan_has_no_duration() {
    let folder = newsletter("");
    relay::set_smtp(&folder, "");
    let output = plan(&folder, "2026-12-24T12:00:00Z", &[]);
    assert_data_eq!(
        format!("{}{}exit {}\n", output.stdout, output.stderr, output.code),
        str![[r#"
`a`: 100 recipients, 1 excluded (1 unsubscribed)
into files
begins  2026-12-24 13:00:00 CET  2026-12-24T12:00:00Z
ends    2026-12-24 13:00:00 CET  2026-12-24T12:00:00Z

domain          recipients  rate  begins                   ends
large.example           60     -  2026-12-24 13:00:00 CET  2026-12-24 13:00:00 CET
middle.example          25     -  2026-12-24 13:00:00 CET  2026-12-24 13:00:00 CET
15 others               15     -  2026-12-24 13:00:00 CET  2026-12-24 13:00:00 CET

day         recipients
2026-12-24         100

No known limit will delay this send.
exit 0

"#]]
    );
}

#[test]
fn a_plan_that_is_impossible_names_the_reason() {
    let folder = newsletter("");
    let unknown = folder.run(&["plan", "b"]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    let no_time = plan(&folder, "2026-11-30T08:00:00Z", &["--message-time=-1s"]);
    assert_eq!(no_time.code, 2, "{}", no_time.stderr);
    assert!(
        no_time.stderr.contains("a duration cannot be negative"),
        "{}",
        no_time.stderr
    );
    folder.write("issues/a.toml", "subject = 1\n");
    let broken = plan(&folder, "2026-11-30T08:00:00Z", &[]);
    assert_eq!(broken.code, 1, "{}", broken.stderr);
}

/// When the run that has just ended may be followed by another, as it says itself.
fn again(run: &Run) -> Option<String> {
    let (_, rest) = run.stderr.split_once("more can be sent at ")?;
    rest.lines().next().map(str::to_owned)
}

#[test]
fn a_campaign_takes_the_days_of_its_plan_and_the_rest_is_planned_the_same_way() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter("");
    let smtp = smtp(relay.port, "none", 4);
    relay::set_smtp(&folder, &format!("{smtp}daily = 30\nwarm_up = [5, 12]\n"));
    let planned = json(&folder, "2026-11-28T22:00:00Z");
    assert_eq!(planned["begins"], "2026-11-30T08:00:00Z");
    let mut now = "2026-11-30T08:00:00Z".to_owned();
    let (mut sent, mut before) = (BTreeMap::new(), 0);
    loop {
        let send = folder.run_at(&now, &["send", "a", "--yes"]);
        let count = relay.recipients().len();
        sent.insert(now[..10].to_owned(), (count - before) as u64);
        before = count;
        let left = json(&folder, &now);
        let Some(next) = again(&send) else {
            assert_eq!(
                (send.code, &left["recipients"]),
                (0, &Value::from(0)),
                "{}",
                send.stderr
            );
            break;
        };
        // The same days and the same end, whenever it is asked.
        assert_eq!(left["ends"], planned["ends"]);
        let mut all = sent.clone();
        all.extend(days(&left));
        assert_eq!(all, days(&planned));
        now = next;
    }
    assert_eq!(sent, days(&planned));
    assert_eq!(Value::from(now), planned["ends"]);
    assert_eq!(
        sent.values().copied().collect::<Vec<_>>(),
        [5, 12, 30, 30, 23]
    );
}

#[test]
fn deferred_suppressed_and_refused_recipients_are_planned_as_such() {
    let file = "sqlite:.franking/store.db".to_owned();
    let database = Database::create("the plan of a send on a server");
    let server = database.as_ref().map(Database::url);
    for store in std::iter::once(file).chain(server) {
        after_a_bad_day(&store);
    }
}

fn after_a_bad_day(store: &str) {
    let relay = Relay::start(BadDay {
        later: "4.7.1 later",
    });
    let smtp = smtp(relay.port, "none", 1);
    let store = format!("[store]\nurl = \"{store}\"\n");
    let folder = relay::newsletter(&format!("{smtp}warm_up = [9]\n{store}"));
    relay::set_numbered(&folder, 9);
    for issue in ["a", "b"] {
        relay::write_issue(&folder, issue, "");
    }
    let now = "2026-11-30T08:00:00Z";
    assert_eq!(folder.run_at(now, &["send", "a", "--yes"]).code, 75);
    // Of nine, one is deferred, one was refused, and one is uncertain.
    let left = json(&folder, now);
    let status = folder.run(&["status", "a", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let rows = status["deliveries"].as_array().expect("deliveries").iter();
    let due: Vec<String> = rows
        .filter_map(|row| row["next_try"].as_str().map(str::to_owned))
        .collect();
    assert_eq!((left["recipients"].as_u64(), due.len()), (Some(1), 1));
    assert_eq!(left["ends"], due[0].as_str());
    assert_eq!(left["waits"][0]["for"], "later");
    // Of the first day's nine, seven were handed over: the next issue has what is left of them.
    let next = folder.run_at(now, &["plan", "b", "--json"]);
    let next: Value = serde_json::from_str(&next.stdout).expect("JSON");
    let expected = [("2026-11-30".to_owned(), 2), ("2026-12-01".to_owned(), 6)];
    assert_eq!(days(&next), BTreeMap::from(expected));
    // The suppressed one gets the next issue neither.
    let next = folder.run_at(now, &["plan", "b"]);
    assert!(
        next.stdout
            .starts_with("`b`: 8 recipients, 1 excluded (1 bounced)\n"),
        "{}",
        next.stdout
    );
    let text = plan(&folder, now, &[]).stdout;
    assert!(
        masked(&text, relay.port).contains("by 127.0.0.1:PORT, 1 connection, warm-up 9\n"),
        "{text}"
    );
}
