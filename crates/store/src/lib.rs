//! What ippo keeps: ledgers, wake-ups, the outbox, lists, the directory, accounts and settings.
//!
//! A [`Store`] is a cheap handle; every call is one transaction and answers only when that is on disk. Nothing here
//! decides anything, knows the time, or calls the network: moments and digests are parameters. A statement is
//! written once, in the part of SQL that SQLite and PostgreSQL share; only `db` knows a driver.
//!
//! The ledger is append-only: the one statement that changes an event erases its salt and body (redaction) and
//! leaves digest and chain as they are.
#![warn(clippy::wildcard_enum_match_arm, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[macro_use]
mod db;

mod account;
mod api_token;
mod commit;
mod directory;
mod error;
mod incident;
mod invitation;
mod ledger;
mod migrate;
mod queue;
mod session;
mod setting;
mod store;

pub use account::Account;
pub use api_token::ApiToken;
pub use commit::{Batch, CommitError, KeyRow, OutboxRow, WakeUpChange};
pub use directory::DirectoryParts;
pub use error::{ErrorKind, StoreError};
pub use incident::{Cursor, Escalation, IncidentRow, IncidentState, ListFilter, Summary};
pub use invitation::Invitation;
pub use session::Session;
pub use store::{LIST_MAX, Store, StoreConfig, statements};
