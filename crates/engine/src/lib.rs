//! One door in, one loop out.
//!
//! Every command goes through [`Engine::report`] or [`Engine::handle`]: load, decide (purely, in `domain`), append
//! in one transaction, answer. Only after the commit does anything leave: [`run`] sends messages and looks at
//! incidents when they are due. A crash between any two lines loses nothing and at worst repeats one message.
#![warn(clippy::wildcard_enum_match_arm, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod agenda;
mod answer;
mod batch;
mod deliver;
mod door;
mod error;
mod keys;
mod lanes;
mod live;
mod receipt;
mod render;
mod report;
mod run;
mod seal;
mod slot;
mod world;

pub use agenda::{Backlog, Work};
pub use answer::AnswerPage;
pub use deliver::Totals;
pub use door::{Engine, EngineConfig, EngineParts, Handled, Reported};
pub use error::EngineError;
pub use keys::{AnswerToken, Receipt, ReceiptAnswer, ReceiptDelivery, SignedHead};
pub use live::Change;
pub use run::run;
pub use world::{World, load_world, manners, to_directory};
