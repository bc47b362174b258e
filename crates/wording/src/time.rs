//! Times in words: near ones relative to now, all of them exactly, in the reader's zone with the zone shown.
//!
//! Now is always an argument. Nothing here says "just now": a moment is so many seconds ago, or at such a time.

use std::time::Duration;

use domain::time::Timestamp;
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::Words;

/// Seconds are counted up to here, then minutes; minutes up to as many, then hours.
const COUNTED_MAX: i64 = 90;
/// Hours are counted up to here, then days.
const HOURS_MAX: i64 = 36;

/// The zone of an IANA name; UTC when the name is not known.
#[must_use]
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The whole moment with weekday, seconds and zone: `2026年9月14日(月) 21:07:05 JST`.
#[must_use]
pub fn exact(words: Words, at: Timestamp, zone_name: &str) -> String {
    let local = zoned(at, zone_name);
    words.tn(
        "time-exact",
        &[
            ("year", &local.year().to_string()),
            ("month", &month(words, &local)),
            ("day", &local.day().to_string()),
            ("weekday", &weekday(words, &local)),
            ("clock", &local.strftime("%H:%M:%S").to_string()),
            ("zone", &local.strftime("%Z").to_string()),
        ],
    )
}

/// Hour and minute with the zone: `21:07 JST`; with the day in front when that is not today.
#[must_use]
pub fn clock_with_zone(words: Words, at: Timestamp, now: Timestamp, zone_name: &str) -> String {
    let zone = zoned(at, zone_name).strftime("%Z").to_string();
    words.tn("time-with-zone", &[("time", &clock(words, at, now, zone_name)), ("zone", &zone)])
}

/// Hour and minute: `21:07`; with the day in front when that is not today, and the year when it is not this year.
#[must_use]
pub fn clock(words: Words, at: Timestamp, now: Timestamp, zone_name: &str) -> String {
    let (local, today) = (zoned(at, zone_name), zoned(now, zone_name));
    let clock = local.strftime("%H:%M").to_string();
    if local.date() == today.date() {
        return clock;
    }
    words.tn("time-day-and-clock", &[("date", &day(words, &local, &today)), ("clock", &clock)])
}

/// Hour, minute and second, for lists of what happened within one day: `21:07:05`.
#[must_use]
pub fn clock_seconds(at: Timestamp, zone_name: &str) -> String {
    zoned(at, zone_name).strftime("%H:%M:%S").to_string()
}

/// A day: `9月14日(月)`, with the year when it is not this year.
#[must_use]
pub fn date(words: Words, at: Timestamp, now: Timestamp, zone_name: &str) -> String {
    day(words, &zoned(at, zone_name), &zoned(now, zone_name))
}

/// How long until or since: `40秒後`, `3分前`.
#[must_use]
pub fn relative(words: Words, at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_millisecond().saturating_sub(now.as_millisecond()) / 1000;
    let (unit, count) = unit_of(seconds.saturating_abs());
    let key = if at >= now { format!("time-in-{unit}") } else { format!("time-ago-{unit}") };
    words.tc(&key, count, &[])
}

/// An amount of time in at most two units: `1分30秒`, `2時間`.
#[must_use]
pub fn span(words: Words, amount: Duration) -> String {
    let seconds = i64::try_from(amount.as_secs()).unwrap_or(i64::MAX);
    let parts = [
        ("time-span-days", seconds / 86_400),
        ("time-span-hours", seconds / 3600 % 24),
        ("time-span-minutes", seconds / 60 % 60),
        ("time-span-seconds", seconds % 60),
    ];
    let first = parts.iter().position(|(_, count)| *count > 0).unwrap_or(3);
    let shown: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .filter(|(key, count)| *count > 0 || (*key == "time-span-seconds" && first == 3))
        .map(|(key, count)| words.tc(key, *count, &[]))
        .collect();
    match shown.as_slice() {
        [large, small] => words.tn("time-span-two", &[("large", large), ("small", small)]),
        [one] => one.clone(),
        _ => String::new(),
    }
}

/// The moment as machines read it, in UTC: for `datetime="…"`.
#[must_use]
pub fn machine(at: Timestamp) -> String {
    at.to_jiff().to_string()
}

fn zoned(at: Timestamp, zone_name: &str) -> Zoned {
    at.to_jiff().to_zoned(zone(zone_name))
}

