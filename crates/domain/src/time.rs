//! Moments and amounts of time, as the ledger stores them.
//!
//! A [`Timestamp`] is a whole number of milliseconds since 1970-01-01 UTC, which is what every table,
//! event and API field ending in `_at_ms` holds. Nothing here knows what time it is now.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millisecond` milliseconds after 1970-01-01T00:00:00Z; negative is before it.
    #[must_use]
    pub const fn from_millisecond(millisecond: i64) -> Self {
        Self(millisecond)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millisecond(self) -> i64 {
        self.0
    }

    /// This moment plus `amount`, held at the end of the range instead of overflowing.
    #[must_use]
    pub fn after(self, amount: Duration) -> Self {
        Self(self.0.saturating_add(millis(amount)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same moment for calendars and zones; held to the range that jiff can show.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self(moment.as_millisecond())
    }
}

/// Whole milliseconds of `amount`, held at the largest number that fits.
#[must_use]
pub fn millis(amount: Duration) -> i64 {
    i64::try_from(amount.as_millis()).unwrap_or(i64::MAX)
}

/// Amounts of time as integers of milliseconds (`…_ms` in JSON), for `#[serde(with = "…")]`.
pub mod as_ms {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the amount as whole milliseconds.
    ///
    /// # Errors
    /// Only what the serializer itself returns.
    pub fn serialize<S: Serializer>(amount: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(super::millis(*amount))
    }

    /// Reads whole milliseconds.
    ///
    /// # Errors
    /// When the value is not a number from 0 up.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_held_at_its_ends_instead_of_overflowing() {
        let last = Timestamp::from_millisecond(i64::MAX);
        assert_eq!(last.after(Duration::from_secs(1)), last);
        assert_eq!(Timestamp::from_millisecond(5).since(last), Duration::ZERO);
    }
}
