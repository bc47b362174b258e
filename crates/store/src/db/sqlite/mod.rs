//! SQLite: one writer thread that commits many units at once, reader threads beside it, and the write-ahead log
//! kept short by a thread of its own.
//!
//! A memory database (`sqlite::memory:`, for tests) has one connection, on which reads wait their turn. With a name
//! (`sqlite::memory:NAME`) it lives as long as any handle in this process has it open.

mod checkpoint;
mod copy;
mod failure;
mod reader;
mod session;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::db::{Done, Row, Sql, Step, Unit, Value};
use crate::error::StoreError;
use crate::store::StoreConfig;

use failure::explain;
use reader::Readers;
use session::Session;
use writer::Writer;

/// How long a connection waits for another process, `ippo directory import` beside a server for example.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Work for a connection's thread that is not a unit.
type Task = Box<dyn for<'c> FnOnce(&mut Session<'c>) + Send>;

/// Where the database is.
#[derive(Debug, Clone)]
enum Place {
    /// A file.
    File(PathBuf),
    /// Memory, under a name of this process.
    Memory(String),
}

impl Place {
    /// What stands behind `sqlite:`.
    fn parse(text: &str) -> Result<Self, StoreError> {
        static FRESH: AtomicU64 = AtomicU64::new(0);
        if let Some(name) = text.strip_prefix(":memory:") {
            if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                return Err(StoreError::BadUrl {
                    why: "the name of a memory database has letters, digits, - and _ only",
                });
            }
            return Ok(Self::Memory(if name.is_empty() {
                format!("/fresh-{}", FRESH.fetch_add(1, Ordering::Relaxed))
            } else {
                format!("/named-{name}")
            }));
        }
        if text.is_empty() || text.starts_with("//") {
            return Err(StoreError::BadUrl { why: "a path of a file has to follow sqlite:" });
        }
        Ok(Self::File(PathBuf::from(text)))
    }

    /// A connection with the settings that every one of ours has.
    fn connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self {
            Self::File(path) => Connection::open_with_flags(path, flags),
            Self::Memory(name) => Connection::open_with_flags(
                format!("file:{name}?vfs=memdb"),
                flags | OpenFlags::SQLITE_OPEN_URI,
            ),
        };
        let connection = connection.map_err(|error| explain(&error, "OPEN"))?;
        connection.busy_timeout(BUSY_WAIT).map_err(|error| explain(&error, "OPEN"))?;
        run_pragmas(
            &connection,
            "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
        )?;
        Ok(connection)
    }

    /// Makes the file, empty, when there is none.
    fn create(&self) -> Result<(), StoreError> {
        match self {
            Self::File(path) => copy::create_private(path).map(drop),
            Self::Memory(_) => Ok(()),
        }
    }
}

fn run_pragmas(connection: &Connection, text: &str) -> Result<(), StoreError> {
    connection.execute_batch(text).map_err(|error| explain(&error, "PRAGMA"))
}

/// An open SQLite database. Dropping it finishes what was asked for and waits for the threads.
#[derive(Debug)]
pub(crate) struct Pool {
    place: Place,
    /// `None` for a memory database, whose reads the writer serves. Dropped before the writer, which closes last.
    readers: Option<Readers>,
    writer: Writer,
}

impl Pool {
    /// Opens what stands behind `sqlite:` in the address.
    pub(crate) fn open(place: &str, config: &StoreConfig) -> Result<Self, StoreError> {
        let place = Place::parse(place)?;
        place.create()?;
        let writer = Writer::start(&place, config)?;
        let readers = match &place {
            Place::File(_) => Some(Readers::start(&place, config.readers.max(1))?),
            Place::Memory(_) => None,
        };
        Ok(Self { place, readers, writer })
    }

    /// Runs `unit` whole or not at all; answered once it is on disk.
    pub(crate) async fn write(&self, unit: Unit) -> Result<Vec<Done>, StoreError> {
        self.writer.write(unit).await
    }

    /// Runs reading `steps`, all of which see the same moment.
    pub(crate) async fn read(&self, steps: Vec<Step>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.ask(move |session| session.read_all(&steps)).await
    }

    /// Whether there is a table of that name.
    pub(crate) async fn has_table(&self, name: &'static str) -> Result<bool, StoreError> {
        static FIND_TABLE: Sql = Sql::new(
            "FIND_TABLE",
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
        );
        let step = Step::any(&FIND_TABLE, vec![Value::from(name)]);
        Ok(self.ask(move |session| session.run(&step)).await?.changed > 0)
    }

    /// Prepares `statements` and compares the parameters with what SQLite sees.
    pub(crate) async fn prepare_all(
        &self,
        statements: Vec<&'static Sql>,
    ) -> Result<(), StoreError> {
        self.ask(move |session| {
            statements.into_iter().try_for_each(|sql| session.check_parameters(sql))
        })
        .await
    }

    /// Writes a copy of one moment to `path`, which must not exist.
    pub(crate) async fn backup_to(&self, path: PathBuf) -> Result<(), StoreError> {
        let place = self.place.clone();
        aside(move || copy::backup(&place.connect()?, &path)).await
    }

    /// What SQLite finds wrong with the database; empty when all is well.
    pub(crate) async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        let place = self.place.clone();
        aside(move || copy::integrity(&place.connect()?)).await
    }

    /// Runs `task` on a connection that reads, and waits for its answer.
    async fn ask<T, F>(&self, task: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&mut Session<'c>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |session| {
            if reply.send(task(session)).is_err() {
                tracing::debug!("nobody waits for a read any more");
            }
        });
        match &self.readers {
            Some(readers) => readers.send(task)?,
            None => self.writer.send_task(task)?,
        }
        answer.await.map_err(|_| gone())?
    }
}

/// Runs something long on a thread and a connection of its own.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| gone())?
}

/// What is said when a thread of the store has ended, which only a bug can cause.
fn gone() -> StoreError {
    StoreError::Unavailable { why: "a thread of the store has stopped".into() }
}

/// A thread that could not be started.
fn no_thread(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable { why: format!("no thread can be started: {error}") }
}

/// Replaces the marks of a migration.
///
/// `{strict}` ends a table whose rows are large or only ever added: SQLite appends them and keeps the key apart.
/// `{keyed}` ends one of small rows: the table is the tree of its key, so that there is one tree to write, not two.
/// Measured with 64 writers: the ledger keyed costs 20 % more, the other tables strict 15 % more.
pub(crate) fn dialect(text: &str) -> String {
    text.replace("{int8}", "INTEGER")
        .replace("{bytes}", "BLOB")
        .replace("{strict}", "STRICT")
        .replace("{keyed}", "STRICT, WITHOUT ROWID")
}
