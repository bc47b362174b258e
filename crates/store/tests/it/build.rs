//! Where the tests' stores are, and builders of what is put in.

use domain::id::{AttemptId, IncidentId, PersonId};
use domain::ledger::{FIRST_PREV, Hash, Sealed, Unsealed, seal};
use domain::time::Timestamp;
use store::{
    Batch, Escalation, IncidentState, KeyRow, OutboxRow, Store, StoreConfig, Summary, WakeUpChange,
};

/// A place for one database.
pub(crate) struct World {
    pub(crate) config: StoreConfig,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn in_a_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ippo.db");
        Self { config: StoreConfig::new(&format!("sqlite:{}", path.display())), folder }
    }

    pub(crate) fn in_memory() -> Self {
        Self { config: StoreConfig::new("sqlite::memory:"), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.config, at(0)).await.unwrap()
    }
}

/// A moment, some milliseconds after the tests' beginning.
pub(crate) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_793_000_000_000 + milliseconds)
}

pub(crate) fn person(name: &str) -> PersonId {
    PersonId::new(&format!("per_{name}"))
}

pub(crate) fn incident(name: &str) -> IncidentId {
    IncidentId::new(&format!("inc_{name}"))
}

/// `count` events of which the first follows `before`.
pub(crate) fn events(incident: &IncidentId, before: Option<&Sealed>, count: u64) -> Vec<Sealed> {
    let mut chain: Vec<Sealed> = Vec::new();
    for _ in 0..count {
        let last = chain.last().or(before);
        let (seq, prev) = last.map_or((1, FIRST_PREV), |event| (event.seq + 1, event.hash));
        let body =
            format!(r#"{{"text":"本番のデータベースを消しました","seq":{seq}}}"#).parse().unwrap();
        let event = Unsealed {
            incident,
            at: at(i64::try_from(seq).unwrap()),
            kind: "report.received",
            version: 1,
            actor: "per_tanaka",
            body: &body,
        };
        chain.push(seal(&event, seq, prev, [7; 16]).unwrap());
    }
    chain
}

pub(crate) fn summary(opened_at: Timestamp) -> Summary {
    Summary {
        reporter: person("tanaka"),
        project: None,
        kind: None,
        opened_at,
        state: IncidentState::Open,
        escalation: Escalation::Calling,
        lead: None,
        seq_last: 3,
        updated_at: opened_at,
        is_drill: false,
    }
}

/// What a first report stores.
pub(crate) fn report(name: &str) -> Batch {
    let id = incident(name);
    let mut batch = Batch::new(id.clone());
    batch.events = events(&id, None, 3);
    batch.summary = Some(summary(at(0)));
    batch.members_add = vec![person("tanaka"), person("sato")];
    batch.wake_up = WakeUpChange::At(at(60_000));
    batch.outbox_add = vec![message(&id, 1)];
    batch.key = Some(key(name, &id));
    batch
}

pub(crate) fn message(incident: &IncidentId, number: u32) -> OutboxRow {
    OutboxRow {
        attempt: AttemptId::nth(incident, number),
        incident: incident.clone(),
        person: person("sato"),
        channel: "mail".into(),
        address: "sato@example.co.jp".into(),
        due_at: at(5),
    }
}

pub(crate) fn key(key: &str, incident: &IncidentId) -> KeyRow {
    KeyRow {
        person: person("tanaka"),
        key: key.to_owned(),
        incident: incident.clone(),
        text_digest: digest(1),
        at: at(0),
    }
}

pub(crate) fn digest(byte: u8) -> Hash {
    [byte; 32]
}
