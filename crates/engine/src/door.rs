//! The door: every command comes in here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::access;
use domain::directory::Organisation;
use domain::id::{AttemptId, IncidentId, PersonId};
use domain::incident::report::{FirstReport, Note, keep_text};
use domain::incident::{Actor, Command, Decision, Event, Facts, Incident, Refusal, decide, open};
use domain::ledger::{Hash, Line};
use domain::policy::Policy;
use domain::port::{Channel, Clock, Entropy};
use domain::rehearsal::{Question, Rehearsal, rehearse};
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use store::{CommitError, KeyRow, Store};
use tokio::sync::{Semaphore, broadcast};

use crate::agenda::{Agenda, Backlog};
use crate::batch::{batch_of, is_planned, to_row};
use crate::deliver::Counters;
use crate::error::EngineError;
use crate::keys::{Keys, Receipt};
use crate::live::{Change, Live};
use crate::seal::{Head, ToSeal, seal_all};
use crate::slot::{Loaded, Slots};
use crate::world::{World, load_world};

/// How often a command is decided anew when somebody else was first.
const TRIES_MAX: usize = 8;

/// What the engine is told about its surroundings.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The organisation, from the configuration.
    pub organisation: Organisation,
    /// How people are called.
    pub policy: Policy,
    /// Where people find the pages, without a slash at the end.
    pub public_url: String,
}

/// What the engine works with.
pub struct EngineParts {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Ways of reaching people.
    pub channels: Vec<Arc<dyn Channel>>,
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) channels: BTreeMap<String, Arc<dyn Channel>>,
    pub(crate) limits: BTreeMap<String, Arc<Semaphore>>,
    pub(crate) config: EngineConfig,
    pub(crate) keys: Keys,
    pub(crate) agenda: Agenda,
    pub(crate) slots: Slots,
    pub(crate) live: Live,
    pub(crate) counters: Counters,
    world: RwLock<Arc<World>>,
}

/// What came of a first report.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The incident.
    pub incident: Arc<Incident>,
    /// Whether this report opened it; `false` for a repeat under the same key.
    pub is_new: bool,
    /// What the reporter should be told.
    pub notes: Vec<Note>,
    /// The signed receipt.
    pub receipt: Receipt,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Handled {
    /// The incident after it.
    pub incident: Arc<Incident>,
    /// What has happened; empty when nothing had to.
    pub events: Vec<Event>,
    /// What whoever asked should be told.
    pub notes: Vec<Note>,
}

struct Committed {
    decision: Decision,
    head: Head,
}

impl Engine {
    /// Makes an engine and fills its list of due work from the store, so that whatever was open goes on.
    ///
    /// # Errors
    /// When the store cannot be read or the keys cannot be kept.
    pub async fn start(parts: EngineParts, config: EngineConfig) -> Result<Self, EngineError> {
        let EngineParts { store, clock, entropy, channels } = parts;
        let world = load_world(&store, &config.organisation, &config.policy, &channels).await?;
        let keys = Keys::load(&store, entropy.as_ref()).await?;
        let limits = channels.iter().map(|channel| {
            let info = channel.info();
            (info.id.to_owned(), Arc::new(Semaphore::new(info.parallel_max.max(1))))
        });
        let engine = Self(Arc::new(Inner {
            limits: limits.collect(),
            channels: channels.into_iter().map(|c| (c.info().id.to_owned(), c)).collect(),
            store,
            clock,
            entropy,
            config,
            keys,
            agenda: Agenda::default(),
            slots: Slots::default(),
            live: Live::new(),
            counters: Counters::default(),
            world: RwLock::new(Arc::new(world)),
        }));
        engine.resume().await?;
        Ok(engine)
    }

    async fn resume(&self) -> Result<(), EngineError> {
        for row in self.0.store.list_outbox().await? {
            self.0.agenda.add_delivery(row);
        }
        for (incident, at) in self.0.store.list_wake_ups().await? {
            self.0.agenda.set_tick(&incident, Some(at));
        }
        Ok(())
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Where everything is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Chance, for tokens that pages make.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    /// Where people find the pages, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.config.public_url
    }

    /// The channel of that id.
    #[must_use]
    pub fn find_channel(&self, id: &str) -> Option<&Arc<dyn Channel>> {
        self.0.channels.get(id)
    }

    /// The ids of all channels that are set up.
    #[must_use]
    pub fn list_channels(&self) -> Vec<&str> {
        self.0.channels.keys().map(String::as_str).collect()
    }

    /// Directory, channels and policy as they are now.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.0.world.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the directory anew when it has changed. Open callings use it from their next step on.
    ///
    /// # Errors
    /// When the store cannot be read; the old picture then stays.
    pub async fn reload_directory(&self) -> Result<(), EngineError> {
        let store = &self.0.store;
        if store.directory_version().await? == self.world().version {
            return Ok(());
        }
        let channels: Vec<_> = self.0.channels.values().cloned().collect();
        let config = &self.0.config;
        let world = load_world(store, &config.organisation, &config.policy, &channels).await?;
        *self.0.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(world);
        Ok(())
    }

