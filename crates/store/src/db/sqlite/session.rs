//! A connection on its thread, with every statement prepared once.

use std::collections::HashMap;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::db::sql::{Expect, Text};
use crate::db::sqlite::failure::explain;
use crate::db::{Done, Row, Sql, Step, Value};
use crate::error::StoreError;

static BEGIN_READ: Sql = Sql::new("BEGIN_READ", "BEGIN");
static END_READ: Sql = Sql::new("END_READ", "COMMIT");
static ROLLBACK: Sql = Sql::new("ROLLBACK", "ROLLBACK");

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A connection and its prepared statements.
pub(super) struct Session<'c> {
    connection: &'c Connection,
    /// By the address of the statement, which is static: no text is hashed on the way to the disk.
    prepared: HashMap<usize, Statement<'c>>,
}

impl<'c> Session<'c> {
    /// A session with nothing prepared yet.
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, prepared: HashMap::new() }
    }

    /// Whether a transaction is open.
    pub(super) fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Runs a statement without parameters.
    pub(super) fn control(&mut self, sql: &'static Sql) -> Result<(), StoreError> {
        self.run_known(sql, &[]).map(drop)
    }

    /// Runs `steps` in their order and stops at the first that fails.
    pub(super) fn run_all(&mut self, steps: &[Step]) -> Result<Vec<Done>, StoreError> {
        steps.iter().map(|step| self.run(step)).collect()
    }

    /// Runs one step and holds it to the number of rows it must change.
    pub(super) fn run(&mut self, step: &Step) -> Result<Done, StoreError> {
        let done = match &step.text {
            Text::Known(sql) => self.run_known(sql, &step.values)?,
            Text::Script(text) => {
                let ran = self.connection.execute_batch(text);
                ran.map_err(|error| explain(&error, step.name()))?;
                Done::default()
            }
        };
        match step.expect {
            Expect::Exactly(expected) if expected != done.changed => {
                Err(StoreError::RowsAffected { what: step.name(), expected, actual: done.changed })
            }
            Expect::Any | Expect::Exactly(_) => Ok(done),
        }
    }

    /// Runs reading steps, all of which see the same moment.
    pub(super) fn read_all(&mut self, steps: &[Step]) -> Result<Vec<Vec<Row>>, StoreError> {
        if let [step] = steps {
            return Ok(vec![self.run(step)?.rows]);
        }
        self.control(&BEGIN_READ)?;
        let rows = steps.iter().map(|step| Ok(self.run(step)?.rows)).collect();
        match self.control(&END_READ) {
            Ok(()) => rows,
            Err(error) => {
                self.roll_back();
                rows.and(Err(error))
            }
        }
    }

    /// Ends an open transaction without keeping it.
    pub(super) fn roll_back(&mut self) {
        if self.is_in_transaction()
            && let Err(error) = self.control(&ROLLBACK)
        {
            // `writer::begin` tries again before the next unit.
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// Prepares `sql` and compares its parameters with what SQLite sees, which fills them by first appearance.
    pub(super) fn check_parameters(&mut self, sql: &'static Sql) -> Result<(), StoreError> {
        let statement = self.prepare(sql)?;
        let in_order = (1..=sql.parameters)
            .all(|n| statement.parameter_name(n) == Some(format!("${n}").as_str()));
        if in_order && statement.parameter_count() == sql.parameters {
            return Ok(());
        }
        Err(StoreError::Broken {
            statement: sql.name,
            why: "its parameters are not numbered in the order of their first appearance".into(),
        })
    }

    fn prepare(&mut self, sql: &'static Sql) -> Result<&mut Statement<'c>, StoreError> {
        use std::collections::hash_map::Entry;
        match self.prepared.entry(std::ptr::from_ref(sql).addr()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let statement = self.connection.prepare(sql.text);
                Ok(place.insert(statement.map_err(|error| explain(&error, sql.name))?))
            }
        }
    }

    fn run_known(&mut self, sql: &'static Sql, values: &[Value]) -> Result<Done, StoreError> {
        if values.len() != sql.parameters {
            return Err(StoreError::Broken {
                statement: sql.name,
                why: format!("{} values for {} parameters", values.len(), sql.parameters),
            });
        }
        let statement = self.prepare(sql)?;
        let ran = bind(statement, values).and_then(|()| execute(statement));
        match ran.map_err(|error| explain(&error, sql.name))? {
            Ran::Changed(changed) => Ok(Done { changed, rows: Vec::new() }),
            Ran::Returned(rows) => {
                let rows = rows.into_iter().map(|values| {
                    let values: Option<Vec<Value>> = values.into_iter().collect();
                    values.map(|values| Row::new(sql.name, values))
                });
                let rows: Option<Vec<Row>> = rows.collect();
                let rows =
                    rows.ok_or(StoreError::Inconsistent { statement: sql.name, column: "?" })?;
                Ok(Done { changed: u64::try_from(rows.len()).unwrap_or(u64::MAX), rows })
            }
        }
    }
}

enum Ran {
    Changed(u64),
    /// `None` stands for a value that is neither number, text nor bytes.
    Returned(Vec<Vec<Option<Value>>>),
}

fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    (1..)
        .zip(values)
        .try_for_each(|(place, value): (usize, _)| statement.raw_bind_parameter(place, value))
}

fn execute(statement: &mut Statement<'_>) -> rusqlite::Result<Ran> {
    let columns = statement.column_count();
    if columns == 0 {
        let changed = statement.raw_execute()?;
        return Ok(Ran::Changed(u64::try_from(changed).unwrap_or(u64::MAX)));
    }
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| row.get_ref(column).map(value_of));
        found.push(values.collect::<rusqlite::Result<_>>()?);
    }
    Ok(Ran::Returned(found))
}

fn value_of(value: ValueRef<'_>) -> Option<Value> {
    match value {
        ValueRef::Null => Some(Value::Null),
        ValueRef::Integer(number) => Some(Value::Int(number)),
        ValueRef::Text(text) => Some(Value::Text(str::from_utf8(text).ok()?.to_owned())),
        ValueRef::Blob(bytes) => Some(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => None,
    }
}
