//! The engine's stories: what a reporter sees, whatever happens around it.

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
