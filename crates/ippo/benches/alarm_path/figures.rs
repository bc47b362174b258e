//! Figures as a person reads them: percentiles, and a line for each with its target.

use std::time::Duration;

/// Measured amounts of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The sample below which that many of a hundred lie; zero when there is none.
    pub(crate) fn percentile(&self, of_hundred: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * of_hundred / 100).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn p50(&self) -> Duration {
        self.percentile(50)
    }

    pub(crate) fn p99(&self) -> Duration {
        self.percentile(99)
    }

    pub(crate) fn max(&self) -> Duration {
        self.percentile(100)
    }
}

/// Milliseconds as a number.
pub(crate) fn ms(amount: Duration) -> f64 {
    amount.as_secs_f64() * 1e3
}

/// An amount of time as it is printed.
pub(crate) fn shown(amount: Duration) -> String {
    format!("{:.2} ms", ms(amount))
}

pub(crate) fn print_section(title: &str) {
    println!("\n{title}");
}

/// A figure without a target.
pub(crate) fn print_figure(what: &str, measured: &str) {
    println!("  {what:<58} {measured:>14}");
}

/// A figure beside its target.
pub(crate) fn print_target(what: &str, measured: &str, target: &str, is_met: bool) {
    let verdict = if is_met { "met" } else { "MISSED" };
    println!("  {what:<58} {measured:>14}   target {target:<22} {verdict}");
}

/// An amount of time that should be at most so long.
pub(crate) fn print_at_most(what: &str, measured: Duration, target: Duration) {
    print_target(what, &shown(measured), &format!("<= {}", shown(target)), measured <= target);
}
