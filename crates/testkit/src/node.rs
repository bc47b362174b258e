//! One life of an engine: its own threads' worth of tasks, all of which die with it, as in a crash.

use std::sync::Arc;

use domain::port::{Channel, Entropy};
use engine::{Engine, EngineConfig, EngineError, EngineParts, Work};
use store::Store;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::channel::Outside;
use crate::clock::FakeClock;

/// What every life of an engine is started with.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) clock: FakeClock,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) outside: Outside,
    pub(crate) channels: Vec<Arc<dyn Channel>>,
    pub(crate) config: EngineConfig,
}

/// One life of an engine, driven by hand. Dropped, everything that was under way is gone.
pub(crate) struct Node {
    // Dropped first: an engine is only ever used on its own runtime.
    under_way: Vec<JoinHandle<()>>,
    engine: Engine,
    runtime: Runtime,
    outside: Outside,
}

impl Node {
    pub(crate) fn start(with: &Surroundings) -> Result<Self, EngineError> {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let parts = EngineParts {
            store: with.store.clone(),
            clock: Arc::new(with.clock.clone()),
            entropy: with.entropy.clone(),
            channels: with.channels.clone(),
        };
        let engine = runtime.block_on(Engine::start(parts, with.config.clone()))?;
        Ok(Self { under_way: Vec::new(), engine, runtime, outside: with.outside.clone() })
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs `work` to its end; what is under way goes on beside it.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Does `work` until it is done or hangs in a channel. Whether it is done.
    pub(crate) fn work(&mut self, work: Work) -> bool {
        let hanging = self.outside.hanging().len();
        let engine = self.engine.clone();
        let outside = self.outside.clone();
        let mut task = self.runtime.spawn(async move { engine.do_work(work).await });
        let is_done = self.runtime.block_on(async {
            tokio::select! {
                biased;
                done = &mut task => { done.unwrap(); true }
                () = outside.hangs_beyond(hanging) => false,
            }
        });
        if !is_done {
            self.under_way.push(task);
        }
        is_done
    }

    /// Lets everything that hangs die.
    pub(crate) fn abandon(&mut self) {
        for task in self.under_way.drain(..) {
            task.abort();
            let ended = self.runtime.block_on(task);
            assert!(ended.is_err(), "it was hanging");
        }
    }

    /// Waits until no more tasks are under way than sends hang: until what was released has been recorded.
    pub(crate) fn settle(&mut self) {
        let hanging = self.outside.hanging().len();
        while self.under_way.len() > hanging {
            let under_way = std::mem::take(&mut self.under_way);
            self.under_way = self.runtime.block_on(first_done(under_way));
        }
    }
}

/// All but the first to be done.
async fn first_done(tasks: Vec<JoinHandle<()>>) -> Vec<JoinHandle<()>> {
    let mut tasks = tasks;
    let place = std::future::poll_fn(|context| {
        let done =
            tasks.iter_mut().position(|task| std::pin::Pin::new(task).poll(context).is_ready());
        done.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
    })
    .await;
    drop(tasks.remove(place));
    tasks
}