    /// Who would be called when.
    #[must_use]
    pub fn rehearse(&self, question: &Question<'_>) -> Rehearsal {
        let world = self.world();
        rehearse(&world.directory, &world.channels, &world.policy, question)
    }

    /// How much work is waiting.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        self.0.agenda.backlog()
    }

    /// Changes of incidents, as they happen.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.live.listen()
    }

    /// Takes a first report (A1, A3). Answered only once it is on disk. The same key again gives the same incident;
    /// another text under the same key is added to it.
    ///
    /// # Errors
    /// [`EngineError::NotStored`] when it could not be kept; nothing of it is then kept.
    pub async fn report(
        &self,
        report: FirstReport,
        key: Option<&str>,
    ) -> Result<Reported, EngineError> {
        let now = self.now();
        let id = crate::keys::new_incident_id(now, self.0.entropy.as_ref());
        let world = self.world();
        let none = BTreeSet::new();
        let facts = facts(now, &world, &none);
        let decision = open(id.clone(), &report, facts);
        let text_digest = digest_of(&report.text);
        let key = key.map(|key| KeyRow {
            person: report.reporter.clone(),
            key: key.to_owned(),
            incident: id.clone(),
            text_digest,
            at: now,
        });
        // Held from before the commit, so that nothing is sent or decided on an incident that is not in its slot yet.
        let slot = self.0.slots.slot(&id);
        let mut held = slot.lock().await;
        let to_seal = ToSeal {
            incident: &id,
            actor: report.reporter.as_str(),
            at: now,
            events: &decision.events,
        };
        let events = seal_all(&to_seal, Head::EMPTY, self.0.entropy.as_ref())?;
        let first = events.first().cloned();
        let head = Head::of(&events);
        let mut batch = batch_of(&decision, None, events, now);
        batch.key = key;
        match self.0.store.commit(batch).await {
            Ok(()) => {}
            Err(CommitError::KeyTaken(stored)) => {
                drop(held);
                return self.repeat(report, stored, text_digest).await;
            }
            Err(CommitError::SeqTaken) => {
                return Err(EngineError::Inconsistent { what: "the id", id: id.to_string() });
            }
            Err(CommitError::Store(why)) => return Err(why.into()),
        }
        let notes = decision.notes.clone();
        let incident = self.settle(&mut held, Committed { decision, head }, now);
        drop(held);
        let place = first
            .ok_or_else(|| EngineError::Inconsistent { what: "the report", id: id.to_string() })?;
        let receipt = self.receipt_of(&incident, &place, head, now);
        Ok(Reported { incident, is_new: true, notes, receipt })
    }

    /// The same key again.
    async fn repeat(
        &self,
        report: FirstReport,
        stored: KeyRow,
        text_digest: Hash,
    ) -> Result<Reported, EngineError> {
        let mut notes = Vec::new();
        let is_other_text =
            stored.text_digest != text_digest && !keep_text(&report.text).0.is_empty();
        if is_other_text && !self.has_words(&stored.incident, &report.text).await? {
            let actor = Actor::Person(report.reporter);
            let command = Command::AddWords { text: report.text };
            match self.handle(&stored.incident, &actor, &command).await {
                Ok(handled) => notes = handled.notes,
                // A closed incident takes no more words; the caller still learns which it is.
                Err(EngineError::Refused(_)) => {}
                Err(why) => return Err(why),
            }
        }
        let incident = self.load(&stored.incident).await?;
        let incident = incident.ok_or_else(|| EngineError::Inconsistent {
            what: "the ledger",
            id: stored.incident.to_string(),
        })?;
        let receipt = self.receipt(&stored.incident).await?;
        Ok(Reported { incident, is_new: false, notes, receipt })
    }

    async fn has_words(&self, id: &IncidentId, text: &str) -> Result<bool, EngineError> {
        let (text, _) = keep_text(text);
        let incident = self.load(id).await?;
        Ok(incident.is_some_and(|incident| {
            let said = incident.timeline.entries.iter().filter_map(|e| e.statement.as_ref());
            said.into_iter().any(|statement| statement.text == text)
        }))
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when the product says no, [`EngineError::NotStored`] when it could not be kept.
    pub async fn handle(
        &self,
        id: &IncidentId,
        actor: &Actor,
        command: &Command,
    ) -> Result<Handled, EngineError> {
        let slot = self.0.slots.slot(id);
        let mut held = slot.lock().await;
        for _ in 0..TRIES_MAX {
            self.fill(&mut held, id).await?;
            let Some(loaded) = held.as_ref() else { return Err(Refusal::NotFound.into()) };
            let now = self.now();
            let world = self.world();
            let decision =
                decide(&loaded.incident, actor, command, facts(now, &world, &loaded.in_flight))?;
            if decision.events.is_empty() && decision.wake_up == loaded.wake_up {
                let incident = loaded.incident.clone();
                self.0.agenda.set_tick(id, decision.wake_up);
                return Ok(Handled { incident, events: Vec::new(), notes: decision.notes });
            }
            let to_seal =
                ToSeal { incident: id, actor: actor.as_str(), at: now, events: &decision.events };
            let events = seal_all(&to_seal, loaded.head, self.0.entropy.as_ref())?;
            let head = if events.is_empty() { loaded.head } else { Head::of(&events) };
            let batch = batch_of(&decision, Some(loaded), events, now);
            match self.0.store.commit(batch).await {
                Ok(()) => {
                    let (events, notes) = (decision.events.clone(), decision.notes.clone());
                    let incident = self.settle(&mut held, Committed { decision, head }, now);
                    return Ok(Handled { incident, events, notes });
                }
                Err(CommitError::SeqTaken | CommitError::KeyTaken(_)) => {
                    // Somebody else was first: read what they did and decide again.
                    let in_flight = held.take().map(|loaded| loaded.in_flight);
                    self.fill(&mut held, id).await?;
                    if let (Some(loaded), Some(in_flight)) = (held.as_mut(), in_flight) {
                        loaded.in_flight = in_flight;
                    }
                }
                Err(CommitError::Store(why)) => return Err(why.into()),
            }
        }
        Err(EngineError::Inconsistent { what: "the end of the ledger", id: id.to_string() })
    }

    /// After the commit: what is in memory follows, and whatever is due is on the list.
    fn settle(
        &self,
        held: &mut Option<Loaded>,
        committed: Committed,
        now: Timestamp,
    ) -> Arc<Incident> {
        let Committed { decision, head } = committed;
        let incident = Arc::new(decision.state);
        let in_flight = held.take().map(|loaded| loaded.in_flight).unwrap_or_default();
        *held =
            Some(Loaded { incident: incident.clone(), head, wake_up: decision.wake_up, in_flight });
        self.0.agenda.set_tick(&incident.id, decision.wake_up);
        for send in decision.sends {
            if is_planned(&incident, &send.attempt) {
                self.0.agenda.add_delivery(to_row(&incident.id, send, now));
            }
        }
        self.0.live.tell(&incident.id, incident.seq);
        incident
    }

    pub(crate) async fn fill(
        &self,
        held: &mut Option<Loaded>,
        id: &IncidentId,
    ) -> Result<(), EngineError> {
        if held.is_none() {
            let ledger = self.0.store.load_ledger(id).await?;
            if ledger.is_empty() {
                return Ok(());
            }
            let loaded = Loaded::fold(id, &ledger).ok_or_else(|| EngineError::Inconsistent {
                what: "the ledger",
                id: id.to_string(),
            })?;
            *held = Some(loaded);
        }
        Ok(())
    }

    /// The incident as it stands; `None` when there is none of that id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(&self, id: &IncidentId) -> Result<Option<Arc<Incident>>, EngineError> {
        let slot = self.0.slots.slot(id);
        let mut held = slot.lock().await;
        self.fill(&mut held, id).await?;
        Ok(held.as_ref().map(|loaded| loaded.incident.clone()))
    }

    /// The incident, for somebody for whom it exists.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or not for them.
    pub async fn load_for(
        &self,
        id: &IncidentId,
        person: &PersonId,
    ) -> Result<Arc<Incident>, EngineError> {
        let incident = self.load(id).await?.filter(|found| access::may_see(found, person));
        incident.ok_or_else(|| Refusal::NotFound.into())
    }

    /// The whole ledger, for somebody for whom it exists; for nobody in particular, when `person` is `None`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or not for them.
    pub async fn export(
        &self,
        id: &IncidentId,
        person: Option<&PersonId>,
    ) -> Result<Vec<Line>, EngineError> {
        if let Some(person) = person {
            self.load_for(id, person).await?;
        }
        let ledger = self.0.store.load_ledger(id).await?;
        if ledger.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        let lines: Result<Vec<Line>, _> = ledger.iter().map(Line::from_sealed).collect();
        lines.map_err(|_| EngineError::Inconsistent { what: "an event", id: id.to_string() })
    }
}

pub(crate) fn facts<'a>(
    now: Timestamp,
    world: &'a World,
    in_flight: &'a BTreeSet<AttemptId>,
) -> Facts<'a> {
    Facts {
        now,
        directory: &world.directory,
        channels: &world.channels,
        policy: &world.policy,
        in_flight,
    }
}

fn digest_of(text: &str) -> Hash {
    Sha256::digest(keep_text(text).0.as_bytes()).into()
}
