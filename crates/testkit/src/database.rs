//! Hands on the database from outside: what a full disk, a bad disk or a meddler does to it.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// A second connection to a store's database. Only for tests: nothing in the product writes past the store.
#[derive(Debug)]
pub struct Sabotage(Connection);

impl Sabotage {
    /// On the store at that address: `sqlite:PATH` or `sqlite::memory:NAME`.
    #[must_use]
    pub fn on(url: &str) -> Self {
        let place = url.strip_prefix("sqlite:").unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let place = match place.strip_prefix(":memory:") {
            Some(name) => format!("file:/named-{name}?vfs=memdb"),
            None => place.to_owned(),
        };
        let connection = Connection::open_with_flags(place, flags).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        Self(connection)
    }

    /// From now on nothing more can be written to any ledger.
    pub fn break_ledger(&self) {
        self.run(
            "CREATE TRIGGER IF NOT EXISTS broken BEFORE INSERT ON ledger_event
                BEGIN SELECT RAISE(ABORT, 'the disk has a bad day'); END",
        );
    }

    /// It can again.
    pub fn mend_ledger(&self) {
        self.run("DROP TRIGGER IF EXISTS broken");
    }

    /// Anything at all.
    pub fn run(&self, statement: &str) {
        self.0.execute_batch(statement).unwrap();
    }

    /// A number that changes whenever somebody else has changed the database.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.count("PRAGMA data_version")
    }

    /// The texts in the first column of what the query gives.
    #[must_use]
    pub fn list(&self, query: &str) -> Vec<String> {
        let mut statement = self.0.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// The number that the query gives.
    #[must_use]
    pub fn count(&self, query: &str) -> i64 {
        let mut statement = self.0.prepare(query).unwrap();
        statement.query_row([], |row| row.get(0)).unwrap()
    }
}
