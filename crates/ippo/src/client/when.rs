//! "When did it happen", as people type it: exact, about, between, or so long ago.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use crate::config::read_amount;

/// Reads RFC 3339, `HH:MM`, `10m ago`, `about …`, `HH:MM-HH:MM` into the shape of the API's `happened`. A clock time
/// is the last one that has passed in `zone`. `None` when it is none of these.
pub(crate) fn read_when(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Value> {
    let text = text.trim();
    let about =
        ["about ", "ca. ", "~", "およそ", "約"].iter().find_map(|word| text.strip_prefix(word));
    let about = about.or_else(|| text.strip_suffix("ごろ").or_else(|| text.strip_suffix("頃")));
    if let Some(rest) = about {
        return read_moment(rest.trim(), now, zone)
            .map(|at| json!({ "about_ms": at.as_millisecond() }));
    }
    if let Some(at) = read_moment(text, now, zone) {
        return Some(json!({ "at_ms": at.as_millisecond() }));
    }
    let (from, to) = text.split_once('-').or_else(|| text.split_once("から"))?;
    let to = read_moment(to.trim(), now, zone)?;
    // The beginning is the last such time before the end, also across midnight.
    let from = read_moment(from.trim(), to, zone)?;
    Some(json!({ "from_ms": from.as_millisecond(), "to_ms": to.as_millisecond() }))
}

fn read_moment(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(amount) = text.strip_suffix("ago").or_else(|| text.strip_suffix('前')) {
        return now
            .checked_sub(read_amount(&amount.trim().replace('分', "m").replace("時間", "h"))?)
            .ok();
    }
    read_clock(text, now, zone)
}

fn read_clock(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let mut parts = text.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().transpose().ok()?.unwrap_or(0);
    let time = Time::new(hour, minute, second, 0).ok().filter(|_| parts.next().is_none())?;
    let today = now.to_zoned(zone.clone()).date();
    let on =
        |date: jiff::civil::Date| Some(zone.to_zoned(date.to_datetime(time)).ok()?.timestamp());
    let at: Timestamp = on(today)?;
    if at <= now { Some(at) } else { on(today.yesterday().ok()?) }
}

/// The zone of this computer.
pub(crate) fn zone_here() -> TimeZone {
    TimeZone::system()
}

/// Hour, minute and second of a moment in milliseconds, on this computer.
pub(crate) fn clock_here(at_ms: i64) -> String {
    let at = domain::time::Timestamp::from_millisecond(at_ms).to_jiff();
    let at: Zoned = at.to_zoned(zone_here());
    at.strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_type_it() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now: Timestamp = "2026-11-22T00:30:00+09:00".parse().unwrap();
        let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let cases = [
            ("2026-11-21T23:00:00+09:00", json!({ "at_ms": ms("2026-11-21T23:00:00+09:00") })),
            ("00:10", json!({ "at_ms": ms("2026-11-22T00:10:00+09:00") })),
            ("23:50", json!({ "at_ms": ms("2026-11-21T23:50:00+09:00") })),
            ("10m ago", json!({ "at_ms": ms("2026-11-22T00:20:00+09:00") })),
            ("10分前", json!({ "at_ms": ms("2026-11-22T00:20:00+09:00") })),
            ("about 23:50", json!({ "about_ms": ms("2026-11-21T23:50:00+09:00") })),
            ("23:50ごろ", json!({ "about_ms": ms("2026-11-21T23:50:00+09:00") })),
            (
                "23:50-00:10",
                json!({ "from_ms": ms("2026-11-21T23:50:00+09:00"), "to_ms": ms("2026-11-22T00:10:00+09:00") }),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read_when(text, now, &zone), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "25:00", "12:60", "ago", "1:2:3:4"] {
            assert_eq!(read_when(text, now, &zone), None, "{text}");
        }
    }
}
