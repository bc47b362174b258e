//! Channels that deliver to made-up phones and mailboxes, for the demo and for tests.
//!
//! A [`SimulatedWorld`] holds what has arrived where; a [`SimulatedChannel`] behaves as one channel towards it.
//! Nothing leaves the process. A simulated telephone rings: only a human answer can pick it up.

mod channel;
mod world;

pub use crate::simulated::channel::SimulatedChannel;
pub use crate::simulated::world::{Delivered, Device, Fault, SimulatedWorld};
