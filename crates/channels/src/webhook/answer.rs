//! What a receiver's status means for the attempt.

use std::time::Duration;

use domain::port::{Outcome, Proof, Why};
use domain::time::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest wait a receiver can ask for; more is cut to it.
const WAIT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The part of an answer that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    /// The `Retry-After` header as it stands.
    pub(super) retry_after: Option<&'a str>,
}

impl Answer<'_> {
    /// What the engine is told. `now` is when the message was sent.
    pub(super) fn into_outcome(self, now: Timestamp) -> Outcome {
        let again = |why| Outcome::TryAgain { not_before: self.not_before(now), why };
        let refused = |why| Outcome::Refused { why };
        match self.status {
            200..=299 => Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver },
            300..=399 => refused(Why::Redirected),
            401 | 403 => refused(Why::Authentication),
            404 => refused(Why::UnknownAddress),
            408 | 425 => again(Why::Busy),
            410 => refused(Why::Gone),
            429 => again(Why::RateLimited),
            400..=499 => refused(Why::Rejected),
            _ => again(Why::Busy),
        }
    }

    /// Reads `Retry-After`: seconds, or a date. What cannot be read names no moment.
    fn not_before(self, now: Timestamp) -> Option<Timestamp> {
        let text = self.retry_after?.trim();
        let latest = now.after(WAIT_MAX);
        if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            // More digits than fit mean longer than the longest wait.
            let wait = text.parse().map_or(WAIT_MAX, Duration::from_secs);
            return Some(now.after(wait.min(WAIT_MAX)));
        }
        let moment = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
        Some(Timestamp::from(moment).clamp(now, latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millisecond(784_111_777_000);

    fn outcome(status: u16, retry_after: Option<&str>) -> Outcome {
        Answer { status, retry_after }.into_outcome(NOW)
    }

    #[test]
    fn each_status_is_mapped() {
        let accepted = Outcome::Accepted { provider_ref: None, proof: Proof::HandedOver };
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(outcome(status, None), accepted, "{status}");
        }
        let refused = [
            (300, Why::Redirected),
            (301, Why::Redirected),
            (308, Why::Redirected),
            (400, Why::Rejected),
            (401, Why::Authentication),
            (403, Why::Authentication),
            (404, Why::UnknownAddress),
            (405, Why::Rejected),
            (410, Why::Gone),
            (413, Why::Rejected),
            (422, Why::Rejected),
        ];
        for (status, why) in refused {
            assert_eq!(outcome(status, None), Outcome::Refused { why }, "{status}");
        }
        let again = [
            (408, Why::Busy),
            (425, Why::Busy),
            (429, Why::RateLimited),
            (500, Why::Busy),
            (503, Why::Busy),
            (599, Why::Busy),
            (999, Why::Busy),
        ];
        for (status, why) in again {
            assert_eq!(
                outcome(status, None),
                Outcome::TryAgain { not_before: None, why },
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_names_the_moment_in_seconds_or_as_a_date() {
        let cases = [
            ("120", Some(120)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("999999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 2094 08:49:37 GMT", Some(86_400)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ];
        for (header, wait_secs) in cases {
            let expected = wait_secs.map(|secs| NOW.after(Duration::from_secs(secs)));
            let Outcome::TryAgain { not_before, why } = outcome(429, Some(header)) else {
                panic!("429 is not a try again");
            };
            assert_eq!((not_before, why), (expected, Why::RateLimited), "{header}");
        }
        let busy = outcome(503, Some("120"));
        let not_before = Some(NOW.after(Duration::from_secs(120)));
        assert_eq!(busy, Outcome::TryAgain { not_before, why: Why::Busy });
    }
}
