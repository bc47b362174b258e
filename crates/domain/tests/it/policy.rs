//! The policy (B2): its bounds, its fastest form, and what a person's contacts become under it.

use std::time::Duration;

use domain::policy::{Amount, Policy, PolicyProblem};
use domain::route::{Unusable, routes};

use crate::world::{channels, company, id, mins, person, secs};

fn amounts(policy: &Policy) -> Vec<Duration> {
    let mut all = vec![
        policy.voice_every,
        policy.voice_within,
        policy.remind_every,
        policy.loop_every,
        policy.promise_max,
    ];
    all.extend(policy.climb_after.iter().map(|amount| amount.0));
    all
}

#[test]
fn the_fast_form_keeps_every_proportion() {
    let fast = Policy::default().faster(10);
    assert_eq!((fast.voice_after, fast.voice_every), (secs(6), secs(6)));
    assert_eq!(fast.climb_after, [18, 30, 12].map(|n| Amount(secs(n))));
    assert_eq!((fast.remind_every, fast.loop_every), (secs(30), secs(30)));
    assert_eq!((fast.promise_max, fast.voice_calls_max), (secs(180), 3));
}

#[test]
fn no_fast_form_is_so_fast_that_it_never_rests() {
    for divisor in [0, 1, 7, 1_000, u32::MAX] {
        let fast = Policy::default().faster(divisor);
        assert!(fast.problems().is_empty(), "{divisor}: {:?}", fast.problems());
        for amount in amounts(&fast) {
            assert_eq!(amount.subsec_nanos() % 1_000_000, 0, "{divisor}: {amount:?}");
        }
        let text = serde_json::to_string(&fast).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), fast);
    }
    let at_once = Policy { voice_after: Duration::ZERO, ..Policy::default() };
    assert_eq!(at_once.faster(10).voice_after, Duration::ZERO);
}

#[test]
fn every_amount_out_of_range_is_named_by_its_key() {
    type Change = fn(&mut Policy, Duration);
    let keys: [(&str, Change); 7] = [
        ("voice_after", |policy, amount| policy.voice_after = amount),
        ("voice_every", |policy, amount| policy.voice_every = amount),
        ("voice_max.within", |policy, amount| policy.voice_within = amount),
        ("remind_every", |policy, amount| policy.remind_every = amount),
        ("loop_every", |policy, amount| policy.loop_every = amount),
        ("promise_max", |policy, amount| policy.promise_max = amount),
        ("climb_after", |policy, amount| policy.climb_after.push(Amount(amount))),
    ];
    for (key, change) in keys {
        for (given, fits) in [
            (Duration::from_millis(9), false),
            (Duration::from_millis(10), true),
            (secs(86_400), true),
            (secs(86_401), false),
        ] {
            let mut policy = Policy::default();
            change(&mut policy, given);
            let expected =
                if fits { vec![] } else { vec![PolicyProblem::OutOfRange { key, given }] };
            assert_eq!(policy.problems(), expected, "{key}");
        }
    }
}

#[test]
fn the_longest_gap_counts_every_pause_there_is() {
    assert_eq!(Policy::default().longest_gap(), mins(30));
    let with = |change: fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        policy.longest_gap()
    };
    assert_eq!(with(|policy| policy.voice_within = mins(60)), mins(60));
    assert_eq!(with(|policy| policy.voice_every = mins(61)), mins(61));
    assert_eq!(with(|policy| policy.loop_every = mins(62)), mins(62));
    assert_eq!(with(|policy| policy.remind_every = mins(63)), mins(63));
    assert_eq!(with(|policy| policy.climb_after.push(Amount(mins(64)))), mins(64));
    assert_eq!(with(|policy| policy.promise_max = secs(1)), mins(15));
}

#[test]
fn each_contact_has_its_reason_when_it_cannot_be_used() {
    let mut directory = company(&[]);
    directory.organisation.domains = vec!["example.co.jp".into()];
    let mut sato = person("sato", &["mail", "pigeon", "sms", "webhook", "voice"]);
    sato.contact[0].address = "sato@elsewhere.test".into();
    sato.contact[3].address = "https://elsewhere.test/sato".into();
    directory.people.insert(id("sato"), sato);
    let policy = Policy { silent: vec!["mail".into(), "sms".into()], ..Policy::default() };
    let found = routes(&directory, &channels(), &policy, &id("sato"));
    let unusable: Vec<_> =
        found.unusable.iter().map(|(contact, why)| (contact.channel.as_str(), *why)).collect();
    let expected = [
        ("mail", Unusable::Outside),
        ("pigeon", Unusable::NoChannel),
        ("webhook", Unusable::NotInPolicy),
    ];
    assert_eq!(unusable, expected);
    let silent: Vec<_> = found.silent.iter().map(|route| route.channel.as_str()).collect();
    assert_eq!((silent, found.voice.len()), (vec!["mail", "sms"], 1));
}

#[test]
fn two_addresses_that_look_alike_masked_are_told_apart() {
    let mut directory = company(&[]);
    let mut sato = person("sato", &["mail", "mail", "mail"]);
    sato.contact[1].address = "suzuki@example.co.jp".into();
    sato.contact[2].address = "kato@example.co.jp".into();
    directory.people.insert(id("sato"), sato);
    let found = routes(&directory, &channels(), &Policy::default(), &id("sato"));
    let hints: Vec<_> = found.silent.iter().map(|route| route.hint.as_str()).collect();
    assert_eq!(hints, ["s…@example.co.jp", "s…@example.co.jp (2)", "k…@example.co.jp"]);
}