fn unit_of(seconds: i64) -> (&'static str, i64) {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if seconds < COUNTED_MAX {
        ("seconds", seconds)
    } else if minutes < COUNTED_MAX {
        ("minutes", minutes)
    } else if hours < HOURS_MAX {
        ("hours", hours)
    } else {
        ("days", hours / 24)
    }
}

fn day(words: Words, local: &Zoned, today: &Zoned) -> String {
    let (year, month, number) =
        (local.year().to_string(), month(words, local), local.day().to_string());
    let weekday = weekday(words, local);
    let values = [("month", month.as_str()), ("day", &number), ("weekday", &weekday)];
    if local.year() == today.year() {
        return words.tn("time-date", &values);
    }
    let [month, day, weekday] = values;
    words.tn("time-date-and-year", &[("year", &year), month, day, weekday])
}

fn month(words: Words, local: &Zoned) -> String {
    nth_word(&words.t("time-months"), usize::from(local.month().unsigned_abs()).saturating_sub(1))
}

fn weekday(words: Words, local: &Zoned) -> String {
    let index = local.weekday().to_sunday_zero_offset().unsigned_abs();
    nth_word(&words.t("time-weekdays"), usize::from(index))
}

fn nth_word(list: &str, index: usize) -> String {
    list.split_whitespace().nth(index).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locale;

    const JA: Words = Words::of(Locale::Ja);
    const EN: Words = Words::of(Locale::En);

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<jiff::Timestamp>().unwrap())
    }

    #[test]
    fn a_moment_is_shown_in_the_readers_zone_with_the_zone_named() {
        let moment = at("2026-09-14T12:07:05Z");
        assert_eq!(exact(JA, moment, "Asia/Tokyo"), "2026年9月14日(月) 21:07:05 JST");
        assert_eq!(exact(EN, moment, "Asia/Tokyo"), "Mon 14 Sep 2026, 21:07:05 JST");
        assert_eq!(exact(EN, moment, "No/Such"), "Mon 14 Sep 2026, 12:07:05 UTC");
        assert_eq!(clock_with_zone(JA, moment, moment, "Asia/Tokyo"), "21:07 JST");
        assert_eq!(clock_seconds(moment, "Asia/Tokyo"), "21:07:05");
        assert_eq!(machine(moment), "2026-09-14T12:07:05Z");
    }

    #[test]
    fn the_day_appears_only_when_it_is_not_today() {
        let moment = at("2026-09-14T14:59:00Z");
        let clock = |now: &str| clock(JA, moment, at(now), "Asia/Tokyo");
        assert_eq!(clock("2026-09-14T01:00:00Z"), "23:59");
        assert_eq!(clock("2026-09-14T15:00:00Z"), "9月14日(月) 23:59");
        assert_eq!(clock("2027-01-01T00:00:00Z"), "2026年9月14日(月) 23:59");
        assert_eq!(date(EN, moment, moment, "Asia/Tokyo"), "Mon 14 Sep");
    }

    #[test]
    fn near_moments_are_counted_and_never_called_just_now() {
        let now = at("2026-09-14T12:00:00Z");
        let from =
            |seconds: i64| Timestamp::from_millisecond(now.as_millisecond() + seconds * 1000);
        let cases = [
            (0, "0秒後", "in 0 seconds"),
            (1, "1秒後", "in 1 second"),
            (40, "40秒後", "in 40 seconds"),
            (90, "1分後", "in 1 minute"),
            (-1, "1秒前", "1 second ago"),
            (-180, "3分前", "3 minutes ago"),
            (-7200, "2時間前", "2 hours ago"),
            (-200_000, "2日前", "2 days ago"),
        ];
        for (seconds, ja, en) in cases {
            assert_eq!(relative(JA, from(seconds), now), ja);
            assert_eq!(relative(EN, from(seconds), now), en);
        }
    }

    #[test]
    fn an_amount_of_time_has_at_most_two_units() {
        let cases = [
            (0, "0秒", "0 s"),
            (30, "30秒", "30 s"),
            (90, "1分30秒", "1 min 30 s"),
            (180, "3分", "3 min"),
            (7260, "2時間1分", "2 h 1 min"),
            (90_000, "1日1時間", "1 d 1 h"),
        ];
        for (seconds, ja, en) in cases {
            assert_eq!(span(JA, Duration::from_secs(seconds)), ja);
            assert_eq!(span(EN, Duration::from_secs(seconds)), en);
        }
    }
}
