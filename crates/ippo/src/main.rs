//! The program `ippo`: arguments, configuration, wiring. The rules of the product live in the other rooms.

mod cli;
mod client;
mod clock;
mod command;
mod config;
mod context;
mod demo;
mod directory_file;
mod entropy;
mod failure;
mod receipt_check;
mod server;
mod terminal;

use std::process::ExitCode;
use std::time::Duration;

use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// How long what is still under way may take when the process ends. Nothing is lost by cutting it short.
const WIND_DOWN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let context = Context::start();
    let (terminal, leftovers) = (context.terminal, context.leftovers.clone());
    let command = cli::parse(terminal.words);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            terminal.note(&format!("ippo: the process cannot be set up: {why}"));
            return failure::Exit::NotNow.into();
        }
    };
    channels::http::install_tls_provider();
    let outcome: Outcome = runtime.block_on(Box::pin(command.run(context)));
    runtime.shutdown_timeout(WIND_DOWN);
    leftovers.remove();
    outcome
        .unwrap_or_else(|failure: Failure| {
            if !failure.what.is_empty() {
                terminal.note(&format!("ippo: {failure}"));
            }
            failure.exit
        })
        .into()
}
