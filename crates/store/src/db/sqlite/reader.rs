//! Threads that only read, each with a connection of its own.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::db::sqlite::session::Session;
use crate::db::sqlite::{Place, Task, gone, no_thread, run_pragmas};
use crate::error::StoreError;

/// Reader threads; as many reads run at once, the rest wait in their order.
#[derive(Debug)]
pub(super) struct Readers {
    /// `None` only while being dropped.
    tasks: Option<Sender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts `count` readers.
    pub(super) fn start(place: &Place, count: usize) -> Result<Self, StoreError> {
        let (tasks, queue) = channel::<Task>();
        let queue = Arc::new(Mutex::new(queue));
        let mut readers = Self { tasks: Some(tasks), threads: Vec::with_capacity(count) };
        for _ in 0..count {
            let connection = place.connect()?;
            run_pragmas(&connection, "PRAGMA query_only = ON;")?;
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name("store-reader".into()).spawn(move || {
                let mut session = Session::new(&connection);
                while let Some(task) = next(&queue) {
                    task(&mut session);
                }
            });
            readers.threads.push(thread.map_err(|error| no_thread(&error))?);
        }
        Ok(readers)
    }

    /// Hands `task` to whichever reader is free first.
    pub(super) fn send(&self, task: Task) -> Result<(), StoreError> {
        let tasks = self.tasks.as_ref().ok_or_else(gone)?;
        tasks.send(task).map_err(|_| gone())
    }
}

/// The next task; `None` once the handle is dropped and nothing is left. The lock is held while waiting, so that one
/// reader waits for the queue and the others for the lock.
fn next(queue: &Mutex<Receiver<Task>>) -> Option<Task> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.tasks = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader thread had stopped by a panic");
            }
        }
    }
}
