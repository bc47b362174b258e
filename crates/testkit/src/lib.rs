//! What tests are made of: a clock that is set by hand, chance that repeats, channels that do as they are told,
//! a [`World`] to tell a story in, and the simulator ([`sim`]).
//!
//! A failed expectation panics, as in any test. Nothing here is ever part of the product.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod channel;
mod clock;
mod database;
mod entropy;
mod expect;
mod filing;
mod node;
mod people;
pub mod sim;
mod world;
mod world_builder;

pub use channel::{Behaviour, FakeChannel, Hanging, Outside, Sent};
pub use clock::{BEGINNING, FakeClock};
pub use database::Sabotage;
pub use entropy::{Dice, SeededEntropy};
pub use expect::Expected;
pub use filing::Filing;
pub use people::{
    Office, PersonBuilder, ProjectBuilder, TeamBuilder, mail_of, per, person, project, team,
    voice_of,
};
pub use world::World;
pub use world_builder::WorldBuilder;

use std::time::Duration;

/// So many seconds.
#[must_use]
pub const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// So many minutes.
#[must_use]
pub const fn mins(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}
