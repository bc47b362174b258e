//! Keeps the write-ahead log short without letting a commit pay for it.
//!
//! The log is copied into the database by a thread of its own once it has grown by [`PAGES_STEP`]. Only when
//! commits follow each other so closely that the log never stands still for a moment does the writer copy the
//! little that is left itself, so that the log can begin anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB};

use crate::db::sqlite::{Place, explain, no_thread};
use crate::error::StoreError;

/// Growth after which the log is copied: 4 MiB of 4 KiB pages.
const PAGES_STEP: u32 = 1024;
/// Length from which the writer itself brings the log to its end: 16 MiB. A log that begins anew is overwritten
/// instead of lengthened, which a disk flushes in half the time.
const PAGES_LONG: u32 = 4 * 1024;
/// How long cutting the log may keep the writer waiting.
const CUT_WAIT: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Copy what can be copied without waiting for anybody.
    Copy,
    /// Copy everything and cut the file, because it holds something that was erased.
    Cut,
}

/// The thread that copies, and when to ask it.
#[derive(Debug)]
pub(super) struct Checkpointer {
    /// `None` only while being dropped.
    asks: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
    pages: Arc<AtomicU32>,
    pages_seen: u32,
}

impl Checkpointer {
    /// Starts the thread, and has `writer` count the pages of its log.
    pub(super) fn start(place: &Place, writer: &mut Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&pages);
        // The hook takes the place of SQLite's own, which would checkpoint inside a commit.
        let hooked = writer.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            counter.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }));
        hooked.map_err(|error| explain(&error, "WAL_HOOK"))?;
        let connection = place.connect()?;
        connection.busy_timeout(CUT_WAIT).map_err(|error| explain(&error, "OPEN"))?;
        let (asks, queue) = channel();
        let thread = std::thread::Builder::new().name("store-checkpoint".into()).spawn(move || {
            let mut is_cut_owed = false;
            while let Ok(ask) = queue.recv() {
                let copied = checkpoint(&connection, Mode::Passive);
                is_cut_owed |= ask == Ask::Cut;
                if is_cut_owed {
                    // Readers or another process may be in the way; then the next ask cuts.
                    is_cut_owed = !checkpoint(&connection, Mode::Truncate);
                }
                tracing::debug!(copied, is_cut_owed, "write-ahead log copied");
            }
        });
        let thread = thread.map_err(|error| no_thread(&error))?;
        Ok(Self { asks: Some(asks), thread: Some(thread), pages, pages_seen: 0 })
    }

    /// To be called after each commit by the thread of `writer`.
    pub(super) fn after_commit(&mut self, writer: &Connection, erased: bool) {
        if erased {
            self.ask(Ask::Cut);
        }
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.pages_seen {
            self.pages_seen = 0;
        }
        if pages.saturating_sub(self.pages_seen) < PAGES_STEP {
            return;
        }
        self.pages_seen = pages;
        if pages >= PAGES_LONG {
            checkpoint(writer, Mode::Passive);
        } else {
            self.ask(Ask::Copy);
        }
    }

    fn ask(&self, ask: Ask) {
        if let Some(asks) = &self.asks
            && asks.send(ask).is_err()
        {
            tracing::error!("the checkpoint thread has stopped");
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread had stopped by a panic");
        }
    }
}

/// How much a checkpoint insists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// Waits for nobody.
    Passive,
    /// Waits for readers and the writer, and cuts the log to nothing.
    Truncate,
}

/// Copies the log into the database; whether it came to the end of it. A log that could not be copied loses nothing.
pub(super) fn checkpoint(connection: &Connection, mode: Mode) -> bool {
    let mode = match mode {
        Mode::Passive => rusqlite::wal::CheckpointMode::PASSIVE,
        Mode::Truncate => rusqlite::wal::CheckpointMode::TRUNCATE,
    };
    match connection.wal_checkpoint_v2(Some(MAIN_DB), mode) {
        Ok((pages, copied)) => pages == copied,
        Err(error) => {
            tracing::debug!(%error, "the write-ahead log could not be copied now");
            false
        }
    }
}
