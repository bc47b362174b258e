//! `ippo token`: tokens with which scripts act as a person.

use domain::id::PersonId;
use store::ApiToken;

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::entropy::{digest, new_name, new_secret};
use crate::failure::{Exit, Failure, Outcome};

/// Options of `ippo token`.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, clap::Subcommand)]
enum TokenCommand {
    /// Make a token; it is printed once, alone on standard output
    Create(CreateArgs),
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    #[command(flatten)]
    config: ConfigOption,
    /// Whom it stands for
    #[arg(long, value_name = "ID")]
    person: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
}

/// Makes a token.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let TokenCommand::Create(args) = args.command;
    let config = context.load_config(args.config.config.as_deref())?;
    let store = context.open_existing(&config).await?;
    let person = PersonId::new(&args.person);
    if store.load_directory().await?.people.iter().all(|known| known.id != person) {
        return Err(Failure::no(format!("{person} is not in the directory"))
            .with_remedy("ippo directory export shows everybody"));
    }
    let token = format!("ippo_{}", new_secret(context.entropy.as_ref()));
    let row = ApiToken {
        token_hash: digest(&token),
        id: new_name(context.entropy.as_ref(), "tok_"),
        person,
        label: args.label.chars().filter(|c| !c.is_control()).take(120).collect(),
        created_at: context.clock.now(),
        revoked_at: None,
        used_at: None,
    };
    store.insert_token(&row).await?;
    context.terminal.line(&token)?;
    Ok(Exit::Done)
}
