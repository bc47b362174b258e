//! The loop: does what is due, and waits for what comes next. The only place in the engine that waits.
//!
//! It takes no input but the time. A note from the door only wakes it earlier; the path after a restart and the
//! path in the normal case are one path.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{AttemptId, IncidentId};
use domain::incident::{Actor, Command};
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use tokio::sync::Semaphore;

use crate::agenda::Work;
use crate::door::Engine;
use crate::error::EngineError;

/// The most pieces of work that one pass takes up.
const BATCH_MAX: usize = 512;
/// The most looks at incidents that run at once.
const TICKS_AT_ONCE: usize = 64;
/// The longest wait, so that a clock that jumps forward is noticed.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// After a failure the same work is due again this much later.
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How often the directory is looked at for changes.
const RELOAD_EVERY: Duration = Duration::from_secs(1);
/// How often the list of due work is compared with what the store owes.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(15);

/// Something that is done every so often, by a clock that may be set.
struct Beat {
    every: Duration,
    due: Timestamp,
}

impl Beat {
    fn is_due(&mut self, now: Timestamp) -> bool {
        let is_due = now >= self.due || self.due.since(now) > self.every;
        if is_due {
            self.due = now.after(self.every);
        }
        is_due
    }
}

/// Runs until `stop` is done. What is under way then is finished by the next start: nothing is lost by stopping.
pub async fn run(engine: Engine, stop: impl Future<Output = ()> + Send) {
    let ticks = Arc::new(Semaphore::new(TICKS_AT_ONCE));
    let mut reload = Beat { every: RELOAD_EVERY, due: engine.now() };
    let mut look = Beat { every: LOOK_AGAIN_EVERY, due: engine.now().after(LOOK_AGAIN_EVERY) };
    tokio::pin!(stop);
    loop {
        let now = engine.now();
        for work in engine.0.agenda.take_due(now, BATCH_MAX) {
            start(&engine, work, &ticks);
        }
        if reload.is_due(now) {
            let engine = engine.clone();
            tokio::spawn(async move {
                if let Err(why) = engine.reload_directory().await {
                    tracing::warn!(code = why.code(), "the directory could not be read again");
                }
            });
        }
        if look.is_due(now) {
            let engine = engine.clone();
            tokio::spawn(async move {
                if let Err(why) = engine.look_again().await {
                    tracing::warn!(code = why.code(), "what is owed could not be looked at again");
                }
            });
        }
        let wait = engine
            .0
            .agenda
            .next_due()
            .map_or(WAIT_MAX, |next| next.since(engine.now()))
            .min(WAIT_MAX);
        tokio::select! {
            () = &mut stop => return,
            () = engine.0.agenda.changed() => {}
            () = pause(wait) => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the loop is the one place that waits")]
async fn pause(amount: Duration) {
    if !amount.is_zero() {
        tokio::time::sleep(amount).await;
    }
}

fn start(engine: &Engine, work: Work, ticks: &Arc<Semaphore>) {
    let engine = engine.clone();
    let ticks = ticks.clone();
    tokio::spawn(async move {
        let permit = match &work {
            Work::Tick(_) => ticks.acquire().await.ok(),
            Work::Deliver(_) | Work::Record(..) => None,
        };
        engine.do_work(work).await;
        drop(permit);
    });
}

impl Engine {
    /// Does one piece of work. A failure or a panic puts it on the list again, so that nothing is forgotten.
    pub async fn do_work(&self, work: Work) {
        let done = AssertUnwindSafe(self.try_work(&work)).catch_unwind().await;
        let again = match done {
            Ok(Ok(None) | Err(EngineError::Refused(_))) => None,
            Ok(Ok(Some(owed))) => Some(owed),
            Ok(Err(why)) => {
                tracing::warn!(code = why.code(), "due work has to be done again");
                Some(work.clone())
            }
            Err(_panic) => {
                tracing::error!("due work panicked and has to be done again");
                Some(work.clone())
            }
        };
        match (again, work) {
            (Some(again), _) => self.0.agenda.add(self.now().after(AGAIN_AFTER), again),
            (None, Work::Tick(_)) => {}
            (None, Work::Deliver(row) | Work::Record(row, _)) => {
                self.0.agenda.forget(&row.attempt);
            }
        }
    }

    /// What is left to do of it.
    async fn try_work(&self, work: &Work) -> Result<Option<Work>, EngineError> {
        match work {
            Work::Tick(incident) => {
                self.handle_here(incident, &Actor::System, &Command::Tick).await.map(|_| None)
            }
            Work::Deliver(row) => self.deliver(row).await,
            Work::Record(row, outcome) => self.record(row, outcome).await.map(|()| None),
        }
    }

    /// Takes what is due now off the list, for whoever drives the engine by hand (worlds and the simulator).
    #[must_use]
    pub fn take_due(&self) -> Vec<Work> {
        self.0.agenda.take_due(self.now(), BATCH_MAX)
    }

    /// When the next piece of work is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.0.agenda.next_due()
    }

    /// When the incident will be looked at next, for whoever drives the engine by hand.
    #[must_use]
    pub fn next_look(&self, incident: &IncidentId) -> Option<Timestamp> {
        self.0.agenda.tick_of(incident)
    }

    /// The attempts that are on the list, for whoever drives the engine by hand.
    #[must_use]
    pub fn list_waiting(&self) -> Vec<AttemptId> {
        self.0.agenda.list_waiting()
    }
}
