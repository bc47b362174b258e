//! Many seeds of the simulator, and the proof that it can fail.

use testkit::sim::{Invariant, Meddling, simulate, simulate_with};

/// How many seeds each run of the tests takes; `simulate` takes as many as it is told.
const SEEDS: u64 = 150;

#[test]
fn nothing_that_goes_wrong_makes_a_calling_silent_doubled_or_too_loud() {
    let threads: Vec<_> = (0..2)
        .map(|half| {
            std::thread::spawn(move || {
                (0..SEEDS).filter(|seed| seed % 2 == half).map(simulate).collect::<Vec<_>>()
            })
        })
        .collect();
    let runs: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    for run in &runs {
        assert!(
            run.violation.is_none(),
            "seed {}:\n{}\n{:?}",
            run.seed,
            run.trace.join("\n"),
            run.violation
        );
    }
    let steps: usize = runs.iter().map(|run| run.steps).sum();
    let sent: usize = runs.iter().map(|run| run.sent).sum();
    assert!(steps > 100 * runs.len() && sent > 20 * runs.len(), "{steps} steps, {sent} messages");
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..5 {
        let (once, again) = (simulate(seed), simulate(seed));
        assert_eq!(once.trace, again.trace);
    }
}

#[test]
fn every_built_in_mistake_is_seen_and_named() {
    use Invariant::{
        AfterAnswer, Awake, Circle, Doubled, Erased, Gap, Ledger, Outbox, Outcome, State,
    };
    for meddling in Meddling::ALL {
        let expected: &[Invariant] = match meddling {
            Meddling::None => &[],
            Meddling::ForgetTick => &[Awake],
            Meddling::ForgetOutbox | Meddling::DropOutcome | Meddling::LoseOutboxRow => &[Outbox],
            Meddling::Oversleep => &[Gap],
            Meddling::SendAfterAccept => &[AfterAnswer],
            Meddling::SendTwice => &[Doubled, AfterAnswer, Outcome],
            Meddling::SendOutside => &[Circle],
            Meddling::LoseWakeUp => &[Awake],
            Meddling::ChangeWords => &[Ledger, State],
            Meddling::KeepRedactedWords => &[Ledger, State, Erased],
        };
        let found = (0..40).find_map(|seed| simulate_with(seed, meddling).violation);
        let found = found.unwrap_or_else(|| panic!("{meddling:?} goes unseen"));
        assert!(expected.contains(&found.invariant), "{meddling:?}: {found:?}");
    }
}
