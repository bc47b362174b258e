//! The engine's stories: what a reporter sees, whatever happens around it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answering;
mod calling;
mod clock_steps;
mod failing;
mod ledger;
mod links;
mod nodes;
mod reporting;
mod restarting;
mod simulation;
