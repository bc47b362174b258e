//! `ippo completions`: what a shell needs to complete our commands.

use crate::cli;
use crate::context::Context;
use crate::failure::{Exit, Outcome};

/// Options of `ippo completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: clap_complete::Shell,
}

/// Prints the completions.
pub(crate) fn run(context: &Context, args: &Args) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut cli::definition(context.terminal.words),
        "ippo",
        &mut text,
    );
    context.terminal.write(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
