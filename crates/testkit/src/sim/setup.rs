//! Who there is, and how they are called: made up from the seed.

use std::time::Duration;

use domain::policy::{Amount, Policy};

use crate::entropy::Dice;
use crate::people::{Office, PersonBuilder, mail_of, person, project, team};

/// The short names of everybody who can be there.
const NAMES: [&str; 8] = ["ann", "bob", "carol", "dan", "erin", "finn", "gina", "hugo"];

/// Two to eight people with managers, deputies, contacts and absences, sensible or not.
pub(super) fn office(dice: &mut Dice) -> (Office, Vec<&'static str>) {
    let count = usize::try_from(dice.between(2, 8)).unwrap();
    let names: Vec<&'static str> = NAMES.into_iter().take(count).collect();
    let mut office = Office::empty();
    for name in &names {
        office = office.person(somebody(dice, name, &names));
    }
    for _ in 0..dice.below(3) {
        office = office.last_resort(dice.pick(&names).unwrap());
    }
    if dice.chance(50) {
        let of = |dice: &mut Dice| *dice.pick(&names).unwrap();
        let ops = team("ops").led_by(of(dice)).member(of(dice)).member(of(dice));
        office = office.team(ops).project(project("shop").led_by(of(dice)).of_team("ops"));
    }
    (office, names)
}

/// A person as they may be now; used again when the directory is edited.
pub(super) fn somebody(dice: &mut Dice, name: &str, names: &[&str]) -> PersonBuilder {
    let mut made = person(name);
    if dice.chance(80) {
        // Themselves, somebody who manages them in turn, or somebody who is not there any more: all of it happens.
        made = made.managed_by(dice.pick(names).unwrap());
    }
    if dice.chance(25) {
        made = made.deputy(dice.pick(names).unwrap());
    }
    if dice.chance(75) {
        made = made.mail();
    }
    if dice.chance(10) {
        made = made.contact("mail", &format!("{name}@elsewhere.test"));
    }
    if dice.chance(60) {
        made = made.voice();
    }
    if dice.chance(20) {
        made = made.contact("voice", &format!("+81-3-{name}"));
    }
    if dice.chance(30) {
        made = made.contact("chat", name);
    }
    if dice.chance(10) {
        made = made.contact("telegraph", name);
    }
    if dice.chance(10) {
        let day = |n| jiff::civil::date(2026, 11, i8::try_from(n).unwrap());
        let first = dice.between(1, 3);
        made = made.away(day(first), day(first + dice.below(3)));
    }
    made
}

/// An address that somebody may have.
pub(super) fn address(dice: &mut Dice, names: &[&str]) -> String {
    let name = dice.pick(names).unwrap();
    match dice.below(4) {
        0 | 1 => mail_of(name),
        2 => crate::people::voice_of(name),
        _ => (*name).to_owned(),
    }
}

/// How people are called: anything from hectic to slow.
pub(super) fn policy(dice: &mut Dice) -> Policy {
    let mut between = |first: u64, last: u64| Duration::from_secs(dice.between(first, last));
    let mut policy = Policy {
        silent: ["mail", "chat", "sms"].map(str::to_owned).to_vec(),
        voice_after: between(0, 120),
        voice_every: between(20, 180),
        voice_calls_max: 1,
        voice_within: between(60, 900),
        remind_every: between(30, 600),
        climb_after: vec![Amount(between(20, 400)), Amount(between(20, 400))],
        loop_every: between(30, 600),
        promise_max: between(60, 1_800),
    };
    policy.voice_calls_max = u32::try_from(dice.between(1, 4)).unwrap();
    assert!(policy.problems().is_empty());
    policy
}
