//! The one thread that writes: it takes every unit that waits, commits them with one write to disk, and answers all.
//!
//! A unit that fails is undone alone. As that is rare, a group first runs without savepoints, which would cost a
//! quarter of its time; when a unit fails, the group is undone and run again with one around each unit. When SQLite
//! itself undoes the whole transaction, which it may do when the disk is full, the units are run one by one. When
//! the commit fails, all of them have failed.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::db::sqlite::checkpoint::{Checkpointer, Mode, checkpoint};
use crate::db::sqlite::session::Session;
use crate::db::sqlite::{Place, Task, explain, gone, no_thread, run_pragmas};
use crate::db::{Done, Sql, Unit};
use crate::error::StoreError;
use crate::store::StoreConfig;

static BEGIN: Sql = Sql::new("BEGIN", "BEGIN IMMEDIATE");
static COMMIT: Sql = Sql::new("COMMIT", "COMMIT");
static SAVEPOINT: Sql = Sql::new("SAVEPOINT", "SAVEPOINT unit");
static RELEASE: Sql = Sql::new("RELEASE", "RELEASE unit");
static UNDO: Sql = Sql::new("UNDO", "ROLLBACK TO unit");

/// What came of one unit.
type Reply = Result<Vec<Done>, StoreError>;

enum Job {
    /// The unit goes back with its answer, so that the caller frees it and not the one thread that all wait for.
    Write(Unit, oneshot::Sender<(Reply, Unit)>),
    /// Reads of a memory database.
    Run(Task),
}

/// The handle of the writer thread. Dropping it finishes what waits and closes the database.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` only while being dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the connection that writes and starts its thread.
    pub(super) fn start(place: &Place, config: &StoreConfig) -> Result<Self, StoreError> {
        let mut connection = place.connect()?;
        let checkpointer = match place {
            Place::File(_) => {
                use_log(&connection)?;
                Some(Checkpointer::start(place, &mut connection)?)
            }
            Place::Memory(_) => None,
        };
        // What is erased is overwritten, so that a redacted text is gone from the file as well.
        run_pragmas(&connection, "PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;")?;
        if let Some(pages) = config.page_count_max {
            run_pragmas(&connection, &format!("PRAGMA max_page_count = {pages};"))?;
        }
        let (jobs, queue) = channel();
        let group_max = config.group_max.max(1);
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            serve(&connection, &queue, group_max, checkpointer);
            checkpoint(&connection, Mode::Truncate);
        });
        let thread = thread.map_err(|error| no_thread(&error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `unit` whole or not at all; answered once it is on disk.
    pub(super) async fn write(&self, unit: Unit) -> Reply {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(unit, reply))?;
        let (reply, _unit) = answer.await.map_err(|_| gone())?;
        reply
    }

    /// Has the writer's connection do a read.
    pub(super) fn send_task(&self, task: Task) -> Result<(), StoreError> {
        self.send(Job::Run(task))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread had stopped by a panic");
        }
    }
}

/// Write-ahead log, on disk before a commit is answered.
fn use_log(connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(|error| explain(&error, "PRAGMA"))?;
    if mode != "wal" {
        return Err(StoreError::Unavailable {
            why: format!("the disk cannot hold a write-ahead log (journal mode {mode})"),
        });
    }
    run_pragmas(
        connection,
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 33554432;",
    )
}

/// Serves until every handle is gone and the queue is empty.
fn serve(
    connection: &Connection,
    queue: &Receiver<Job>,
    group_max: usize,
    mut checkpointer: Option<Checkpointer>,
) {
    let mut session = Session::new(connection);
    let mut units = Vec::with_capacity(group_max);
    let mut replies = Vec::with_capacity(group_max);
    while let Ok(first) = queue.recv() {
        let mut next = Some(first);
        let mut task = None;
        while let Some(job) = next {
            match job {
                Job::Write(unit, reply) => {
                    units.push(unit);
                    replies.push(reply);
                }
                // What was asked for before the read is answered before it.
                Job::Run(read) => task = Some(read),
            }
            let is_full = units.len() >= group_max || task.is_some();
            next = if is_full { None } else { queue.try_recv().ok() };
        }
        if !units.is_empty() {
            let results = run_group(&mut session, &units);
            let erased = units.iter().any(|unit| unit.erases);
            for (reply, answer) in replies.drain(..).zip(results.into_iter().zip(units.drain(..))) {
                if reply.send(answer).is_err() {
                    tracing::debug!("nobody waits for a commit any more");
                }
            }
            if let Some(checkpointer) = &mut checkpointer {
                checkpointer.after_commit(connection, erased);
            }
        }
        if let Some(task) = task {
            task(&mut session);
        }
    }
}

/// Runs `units` with one commit; one result for each, in their order.
fn run_group(session: &mut Session<'_>, units: &[Unit]) -> Vec<Reply> {
    if units.len() > 1 {
        let together = run_together(session, units, Guard::None)
            .or_else(|| run_together(session, units, Guard::Savepoints));
        if let Some(replies) = together {
            return replies;
        }
    }
    units.iter().map(|unit| run_alone(session, unit)).collect()
}

/// What is between the units of a group.
#[derive(Debug, Clone, Copy)]
enum Guard {
    /// Nothing: a unit that fails undoes all.
    None,
    /// A savepoint around each: a unit that fails is undone alone.
    Savepoints,
}

fn begin(session: &mut Session<'_>) -> Result<(), StoreError> {
    session.roll_back();
    session.control(&BEGIN)
}

fn commit(session: &mut Session<'_>) -> Result<(), StoreError> {
    // A commit that fails may be on disk all the same when only the flush failed. The caller is told that it is
    // not stored and asks again; the idempotency key makes that harmless.
    session.control(&COMMIT).inspect_err(|_| session.roll_back())
}

fn run_alone(session: &mut Session<'_>, unit: &Unit) -> Reply {
    begin(session)?;
    let done = session.run_all(&unit.steps).inspect_err(|_| session.roll_back())?;
    commit(session)?;
    Ok(done)
}

/// `None` when the transaction was undone on the way and nothing of it is stored.
fn run_together(session: &mut Session<'_>, units: &[Unit], guard: Guard) -> Option<Vec<Reply>> {
    if let Err(error) = begin(session) {
        return Some(units.iter().map(|_| Err(error.clone())).collect());
    }
    let mut replies = Vec::with_capacity(units.len());
    for unit in units {
        let reply = match guard {
            Guard::None => session.run_all(&unit.steps).map(Ok),
            Guard::Savepoints => run_in_savepoint(session, unit),
        };
        let Ok(reply) = reply else {
            session.roll_back();
            return None;
        };
        replies.push(reply);
    }
    if let Err(error) = commit(session) {
        for reply in replies.iter_mut().filter(|reply| reply.is_ok()) {
            *reply = Err(error.clone());
        }
    }
    Some(replies)
}

/// `Err` when the savepoint, and with it the transaction, is lost.
fn run_in_savepoint(session: &mut Session<'_>, unit: &Unit) -> Result<Reply, StoreError> {
    session.control(&SAVEPOINT)?;
    let reply = session.run_all(&unit.steps);
    if let Err(error) = &reply {
        if !session.is_in_transaction() {
            return Err(error.clone());
        }
        session.control(&UNDO)?;
    }
    session.control(&RELEASE)?;
    Ok(reply)
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
