//! Reading what a call brings, field by field, with errors that name the field.
//!
//! Bytes that are no UTF-8 are repaired instead of refused: a first report must not fail on an encoding.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use domain::incident::timeline::Happened;
use domain::time::Timestamp;
use serde_json::{Map, Value};

use crate::api::problem::{CallError, Problem};

/// The largest body that is read.
pub(crate) const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The earliest and the latest moment that is believed: 1970 to 2200.
const MOMENTS_MS: std::ops::RangeInclusive<i64> = 0..=7_258_118_400_000;

/// The body of a call, whole; one that is too large is refused in words.
pub(crate) struct Body(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state).await;
        body.map(Self).map_err(|_| CallError::BodyTooLarge.into())
    }
}

/// What a call asks for behind the question mark; what cannot be read is refused in words.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        let wrong = |_| wrong("the query", "NAME=VALUE pairs, each name once");
        asked.map(|Query(asked)| Self(asked)).map_err(|why| wrong(why).into())
    }
}

/// A whole number from 0 up, in the query.
pub(crate) fn read_number(name: &str, text: Option<&str>) -> Result<Option<u64>, CallError> {
    let number = text.map(str::parse).transpose();
    number.map_err(|_| wrong(name, "a whole number from 0 up"))
}

/// The fields of a call.
pub(crate) struct Fields {
    fields: Map<String, Value>,
    /// Whether bytes had to be repaired.
    pub(crate) is_repaired: bool,
}

impl Fields {
    /// Reads a JSON object; nothing at all counts as an empty one.
    pub(crate) fn read(body: &Bytes) -> Result<Self, CallError> {
        let text = String::from_utf8_lossy(body);
        let is_repaired = matches!(text, std::borrow::Cow::Owned(_));
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Ok(Self { fields: Map::new(), is_repaired });
        }
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(fields)) => Ok(Self { fields, is_repaired }),
            Ok(_) | Err(_) => Err(CallError::BodyNotJson),
        }
    }

    fn present(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be missing.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, CallError> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "text")),
        }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, name: &'static str) -> Result<String, CallError> {
        self.text(name)?.ok_or_else(|| wrong(name, "given, as text"))
    }

    /// One of a set of words, read by `parse`.
    pub(crate) fn word<T>(
        &self,
        name: &str,
        wanted: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, CallError> {
        match self.text(name).map_err(|_| wrong(name, wanted))? {
            None => Ok(None),
            Some(word) => parse(&word).map(Some).ok_or_else(|| wrong(name, wanted)),
        }
    }

    /// A whole number that may be missing.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, CallError> {
        match self.present(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number")),
        }
    }

    /// A moment in milliseconds UTC that may be missing.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>, CallError> {
        let wanted = "milliseconds since 1970 UTC, a whole number";
        match self.integer(name).map_err(|_| wrong(name, wanted))? {
            None => Ok(None),
            Some(ms) if MOMENTS_MS.contains(&ms) => Ok(Some(Timestamp::from_millisecond(ms))),
            Some(_) => Err(wrong(name, wanted)),
        }
    }

    /// `{"at_ms"}`, `{"about_ms"}` or `{"from_ms","to_ms"}`.
    pub(crate) fn happened(&self) -> Result<Option<Happened>, CallError> {
        let wanted = "{\"at_ms\"}, {\"about_ms\"} or {\"from_ms\",\"to_ms\"}";
        let Some(value) = self.present("happened") else { return Ok(None) };
        let Value::Object(fields) = value else { return Err(wrong("happened", wanted)) };
        let inner = Self { fields: fields.clone(), is_repaired: false };
        let read = |name| inner.moment(name).map_err(|_| wrong("happened", wanted));
        match (read("at_ms")?, read("about_ms")?, read("from_ms")?, read("to_ms")?) {
            (Some(at_ms), None, None, None) => Ok(Some(Happened::At { at_ms })),
            (None, Some(about_ms), None, None) => Ok(Some(Happened::About { about_ms })),
            (None, None, Some(from_ms), Some(to_ms)) => {
                Ok(Some(Happened::Between { from_ms, to_ms }))
            }
            _ => Err(wrong("happened", wanted)),
        }
    }
}

/// The error for a field that is not what it must be.
pub(crate) fn wrong(field: &str, wanted: &'static str) -> CallError {
    CallError::Field { field: field.to_owned(), wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::read(&Bytes::copy_from_slice(text.as_bytes())).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn broken_bytes_are_repaired_and_nothing_is_an_empty_object() {
        let broken =
            Fields::read(&Bytes::from_static(b"{\"text\":\"a\xff\"}")).unwrap_or_else(|_| panic!());
        assert!(broken.is_repaired);
        assert_eq!(broken.text("text").unwrap_or_default().as_deref(), Some("a\u{fffd}"));
        assert!(fields("  ").text("text").is_ok_and(|text| text.is_none()));
        for bad in ["[1]", "nonsense", "\"text\"", "{\"a\":"] {
            assert!(Fields::read(&Bytes::copy_from_slice(bad.as_bytes())).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_wrong_type_names_its_field() {
        let wrong_type = fields(
            r#"{"text":5,"n":"x","at":-1,"far":9e18,"happened":{"at_ms":1,"about_ms":2},"word":[]}"#,
        );
        let is = |found: Result<(), CallError>, name: &str| {
            assert!(
                matches!(found, Err(CallError::Field { field, .. }) if field == name),
                "{name}"
            );
        };
        is(wrong_type.text("text").map(drop), "text");
        is(wrong_type.integer("n").map(drop), "n");
        is(wrong_type.moment("at").map(drop), "at");
        is(wrong_type.moment("far").map(drop), "far");
        is(wrong_type.happened().map(drop), "happened");
        is(wrong_type.word("word", "x", |_| Some(())).map(drop), "word");
        is(wrong_type.required_text("missing").map(drop), "missing");
    }
}
