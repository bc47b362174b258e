//! Incidents in memory: one slot each, in which commands queue up so that two of them never decide at once.
//!
//! A slot is a cache: it can be dropped at any time and is filled again from the ledger.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::{AttemptId, IncidentId};
use domain::incident::Incident;
use domain::incident::timeline::Place;
use domain::ledger::Sealed;
use domain::time::Timestamp;

use crate::seal::{self, Head};

/// How many incidents stay in memory. More are read again when they are needed.
const SLOTS_MAX: usize = 2_048;

/// An incident as the engine holds it.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) incident: Arc<Incident>,
    pub(crate) head: Head,
    /// As stored.
    pub(crate) wake_up: Option<Timestamp>,
    /// Being sent at this moment.
    pub(crate) in_flight: BTreeSet<AttemptId>,
    /// Whether the disk may know better, because a commit failed.
    pub(crate) is_stale: bool,
}

impl Loaded {
    /// Folds a ledger. `None` when it holds no incident.
    pub(crate) fn fold(id: &IncidentId, ledger: &[Sealed]) -> Option<Self> {
        let events = ledger.iter().map(|sealed| (seal::read(sealed), place(sealed)));
        let incident = Incident::fold(id, events)?;
        Some(Self {
            incident: Arc::new(incident),
            head: Head::of(ledger),
            wake_up: None,
            in_flight: BTreeSet::new(),
            is_stale: false,
        })
    }
}

impl Loaded {
    /// Takes what stands in the ledger behind what is known. What is on its way stays so.
    pub(crate) fn follow(&mut self, news: &[Sealed]) {
        let incident = Arc::make_mut(&mut self.incident);
        for sealed in news {
            incident.evolve(&seal::read(sealed), place(sealed));
            self.head = Head { seq: sealed.seq, hash: sealed.hash };
        }
        // Whoever wrote the news, or this engine itself, may have changed the wake-up as well.
        self.wake_up = None;
        self.is_stale = false;
    }
}

fn place(sealed: &Sealed) -> Place<'_> {
    Place { seq: sealed.seq, at: sealed.at, actor: &sealed.actor }
}

/// Where one incident is held. `None` inside: not read yet.
pub(crate) type Slot = Arc<tokio::sync::Mutex<Option<Loaded>>>;

/// All slots.
#[derive(Default)]
pub(crate) struct Slots {
    slots: Mutex<HashMap<IncidentId, Slot>>,
}

impl Slots {
    /// The slot of that incident.
    pub(crate) fn slot(&self, id: &IncidentId) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(id) {
            return slot.clone();
        }
        if slots.len() >= SLOTS_MAX {
            make_room(&mut slots);
        }
        let slot = Slot::default();
        slots.insert(id.clone(), slot.clone());
        slot
    }
}

/// Drops a quarter of the slots that nobody holds. One that somebody holds, or that is sending, stays: two slots of
/// one incident would let two commands decide at once.
fn make_room(slots: &mut HashMap<IncidentId, Slot>) {
    let is_idle = |slot: &Slot| {
        Arc::strong_count(slot) == 1
            && slot
                .try_lock()
                .is_ok_and(|held| held.as_ref().is_none_or(|loaded| loaded.in_flight.is_empty()))
    };
    let idle: Vec<IncidentId> = slots
        .iter()
        .filter(|(_, slot)| is_idle(slot))
        .map(|(id, _)| id.clone())
        .take(SLOTS_MAX / 4)
        .collect();
    for id in idle {
        slots.remove(&id);
    }
}
