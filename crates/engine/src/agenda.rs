//! What is to be done when: one list of due work, ordered by time.
//!
//! It is a shadow of the store's wake-ups and outbox, held in memory so that due work is found at once. Losing it
//! loses nothing: a start fills it again from the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::IncidentId;
use domain::port::Outcome;
use domain::time::Timestamp;
use store::OutboxRow;
use tokio::sync::Notify;

/// Something due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Look at an incident.
    Tick(IncidentId),
    /// Send a message.
    Deliver(Box<OutboxRow>),
    /// Record what came of a message that has left already.
    Record(Box<OutboxRow>, Outcome),
}

#[derive(Default)]
struct Lists {
    ticks: BTreeSet<(Timestamp, IncidentId)>,
    tick_of: HashMap<IncidentId, Timestamp>,
    deliveries: BTreeMap<(Timestamp, u64), Work>,
    next_number: u64,
}

/// The list, shared by the door and the loop.
#[derive(Default)]
pub(crate) struct Agenda {
    lists: Mutex<Lists>,
    changed: Notify,
}

impl Agenda {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        // A panic while it was held can only have left it complete: every change below is one insertion or removal.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at `incident` at `at`, and at no other time.
    pub(crate) fn set_tick(&self, incident: &IncidentId, at: Option<Timestamp>) {
        let mut lists = self.lists();
        if let Some(old) = lists.tick_of.remove(incident) {
            lists.ticks.remove(&(old, incident.clone()));
        }
        let Some(at) = at else { return };
        let is_first = lists.ticks.first().is_none_or(|(first, _)| at < *first);
        lists.tick_of.insert(incident.clone(), at);
        lists.ticks.insert((at, incident.clone()));
        drop(lists);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// Sends `row` when it is due.
    pub(crate) fn add_delivery(&self, row: OutboxRow) {
        self.add(row.due_at, Work::Deliver(Box::new(row)));
    }

    /// Puts any work on the list.
    pub(crate) fn add(&self, at: Timestamp, work: Work) {
        if let Work::Tick(incident) = &work {
            return self.set_tick(incident, Some(at));
        }
        let mut lists = self.lists();
        let key = (at, lists.next_number);
        lists.next_number = lists.next_number.wrapping_add(1);
        lists.deliveries.insert(key, work);
        drop(lists);
        self.changed.notify_one();
    }

    /// Takes at most `limit` pieces of work that are due, messages first.
    pub(crate) fn take_due(&self, now: Timestamp, limit: usize) -> Vec<Work> {
        let mut lists = self.lists();
        let mut due = Vec::new();
        while due.len() < limit {
            let Some(entry) = lists.deliveries.first_entry() else { break };
            if entry.key().0 > now {
                break;
            }
            due.push(entry.remove());
        }
        while due.len() < limit {
            let Some((at, incident)) = lists.ticks.first().cloned() else { break };
            if at > now {
                break;
            }
            lists.ticks.remove(&(at, incident.clone()));
            lists.tick_of.remove(&incident);
            due.push(Work::Tick(incident));
        }
        due
    }

    /// When the next piece of work is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let lists = self.lists();
        let tick = lists.ticks.first().map(|(at, _)| *at);
        let delivery = lists.deliveries.first_key_value().map(|((at, _), _)| *at);
        [tick, delivery].into_iter().flatten().min()
    }

    /// Waits until something was added that may be due earlier.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// How many looks and messages are waiting, and the earliest of each.
    pub(crate) fn backlog(&self) -> Backlog {
        let lists = self.lists();
        Backlog {
            ticks: lists.ticks.len(),
            deliveries: lists.deliveries.len(),
            oldest_tick: lists.ticks.first().map(|(at, _)| *at),
            oldest_delivery: lists.deliveries.first_key_value().map(|((at, _), _)| *at),
        }
    }
}

/// How much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Open incidents that will be looked at.
    pub ticks: usize,
    /// Messages that wait for their time.
    pub deliveries: usize,
    /// The earliest look.
    pub oldest_tick: Option<Timestamp>,
    /// The earliest message.
    pub oldest_delivery: Option<Timestamp>,
}
