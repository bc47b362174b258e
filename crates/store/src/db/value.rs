//! Values that both databases hold alike, and rows of them.

use domain::id::{AttemptId, IncidentId, PersonId, ProjectId, RotaId, TeamId};
use domain::time::Timestamp;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// One value of a row or of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value {
    /// Numbers that no column can hold are held at the largest one that it can.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(answer: bool) -> Self {
        Self::Int(i64::from(answer))
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_millisecond())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_ids {
    ($($id:ident)+) => {$(
        impl From<&$id> for Value {
            fn from(id: &$id) -> Self {
                Self::Text(id.as_str().to_owned())
            }
        }
    )+};
}

from_ids! { AttemptId IncidentId PersonId ProjectId RotaId TeamId }

/// One row, taken apart from its first column on; `column` is what an error names.
#[derive(Debug)]
pub(crate) struct Row {
    statement: &'static str,
    values: std::vec::IntoIter<Value>,
}

impl Row {
    /// A row that `statement` returned.
    pub(crate) fn new(statement: &'static str, values: Vec<Value>) -> Self {
        Self { statement, values: values.into_iter() }
    }

    /// That the value of `column` cannot be what it is.
    pub(crate) fn inconsistent(&self, column: &'static str) -> StoreError {
        StoreError::Inconsistent { statement: self.statement, column }
    }

    fn next(&mut self, column: &'static str) -> Result<Value, StoreError> {
        self.values.next().ok_or_else(|| self.inconsistent(column))
    }

    /// The next column as a number.
    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.inconsistent(column))
    }

    /// The next column as a number that may be missing.
    pub(crate) fn opt_int(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            Value::Text(_) | Value::Bytes(_) => Err(self.inconsistent(column)),
        }
    }

    /// The next column as a number from 0 up.
    pub(crate) fn count(&mut self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| self.inconsistent(column))
    }

    /// The next column as yes or no.
    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.inconsistent(column)),
        }
    }

    /// The next column as a moment.
    pub(crate) fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_millisecond)
    }

    /// The next column as a moment that may be missing.
    pub(crate) fn opt_time(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_millisecond))
    }

    /// The next column as text.
    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.inconsistent(column))
    }

    /// The next column as text that may be missing.
    pub(crate) fn opt_text(&mut self, column: &'static str) -> Result<Option<String>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Int(_) | Value::Bytes(_) => Err(self.inconsistent(column)),
        }
    }

    /// The next column as exactly `N` bytes.
    pub(crate) fn bytes<const N: usize>(
        &mut self,
        column: &'static str,
    ) -> Result<[u8; N], StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| self.inconsistent(column))
    }

    /// The next column as exactly `N` bytes, or nothing.
    pub(crate) fn opt_bytes<const N: usize>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<[u8; N]>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => {
                bytes.try_into().map(Some).map_err(|_| self.inconsistent(column))
            }
            Value::Int(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    /// The next column as what its JSON says.
    pub(crate) fn json<T: DeserializeOwned>(
        &mut self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.inconsistent(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: Value) -> Row {
        Row::new("READ_X", vec![value])
    }

    #[test]
    fn a_value_of_another_kind_is_an_error_that_names_statement_and_column() {
        let expected = StoreError::Inconsistent { statement: "READ_X", column: "x" };
        assert_eq!(row(Value::from("word")).int("x"), Err(expected.clone()));
        assert_eq!(row(Value::Int(1)).text("x"), Err(expected.clone()));
        assert_eq!(row(Value::Int(2)).flag("x"), Err(expected.clone()));
        assert_eq!(row(Value::Int(-1)).count("x"), Err(expected.clone()));
        assert_eq!(row(Value::Null).int("x"), Err(expected.clone()));
        assert_eq!(row(Value::Bytes(vec![1, 2])).bytes::<3>("x"), Err(expected.clone()));
        assert_eq!(row(Value::from("{")).json::<bool>("x"), Err(expected.clone()));
        assert_eq!(Row::new("READ_X", vec![]).int("x"), Err(expected));
    }

    #[test]
    fn nothing_is_told_from_zero_and_from_empty_text() {
        assert_eq!(row(Value::Null).opt_int("x"), Ok(None));
        assert_eq!(row(Value::Int(0)).opt_int("x"), Ok(Some(0)));
        assert_eq!(row(Value::Null).opt_text("x"), Ok(None));
        assert_eq!(row(Value::from("")).opt_text("x"), Ok(Some(String::new())));
    }
}
