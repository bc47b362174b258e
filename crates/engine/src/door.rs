//! The door: every command comes in here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::access;
use domain::directory::Organisation;
use domain::id::{AttemptId, IncidentId, PersonId};
use domain::incident::escalation::planner::{self, Reach, Step};
use domain::incident::report::Note;
use domain::incident::{Actor, Command, Decision, Event, Facts, Incident, Refusal, decide};
use domain::ledger::Line;
use domain::policy::Policy;
use domain::port::{Channel, Clock, Entropy};
use domain::rehearsal::{Question, Rehearsal, rehearse};
use domain::route::routes;
use domain::time::Timestamp;
use store::{CommitError, Store, StoreError};
use tokio::sync::broadcast;

use crate::agenda::{Agenda, Backlog};
use crate::batch::{batch_of, is_planned, to_row};
use crate::deliver::Counters;
use crate::error::EngineError;
use crate::keys::{Keys, Receipt};
use crate::lanes::Lanes;
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
    pub(crate) lanes: Lanes,
    pub(crate) config: EngineConfig,
    pub(crate) keys: Keys,
    pub(crate) agenda: Agenda,
    pub(crate) slots: Slots,
    pub(crate) live: Live,
    pub(crate) counters: Counters,
    /// Held while words are added under a key that is known already.
    pub(crate) repeats: tokio::sync::Mutex<()>,
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

pub(crate) struct Committed {
    pub(crate) decision: Decision,
    pub(crate) head: Head,
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
        let engine = Self(Arc::new(Inner {
            lanes: Lanes::new(&channels),
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
            repeats: tokio::sync::Mutex::new(()),
            world: RwLock::new(Arc::new(world)),
        }));
        engine.look_again().await?;
        Ok(engine)
    }

    /// Puts on the list whatever the store still owes and the list does not hold. Harmless at any time.
    ///
    /// Nothing is held longer than it can have been planned for: a clock that was set back while ippo was not
    /// running leaves moments in the store that lie too far away.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look_again(&self) -> Result<(), EngineError> {
        let world = self.world();
        let policy = &world.policy;
        let (outbox, wake_ups) =
            (self.0.store.list_outbox().await?, self.0.store.list_wake_ups().await?);
        let now = self.now();
        let latest_message = now.after(policy.loop_every.max(policy.remind_every));
        for mut row in outbox {
            row.due_at = row.due_at.min(latest_message);
            self.0.agenda.add_delivery(row);
        }
        let latest_tick = now.after(policy.loop_every);
        for (incident, at) in wake_ups {
            self.0.agenda.add_tick_if_none(&incident, at.min(latest_tick));
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

    /// What will be done for an open calling if nothing changes, with its time, earliest first.
    #[must_use]
    pub fn upcoming(&self, incident: &Incident) -> Vec<(Timestamp, Step)> {
        let world = self.world();
        let Some(escalation) = incident.escalation.as_ref() else { return Vec::new() };
        let reach = |person: &PersonId| {
            Reach::from(&routes(&world.directory, &world.channels, &escalation.policy, person))
        };
        planner::upcoming(escalation, &reach, self.now())
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

    /// Carries out a command. Once begun it is finished, even when whoever asked goes away.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when the product says no, [`EngineError::NotStored`] when it could not be kept.
    pub async fn handle(
        &self,
        id: &IncidentId,
        actor: &Actor,
        command: &Command,
    ) -> Result<Handled, EngineError> {
        let engine = self.clone();
        let (id, actor, command) = (id.clone(), actor.clone(), command.clone());
        finish(async move { engine.handle_here(&id, &actor, &command).await }).await
    }

    /// The same on the task of the caller, which must not be dropped half-way.
    pub(crate) async fn handle_here(
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
                    mark_stale(&mut held);
                }
                Err(CommitError::Store(why)) => {
                    // It may be on disk all the same: what the disk says counts from now on.
                    mark_stale(&mut held);
                    return Err(why.into());
                }
            }
        }
        Err(EngineError::Inconsistent { what: "the end of the ledger", id: id.to_string() })
    }

    /// After the commit: what is in memory follows, and whatever is due is on the list.
    pub(crate) fn settle(
        &self,
        held: &mut Option<Loaded>,
        committed: Committed,
        now: Timestamp,
    ) -> Arc<Incident> {
        let Committed { decision, head } = committed;
        let incident = Arc::new(decision.state);
        let in_flight = held.take().map(|loaded| loaded.in_flight).unwrap_or_default();
        let wake_up = decision.wake_up;
        let incident_here = incident.clone();
        *held = Some(Loaded { incident: incident_here, head, wake_up, in_flight, is_stale: false });
        self.0.agenda.set_tick(&incident.id, decision.wake_up);
        for send in decision.sends {
            if is_planned(&incident, &send.attempt) {
                self.0.agenda.add_delivery(to_row(&incident.id, send, now));
            }
        }
        self.0.live.tell(&incident.id, incident.seq);
        incident
    }

    /// Reads the incident when it is not in memory, or when the disk may know better. What is on its way stays so.
    pub(crate) async fn fill(
        &self,
        held: &mut Option<Loaded>,
        id: &IncidentId,
    ) -> Result<(), EngineError> {
        if let Some(loaded) = held.as_mut() {
            if loaded.is_stale {
                let news = self.0.store.load_ledger_after(id, loaded.head.seq).await?;
                loaded.follow(&news);
            }
            return Ok(());
        }
        let ledger = self.0.store.load_ledger(id).await?;
        if !ledger.is_empty() {
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

fn mark_stale(held: &mut Option<Loaded>) {
    if let Some(loaded) = held.as_mut() {
        loaded.is_stale = true;
    }
}

/// Runs `work` to its end on a task of its own. A page that is closed drops what waits for the answer; without this
/// it would drop what comes after the commit as well, and nobody would be called until the next start.
pub(crate) async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => {
                let why = "ippo is being stopped".to_owned();
                Err(EngineError::NotStored(StoreError::Unavailable { why }))
            }
        },
    }
}
