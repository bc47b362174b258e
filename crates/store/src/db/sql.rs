//! Statements written once, and what is run of them.

use crate::db::{Row, Value};

/// A statement, with the name that errors and tests call it by.
#[derive(Debug)]
pub(crate) struct Sql {
    /// Its name in the source.
    pub(crate) name: &'static str,
    /// Its text, with parameters `$1`, `$2`, … numbered in the order in which they first appear.
    pub(crate) text: &'static str,
    /// How many parameters it has.
    pub(crate) parameters: usize,
}

impl Sql {
    /// A statement; its parameters are counted in the text.
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, parameters: highest_parameter(text.as_bytes()) }
    }
}

/// The highest `$n` in `text`.
const fn highest_parameter(mut text: &[u8]) -> usize {
    let mut highest = 0;
    while let Some((first, rest)) = text.split_first() {
        text = rest;
        if *first != b'$' {
            continue;
        }
        let mut number: usize = 0;
        while let Some((digit, rest)) = text.split_first() {
            if !digit.is_ascii_digit() {
                break;
            }
            number = number.saturating_mul(10).saturating_add(digit.saturating_sub(b'0') as usize);
            text = rest;
        }
        if number > highest {
            highest = number;
        }
    }
    highest
}

/// Declares statements and registers them in the file's `STATEMENTS`.
macro_rules! sql {
    ($($name:ident = $text:literal;)+) => {
        $(static $name: $crate::db::Sql = $crate::db::Sql::new(stringify!($name), $text);)+

        /// Every statement of this file.
        pub(crate) static STATEMENTS: &[&$crate::db::Sql] = &[$(&$name),+];
    };
}

/// Values for the parameters of a statement, in their order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}

/// How many rows a step must change, or return when it returns rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Whatever comes.
    Any,
    /// This many; another number undoes the unit.
    Exactly(u64),
}

/// What a step runs.
#[derive(Debug)]
pub(crate) enum Text {
    /// A registered statement, prepared once for each connection.
    Known(&'static Sql),
    /// A migration: several statements without parameters.
    Script(String),
}

/// One statement with its values.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) text: Text,
    pub(crate) values: Vec<Value>,
    pub(crate) expect: Expect,
}

impl Step {
    /// A step that may change any number of rows.
    pub(crate) fn any(sql: &'static Sql, values: Vec<Value>) -> Self {
        Self { text: Text::Known(sql), values, expect: Expect::Any }
    }

    /// A step that must change exactly one row.
    pub(crate) fn one(sql: &'static Sql, values: Vec<Value>) -> Self {
        Self { text: Text::Known(sql), values, expect: Expect::Exactly(1) }
    }

    /// The statements of a migration.
    pub(crate) fn script(text: String) -> Self {
        Self { text: Text::Script(text), values: Vec::new(), expect: Expect::Any }
    }

    /// What errors call it.
    pub(crate) fn name(&self) -> &'static str {
        match &self.text {
            Text::Known(sql) => sql.name,
            Text::Script(_) => "MIGRATION",
        }
    }
}

/// Steps that are kept together or not at all.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) steps: Vec<Step>,
    /// Whether something was erased that must not linger in the database's working files.
    pub(crate) erases: bool,
}

impl Unit {
    /// A unit that erases nothing secret.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self { steps, erases: false }
    }
}

/// What came of one step.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// How many rows it changed, or returned.
    pub(crate) changed: u64,
    /// What it returned.
    pub(crate) rows: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_by_their_highest_number() {
        let count = |text: &'static str| Sql::new("X", text).parameters;
        assert_eq!(count("SELECT 1"), 0);
        assert_eq!(count("SELECT $1, $2 WHERE a = $1"), 2);
        assert_eq!(count("VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"), 10);
        assert_eq!(count("price in $"), 0);
    }
}
