//! The list in the store selects, counts and freezes the same recipients as the list in a file.

use std::collections::BTreeMap;

use franking::delivery::{self, Plan};
use franking::newsletter::issue::OnUncertain;
use franking::store::{Candidates, NewSend, State, Store, StoredAudience, Suppressions};
use franking::subscriber::{Address, Attribute, Duplicates, Rule, Status, Subscriber};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::ledger::{Place, lease_listed, new_send};

fn subscriber(number: usize) -> impl Strategy<Value = Subscriber> {
    let local = prop::sample::select(vec!["ana", "bo_x", "b%", "ü"]);
    let domain = prop::sample::select(vec![
        "rusi.example",
        "bücher.example",
        "XN--bcher-KVA.example",
    ]);
    let language = prop::option::of(prop::sample::select(vec![
        "fr", "fr-BE", "FR-be", "de", "frr",
    ]));
    let tags = prop::collection::btree_set("(members|press|a\"b|Members|été)", 0..3);
    let value = prop_oneof![
        prop::sample::select(vec!["IT", "it", "n/a", " ", "1", "a\"\n"])
            .prop_map(|text| Attribute::Text(text.to_owned())),
        any::<bool>().prop_map(Attribute::Boolean),
        (0_i64..13).prop_map(Attribute::Integer),
        Just(Attribute::Number(1.0)),
    ];
    let attributes = prop::collection::btree_map("(country|year|a b)", value, 0..3);
    let status = prop_oneof![4 => Just(Status::Active), 1 => Just(Status::Pending)];
    (local, domain, language, tags, attributes, status).prop_map(
        move |(local, domain, language, tags, attributes, status)| {
            let address = Address::parse(&format!("{local}{number}@{domain}")).expect("an address");
            Subscriber {
                language: language.map(str::to_owned),
                tags,
                attributes,
                status,
                ..Subscriber::at(address)
            }
        },
    )
}

fn list() -> impl Strategy<Value = Vec<Subscriber>> {
    (1_usize..12).prop_flat_map(|count| (0..count).map(subscriber).collect::<Vec<_>>())
}

fn rule() -> impl Strategy<Value = Rule> {
    let tests = [
        "all",
        "tag:members",
        "tag:press",
        "tag:été",
        "lang:fr",
        "lang:fr-be",
        "lang:de",
        "lang:en",
        "attr.country = \"IT\"",
        "attr.country = true",
        "attr.year = 1",
        "attr.year = 12",
        "attr.country = \"1\"",
        "email:*@rusi.example",
        "email:*@bücher.example",
        "email:b_*",
        "email:b%*",
        "email:*@xn--bcher-kva.example",
        "email:ana1@rusi.example",
        "email:*b*cher*",
    ];
    let test =
        prop::sample::select(tests.to_vec()).prop_map(|text| Rule::parse(text).expect("a rule"));
    test.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|rule| Rule::Not(Box::new(rule))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Rule::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Rule::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn is_sendable(subscriber: &Subscriber) -> bool {
    !subscriber.address.needs_smtputf8()
}

fn audience(rule: &Rule) -> StoredAudience<'_> {
    StoredAudience {
        rule,
        language: "en",
        is_sendable: Box::new(is_sendable),
    }
}

/// Replaces the list by these subscribers.
fn fill(store: &mut Store, list: &[Subscriber]) {
    let before = store.subscribers_after(0).expect("a list");
    let changed = store.change_list(0, |change| {
        for (_, subscriber) in &before {
            change.remove(&subscriber.address.key())?;
        }
        for subscriber in list {
            change.put(subscriber)?;
        }
        Ok(())
    });
    changed.expect("a changed list");
}

/// The plan and the frozen deliveries of a list that is read one subscriber at a time.
fn expected(list: &[Subscriber], rule: &Rule, suppressed: &Suppressions) -> (Plan, Vec<Frozen>) {
    let candidates = || {
        let list = list.iter().cloned().map(Ok);
        delivery::candidates(list, &NO_DUPLICATES, rule, "en", suppressed, is_sendable)
    };
    let plan = Plan::of(candidates()).expect("a plan");
    let frozen = candidates().map(|candidate| {
        let candidate = candidate.expect("a candidate");
        let why = candidate.exclusion.map(|why| why.into_owned());
        (candidate.address, candidate.name, why)
    });
    (plan, frozen.collect())
}

