//! What is to be done when: one list of due work, ordered by time.
//!
//! It is a shadow of the store's wake-ups and outbox, held in memory so that due work is found at once. Losing it
//! loses nothing: a start fills it again from the store.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{AttemptId, IncidentId};
use domain::port::Outcome;
use domain::time::{Timestamp, millis};
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

impl Work {
    fn attempt(&self) -> Option<&AttemptId> {
        match self {
            Self::Tick(_) => None,
            Self::Deliver(row) | Self::Record(row, _) => Some(&row.attempt),
        }
    }
}

#[derive(Default)]
struct Lists {
    ticks: BTreeSet<(Timestamp, IncidentId)>,
    tick_of: HashMap<IncidentId, Timestamp>,
    deliveries: BTreeMap<(Timestamp, u64), Work>,
    /// Attempts that are on the list or being worked on, so that none is taken up twice.
    known: HashSet<AttemptId>,
    next_number: u64,
    /// The time when work was last taken.
    taken_at: Option<Timestamp>,
}

impl Lists {
    /// When the clock was set back, everything comes as much earlier: it is due after the same amount of time.
    fn follow_clock(&mut self, now: Timestamp) {
        let back = self.taken_at.replace(now).map_or(Duration::ZERO, |last| last.since(now));
        if back.is_zero() {
            return;
        }
        let earlier = |at: Timestamp| {
            Timestamp::from_millisecond(at.as_millisecond().saturating_sub(millis(back)))
        };
        let ticks = std::mem::take(&mut self.ticks).into_iter();
        self.ticks = ticks.map(|(at, incident)| (earlier(at), incident)).collect();
        self.tick_of.values_mut().for_each(|at| *at = earlier(*at));
        let deliveries = std::mem::take(&mut self.deliveries).into_iter();
        self.deliveries = deliveries.map(|((at, n), work)| ((earlier(at), n), work)).collect();
    }
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

    /// Looks at `incident` at `at`, unless a look is planned already.
    pub(crate) fn add_tick_if_none(&self, incident: &IncidentId, at: Timestamp) {
        if !self.has_tick(incident) {
            self.set_tick(incident, Some(at));
        }
    }

    /// Whether a look at the incident is planned.
    pub(crate) fn has_tick(&self, incident: &IncidentId) -> bool {
        self.tick_of(incident).is_some()
    }

    /// When the incident is looked at next.
    pub(crate) fn tick_of(&self, incident: &IncidentId) -> Option<Timestamp> {
        self.lists().tick_of.get(incident).copied()
    }

    /// The attempts that are on the list.
    pub(crate) fn list_waiting(&self) -> Vec<AttemptId> {
        self.lists().deliveries.values().filter_map(Work::attempt).cloned().collect()
    }

    /// Sends `row` when it is due. One that is on the list or being sent already is left as it is.
    pub(crate) fn add_delivery(&self, row: OutboxRow) {
        if !self.lists().known.contains(&row.attempt) {
            self.add(row.due_at, Work::Deliver(Box::new(row)));
        }
    }

    /// The attempt is settled: nothing is owed for it any more.
    pub(crate) fn forget(&self, attempt: &AttemptId) {
        self.lists().known.remove(attempt);
    }

    /// Puts any work on the list.
    pub(crate) fn add(&self, at: Timestamp, work: Work) {
        if let Work::Tick(incident) = &work {
            return self.set_tick(incident, Some(at));
        }
        let mut lists = self.lists();
        lists.known.extend(work.attempt().cloned());
        let key = (at, lists.next_number);
        lists.next_number = lists.next_number.wrapping_add(1);
        lists.deliveries.insert(key, work);
        drop(lists);
        self.changed.notify_one();
    }

    /// Takes at most `limit` pieces of work that are due, messages first.
    pub(crate) fn take_due(&self, now: Timestamp, limit: usize) -> Vec<Work> {
        let mut lists = self.lists();
        lists.follow_clock(now);
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
