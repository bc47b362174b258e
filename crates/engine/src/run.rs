//! The loop: does what is due, and waits for what comes next. The only place in the engine that waits.
//!
//! It takes no input but the time. A note from the door only wakes it earlier; the path after a restart and the
//! path in the normal case are one path.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

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

/// Runs until `stop` is done. What is under way then is finished by the next start: nothing is lost by stopping.
pub async fn run(engine: Engine, stop: impl Future<Output = ()> + Send) {
    let ticks = Arc::new(Semaphore::new(TICKS_AT_ONCE));
    let mut reload_at = engine.now();
    tokio::pin!(stop);
    loop {
        let now = engine.now();
        for work in engine.0.agenda.take_due(now, BATCH_MAX) {
            start(&engine, work, &ticks);
        }
        if now >= reload_at || reload_at.since(now) > WAIT_MAX {
            reload_at = now.after(WAIT_MAX);
            let engine = engine.clone();
            tokio::spawn(async move {
                if let Err(why) = engine.reload_directory().await {
                    tracing::warn!(code = why.code(), "the directory could not be read again");
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
        match done {
            Ok(Ok(()) | Err(EngineError::Refused(_))) => return,
            Ok(Err(why)) => {
                tracing::warn!(code = why.code(), "due work has to be done again");
            }
            Err(_panic) => tracing::error!("due work panicked and has to be done again"),
        }
        self.put_back(work);
    }

    async fn try_work(&self, work: &Work) -> Result<(), EngineError> {
        match work {
            Work::Tick(incident) => {
                self.handle(incident, &Actor::System, &Command::Tick).await.map(drop)
            }
            Work::Deliver(row) => self.deliver(row).await,
            Work::Record(row, outcome) => self.record(row, outcome).await,
        }
    }

    fn put_back(&self, work: Work) {
        self.0.agenda.add(self.now().after(AGAIN_AFTER), work);
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
}