static NO_DUPLICATES: std::sync::LazyLock<Duplicates> =
    std::sync::LazyLock::new(Duplicates::default);

/// Address, name and exclusion of a delivery.
type Frozen = (String, Option<String>, Option<String>);

#[test]
fn a_list_in_the_store_has_the_recipients_of_the_same_list_in_a_file() {
    for place in Place::all("a_list_in_the_store_has_the_recipients_of_the_same_list_in_a_file") {
        let number = std::cell::Cell::new(0);
        let store = std::cell::RefCell::new(place.open());
        let cases = Config {
            cases: 96,
            failure_persistence: None,
            ..Config::default()
        };
        let done = TestRunner::new(cases).run(&(list(), rule()), |(list, rule)| {
            number.set(number.get() + 1);
            let store = &mut *store.borrow_mut();
            fill(store, &list);
            let selected = store.selected_after(&rule, "en", 0).expect("a selection");
            let selected = selected.into_iter().map(|(_, one)| one.subscriber);
            let selected: Vec<Subscriber> = selected.collect();
            let by_rule = list.iter().filter(|one| rule.selects(one, "en"));
            prop_assert_eq!(selected, by_rule.cloned().collect::<Vec<_>>());

            let (plan, frozen) = expected(&list, &rule, &Suppressions::default());
            let counts = store
                .count_audience(&audience(&rule), None)
                .expect("counts");
            let of_plan = plan
                .excluded
                .iter()
                .map(|(why, count)| (Some(why.to_string()), *count));
            let mut of_plan: BTreeMap<_, _> = of_plan.collect();
            if plan.recipients > 0 {
                of_plan.insert(None, plan.recipients);
            }
            prop_assert_eq!(&counts.by_exclusion, &of_plan);
            prop_assert_eq!(&counts.first, &plan.first);

            let new = NewSend {
                issue: format!("issue-{}", number.get()),
                follows_list: true,
                ..new_send(OnUncertain::Hold)
            };
            let send = store
                .begin(&new, Candidates::stored(audience(&rule)))
                .expect("a send");
            let deliveries = store.deliveries(&send, &State::ALL).expect("deliveries");
            let deliveries = deliveries
                .into_iter()
                .map(|one| (one.address, one.name, one.why));
            prop_assert_eq!(deliveries.collect::<Vec<_>>(), frozen);
            prop_assert!(store.totals(&send).expect("totals").add_up());
            Ok(())
        });
        done.expect("the same recipients");
    }
}

#[test]
fn whoever_leaves_the_list_in_the_store_is_excluded_when_the_delivery_is_leased() {
    for place in Place::all("whoever_leaves_the_list_in_the_store_is_excluded") {
        let mut store = place.open();
        let at = |name: &str| {
            Subscriber::at(Address::parse(&format!("{name}@a.example")).expect("an address"))
        };
        fill(&mut store, &["ada", "bo", "cy", "di"].map(at));
        let new = NewSend {
            follows_list: true,
            ..new_send(OnUncertain::Hold)
        };
        let send = store
            .begin(&new, Candidates::stored(audience(&Rule::All)))
            .expect("a send");
        let changed = store.change_list(1, |list| {
            list.remove("bo@a.example")?;
            list.put(&Subscriber {
                status: Status::Pending,
                ..at("cy")
            })
        });
        changed.expect("a change");
        let leased = lease_listed(store, &send);
        assert_eq!(leased, [1, 4], "ada and di");
        let store = place.open();
        let excluded = store
            .deliveries(&send, &[State::Excluded])
            .expect("deliveries");
        let excluded = excluded
            .into_iter()
            .map(|one| (one.address, one.why.unwrap_or_default()));
        let expected = [("bo@a.example", "removed"), ("cy@a.example", "pending")];
        let expected = expected.map(|(address, why)| (address.to_owned(), why.to_owned()));
        assert_eq!(excluded.collect::<Vec<_>>(), expected);
    }
}
