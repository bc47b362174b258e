//! The kinds of values in the configuration: what each may look like, and how its text in the environment is read.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use toml::Value;

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// Host and port.
    Listen,
    /// `http://…` or `https://…` without a slash at the end.
    PublicUrl,
    /// Where the database is.
    StoreUrl,
    /// The name of a file.
    Path,
    /// A list of texts.
    Texts,
    /// A list of mail domains.
    Domains,
    /// A list of ids with at least one in it.
    Ids,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of a time zone.
    TimeZone,
    /// An amount of time as text.
    Amount,
    /// A list of amounts of time.
    Amounts,
    /// `{ calls = 3, within = "15m" }`.
    VoiceMax,
}

impl Kind {
    /// What it is called in the documentation.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Secret => "text, secret".into(),
            Self::Listen => "host and port".into(),
            Self::PublicUrl => "address".into(),
            Self::StoreUrl => "address of a database".into(),
            Self::Path => "file".into(),
            Self::Texts => "list of texts".into(),
            Self::Domains => "list of domains".into(),
            Self::Ids => "list of ids".into(),
            Self::Word(words) => words.join(" or "),
            Self::TimeZone => "time zone".into(),
            Self::Amount => "amount of time".into(),
            Self::Amounts => "list of amounts of time".into(),
            Self::VoiceMax => "table".into(),
        }
    }

    /// Looks whether `value` can be used. `Err` continues a sentence that begins with the key; it never holds a
    /// secret.
    pub(crate) fn check(self, value: &Value) -> Result<(), String> {
        match self {
            Self::Text | Self::Secret | Self::Path => check_text(value).map(drop),
            Self::Listen => check_with(value, is_listen, "is not a host and a port"),
            Self::PublicUrl => check_with(
                value,
                is_public_url,
                "is not an http or https address that ends without a slash",
            ),
            Self::StoreUrl => check_store_url(check_text(value)?),
            Self::Texts => check_list(value, |_| Ok(())),
            Self::Domains => check_list(value, |text| {
                refuse(!is_domain(text), format!("holds {text:?}, which is not a domain"))
            }),
            Self::Ids => {
                refuse(
                    value.as_array().is_some_and(Vec::is_empty),
                    "is empty: name at least one".into(),
                )?;
                check_list(value, |text| {
                    refuse(
                        !domain::id::check_text(text),
                        format!("holds {text:?}, which is not an id"),
                    )
                })
            }
            Self::Word(words) => {
                let text = check_text(value)?;
                refuse(!words.contains(&text), format!("is {text:?}"))
            }
            Self::TimeZone => {
                let text = check_text(value)?;
                refuse(
                    jiff::tz::TimeZone::get(text).is_err(),
                    format!("is {text:?}, which no time zone is called"),
                )
            }
            Self::Amount => check_amount(check_text(value)?).map(drop),
            Self::Amounts => check_list(value, |text| check_amount(text).map(drop)),
            Self::VoiceMax => check_voice_max(value),
        }
    }

    /// The value that a variable of the environment stands for.
    pub(crate) fn read_text(self, text: &str) -> Result<Value, String> {
        let is_toml = match self {
            Self::VoiceMax => true,
            Self::Texts | Self::Domains | Self::Ids | Self::Amounts => {
                text.trim_start().starts_with('[')
            }
            Self::Text
            | Self::Secret
            | Self::Listen
            | Self::PublicUrl
            | Self::StoreUrl
            | Self::Path
            | Self::Word(_)
            | Self::TimeZone
            | Self::Amount => return Ok(Value::String(text.to_owned())),
        };
        if is_toml {
            let value =
                toml::de::ValueDeserializer::parse(text).and_then(serde::Deserialize::deserialize);
            return value.map_err(|_| "cannot be read as TOML".to_owned());
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
    }
}

/// Reads an amount of time such as `200ms`, `30s`, `5m`, `2h`.
pub(crate) fn read_amount(text: &str) -> Option<Duration> {
    SpanParser::new().parse_unsigned_duration(text.trim()).ok()
}

fn refuse(is_wrong: bool, what: String) -> Result<(), String> {
    if is_wrong { Err(what) } else { Ok(()) }
}

fn check_text(value: &Value) -> Result<&str, String> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("is {}, where text in quotes belongs", describe(value)))?;
    if text.is_empty() {
        return Err("is empty".into());
    }
    Ok(text)
}

fn check_with(value: &Value, is_fine: fn(&str) -> bool, what: &str) -> Result<(), String> {
    let text = check_text(value)?;
    refuse(!is_fine(text), format!("is {text:?}, which {what}"))
}

fn check_list(value: &Value, check: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
    let list =
        value.as_array().ok_or_else(|| format!("is {}, where a list belongs", describe(value)))?;
    list.iter().try_for_each(|item| match item.as_str() {
        Some(text) => check(text),
        None => Err(format!("holds {}, where text in quotes belongs", describe(item))),
    })
}

fn check_amount(text: &str) -> Result<Duration, String> {
    read_amount(text).ok_or_else(|| format!("is {text:?}, which is not an amount of time"))
}

fn check_voice_max(value: &Value) -> Result<(), String> {
    let table =
        value.as_table().ok_or_else(|| format!("is {}, where a table belongs", describe(value)))?;
    if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "calls" | "within")) {
        return Err(format!("has a key {key:?} that is not known"));
    }
    let calls = table.get("calls").and_then(Value::as_integer);
    if calls.and_then(|calls| u32::try_from(calls).ok()).is_none() {
        return Err("has no whole number for calls".into());
    }
    let within = table.get("within").and_then(Value::as_str);
    refuse(within.and_then(read_amount).is_none(), "has no amount of time for within".into())
}

fn check_store_url(text: &str) -> Result<(), String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Err("names a PostgreSQL database, which this version cannot use yet".into());
    }
    match text.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() && !path.starts_with("//") => Ok(()),
        _ => Err("is not the address of a database".into()),
    }
}

fn is_listen(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace);
    let is_bare_v6 = host.contains(':') && !host.starts_with('[');
    is_host && !is_bare_v6 && port.parse::<u16>().is_ok()
}

fn is_public_url(text: &str) -> bool {
    let is_web = url::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    is_web && !text.ends_with('/') && !text.contains(['?', '#'])
}

fn is_domain(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    text.contains('.')
        && text.bytes().all(is_plain)
        && text.split('.').all(|label| !label.is_empty() && label.len() <= 63)
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cases = [
            ("200ms", 200),
            ("30s", 30_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("1h 30m", 5_400_000),
        ];
        for (text, ms) in cases {
            assert_eq!(read_amount(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "5", "-5m", "soon", "5 parsecs"] {
            assert_eq!(read_amount(text), None, "{text}");
        }
    }

    #[test]
    fn lists_are_read_from_the_environment_as_toml_or_with_commas() {
        let expected: Value = Value::Array(vec!["a".into(), "b".into()]);
        assert_eq!(Kind::Texts.read_text("a, b,"), Ok(expected.clone()));
        assert_eq!(Kind::Texts.read_text("[\"a\", 'b']"), Ok(expected));
        assert!(Kind::Texts.read_text("[a").is_err());
    }

    #[test]
    fn a_listen_address_has_a_host_and_a_port() {
        for text in ["127.0.0.1:0", "localhost:8470", "[::1]:80", "0.0.0.0:65535"] {
            assert!(is_listen(text), "{text}");
        }
        for text in ["8470", ":8470", "127.0.0.1", "::1:80", "a:65536", "a b:1"] {
            assert!(!is_listen(text), "{text}");
        }
    }
}
