//! `ippo migrate`: the database is brought up to date, and nothing else happens.

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::failure::{Exit, Outcome};

/// Options of `ippo migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
}

/// Opens the store, which brings it up to date, and checks that every statement fits.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let config = context.load_config(args.config.config.as_deref())?;
    let store = context.open_or_make(&config).await?;
    store.check_statements().await?;
    let terminal = context.terminal_for(&config);
    terminal.note(&terminal.words.t("cli-migrate-done"));
    Ok(Exit::Done)
}
