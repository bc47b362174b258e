//! The escalation policy (B2): how fast, how often and by which channels people are called.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::as_ms;

/// When whom to call how. Kept in the ledger with each incident, so that a later change of configuration never
/// changes a calling that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Channels that are used at once, all together, when a person joins.
    pub silent: Vec<String>,
    /// How long after joining the telephone rings first.
    #[serde(rename = "voice_after_ms", with = "as_ms")]
    pub voice_after: Duration,
    /// From one call to the next, for one person.
    #[serde(rename = "voice_every_ms", with = "as_ms")]
    pub voice_every: Duration,
    /// How many calls one person gets at most within [`Self::voice_within`].
    pub voice_calls_max: u32,
    /// The window in which calls are counted.
    #[serde(rename = "voice_within_ms", with = "as_ms")]
    pub voice_within: Duration,
    /// From one round of silent channels to the next, while people are still joining.
    #[serde(rename = "remind_every_ms", with = "as_ms")]
    pub remind_every: Duration,
    /// How long after one person the next joins; the last value repeats. Never empty.
    #[serde(rename = "climb_after_ms")]
    pub climb_after: Vec<Amount>,
    /// From one round to the next once everybody has joined. It never ends by itself.
    #[serde(rename = "loop_every_ms", with = "as_ms")]
    pub loop_every: Duration,
    /// The longest promise, and so the longest silence.
    #[serde(rename = "promise_max_ms", with = "as_ms")]
    pub promise_max: Duration,
}

/// An amount of time inside a list; whole milliseconds in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(#[serde(with = "as_ms")] pub Duration);

/// How long a person whom the reporter says they reached has to confirm it before calling resumes.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(600);

/// The shortest amount of time in a policy.
const AMOUNT_MIN: Duration = Duration::from_millis(10);

/// The longest amount of time in a policy.
const AMOUNT_MAX: Duration = Duration::from_secs(86_400);

impl Default for Policy {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n.saturating_mul(60));
        Self {
            silent: ["push", "chat", "mail", "sms", "webhook"].map(str::to_owned).to_vec(),
            voice_after: minutes(1),
            voice_every: minutes(1),
            voice_calls_max: 3,
            voice_within: minutes(15),
            remind_every: minutes(5),
            climb_after: vec![Amount(minutes(3)), Amount(minutes(5)), Amount(minutes(2))],
            loop_every: minutes(5),
            promise_max: minutes(30),
        }
    }
}

/// What is wrong with a policy, by the configuration key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// An amount of time that would never pass, or pass at once for ever.
    #[error("escalation.{key} is {given:?}: give at least 10ms and at most 24h")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// What it is.
        given: Duration,
    },
    /// No amount at all.
    #[error(
        "escalation.climb_after is empty: give at least one amount of time, \"3m\" for example"
    )]
    NoClimb,
    /// No call would ever be made.
    #[error("escalation.voice_max.calls is 0: give at least 1")]
    NoCalls,
}

impl Policy {
    /// The time from one join to the next, when `joined` people have joined already.
    #[must_use]
    pub fn climb_after(&self, joined: usize) -> Duration {
        let index = joined.saturating_sub(1);
        self.climb_after
            .get(index)
            .or(self.climb_after.last())
            .map_or(self.loop_every, |amount| amount.0)
    }

    /// When the person at `index` of the line joins, counted from the report.
    #[must_use]
    pub fn joins_after(&self, index: usize) -> Duration {
        (1..=index).fold(Duration::ZERO, |sum, joined| sum.saturating_add(self.climb_after(joined)))
    }

    /// The longest time an unanswered incident may go without an attempt or a join.
    #[must_use]
    pub fn longest_gap(&self) -> Duration {
        let climbs = self.climb_after.iter().map(|amount| amount.0);
        climbs
            .chain([self.remind_every, self.loop_every, self.promise_max, CONFIRM_WITHIN])
            // Somebody who has nothing but a telephone is reached at the pace of calls alone.
            .chain([self.voice_after, self.voice_every, self.voice_within])
            .max()
            .unwrap_or(self.loop_every)
    }

    /// The same policy with every amount of time divided by `divisor`, for demonstrations. In whole milliseconds,
    /// as the ledger keeps them, and never so short that something would be due at once for ever.
    #[must_use]
    pub fn faster(&self, divisor: u32) -> Self {
        let divide = |amount: Duration| {
            let divided = amount.as_millis().checked_div(u128::from(divisor));
            let divided = divided.and_then(|whole| u64::try_from(whole).ok());
            let divided = divided.map_or(amount, Duration::from_millis);
            if amount.is_zero() { amount } else { divided.max(AMOUNT_MIN) }
        };
        Self {
            silent: self.silent.clone(),
            voice_after: divide(self.voice_after),
            voice_every: divide(self.voice_every),
            voice_calls_max: self.voice_calls_max,
            voice_within: divide(self.voice_within),
            remind_every: divide(self.remind_every),
            climb_after: self.climb_after.iter().map(|a| Amount(divide(a.0))).collect(),
            loop_every: divide(self.loop_every),
            promise_max: divide(self.promise_max),
        }
    }

    /// Everything in it that could keep people from being called.
    #[must_use]
    pub fn problems(&self) -> Vec<PolicyProblem> {
        let mut found = Vec::new();
        let mut amounts = vec![
            ("voice_after", self.voice_after),
            ("voice_every", self.voice_every),
            ("voice_max.within", self.voice_within),
            ("remind_every", self.remind_every),
            ("loop_every", self.loop_every),
            ("promise_max", self.promise_max),
        ];
        amounts.extend(self.climb_after.iter().map(|amount| ("climb_after", amount.0)));
        let fits = AMOUNT_MIN..=AMOUNT_MAX;
        for (key, given) in amounts {
            let may_be_zero = key == "voice_after" && given.is_zero();
            if !fits.contains(&given) && !may_be_zero {
                found.push(PolicyProblem::OutOfRange { key, given });
            }
        }
        if self.climb_after.is_empty() {
            found.push(PolicyProblem::NoClimb);
        }
        if self.voice_calls_max == 0 {
            found.push(PolicyProblem::NoCalls);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_joins_people_at_0_3_8_10_and_12_minutes() {
        let policy = Policy::default();
        let joins: Vec<u64> = (0..5).map(|n| policy.joins_after(n).as_secs() / 60).collect();
        assert_eq!(joins, [0, 3, 8, 10, 12]);
        assert!(policy.problems().is_empty());
    }

    #[test]
    fn amounts_that_would_never_call_are_named() {
        let broken = Policy {
            voice_calls_max: 0,
            climb_after: vec![],
            remind_every: Duration::ZERO,
            ..Policy::default()
        };
        assert_eq!(broken.problems().len(), 3);
    }
}
