//! `ippo export`: the ledger of an incident as JSON Lines, to be kept and checked off line.

use domain::id::IncidentId;
use domain::ledger::Line;

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};

/// Options of `ippo export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
    /// Which incident
    #[arg(value_name = "INCIDENT")]
    incident: String,
}

/// Prints the ledger.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let config = context.load_config(args.config.config.as_deref())?;
    let store = context.open_existing(&config).await?;
    let ledger = store.load_ledger(&IncidentId::new(&args.incident)).await?;
    if ledger.is_empty() {
        return Err(Failure::no(format!("there is no incident {}", args.incident)));
    }
    let mut text = String::new();
    for event in &ledger {
        let line = Line::from_sealed(event).and_then(|line| serde_json::to_string(&line));
        let line = line.map_err(|why| Failure::not_now(format!("event {}: {why}", event.seq)))?;
        text.push_str(&line);
        text.push('\n');
    }
    context.terminal.write(&text)?;
    Ok(Exit::Done)
}
