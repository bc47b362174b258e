//! What ippo decides: people, the responsible line, the calling, incidents.
//!
//! Everything here is a pure function of its arguments. Nothing in this room knows the time, rolls dice, reads a
//! file or speaks to a network; what it needs of the world comes in through [`port`] or as a value.
#![warn(clippy::wildcard_enum_match_arm, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    expect(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests may panic")
)]

pub mod access;
pub mod circle;
pub mod directory;
pub mod guidance;
pub mod id;
pub mod incident;
pub mod ledger;
pub mod line;
pub mod policy;
pub mod port;
pub mod rehearsal;
pub mod route;
pub mod time;
