//! Runs many seeds of the simulator: `simulate --seeds N [--first-seed K]`.
//!
//! The last line says how many seeds and steps were run and how many violations were found. A violation prints its
//! seed, what was wrong and every step up to it; the exit code is then 1, and 2 when the arguments make no sense.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to people")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use testkit::sim::{Run, simulate};

/// No more failing seeds than these are shown in full.
const SHOWN_MAX: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((seeds, first)) = parse(&arguments) else {
        eprintln!("usage: simulate --seeds N [--first-seed K]");
        return ExitCode::from(2);
    };
    let steps = AtomicU64::new(0);
    let sent = AtomicU64::new(0);
    let failed: Mutex<Vec<Run>> = Mutex::default();
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= seeds {
                        return;
                    }
                    let run = simulate(first.saturating_add(nth));
                    steps.fetch_add(u64::try_from(run.steps).unwrap_or(0), Ordering::Relaxed);
                    sent.fetch_add(u64::try_from(run.sent).unwrap_or(0), Ordering::Relaxed);
                    if run.violation.is_some() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(run);
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|run| run.seed);
    failed.iter().take(SHOWN_MAX).for_each(show);
    let (steps, sent) = (steps.into_inner(), sent.into_inner());
    let violations = failed.len();
    println!("seeds {seeds}, steps {steps}, messages {sent}, violations {violations}");
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: &[String]) -> Option<(u64, u64)> {
    let (mut seeds, mut first) = (None, 0);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--seeds" => seeds = Some(value.parse().ok()?),
            [name, value] if name == "--first-seed" => first = value.parse().ok()?,
            _ => return None,
        }
    }
    seeds.map(|seeds| (seeds, first))
}

fn show(run: &Run) {
    println!("seed {} fails:", run.seed);
    for line in &run.trace {
        println!("{line}");
    }
    if let Some(violation) = &run.violation {
        println!("{:?}: {}", violation.invariant, violation.what);
    }
    println!("again: simulate --seeds 1 --first-seed {}\n", run.seed);
}
