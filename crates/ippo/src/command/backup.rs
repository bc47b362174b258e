//! `ippo backup`: a copy of the database of one moment, while the server goes on.

use std::path::PathBuf;

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::failure::{Exit, Outcome};

/// Options of `ippo backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
    /// Where the copy is written; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Writes the copy.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let config = context.load_config(args.config.config.as_deref())?;
    let store = context.open_existing(&config).await?;
    store.backup_to(&args.file).await?;
    let terminal = context.terminal_for(&config);
    let path = args.file.display().to_string();
    terminal.note(&terminal.words.tn("cli-backup-done", &[("path", &path)]));
    Ok(Exit::Done)
}
