//! The command line: every command by name, and which language its short descriptions are in.

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use wording::Words;

use crate::command::{
    backup, completions, demo, directory, docs, doctor, export, init, log, login, migrate,
    rehearse, report, restore, serve, token, verify,
};
use crate::context::Context;
use crate::failure::Outcome;

/// The first report of a serious incident reaches a human being.
#[derive(Debug, Parser)]
#[command(
    name = "ippo",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report: people are called until somebody answers
    Report(report::Args),
    /// Add an entry to the time line
    Log(log::Args),
    /// Link this computer to a person
    Login(login::Args),
    /// Try ippo: a made-up company on this machine
    Demo(demo::Args),
    /// Write a configuration and make the first admin
    Init(init::Args),
    /// Run the server
    Serve(serve::Args),
    /// Check everything and say what to do
    Doctor(doctor::Args),
    /// People, teams and contacts from and to a file
    Directory(directory::Args),
    /// Tokens of the API
    Token(token::Args),
    /// Who would be called when
    Rehearse(rehearse::Args),
    /// The ledger of an incident as JSON Lines
    Export(export::Args),
    /// Check a ledger, and a receipt, off line
    Verify(verify::Args),
    /// Copy the database while the server runs
    Backup(backup::Args),
    /// Put a backup in the place of the database
    Restore(restore::Args),
    /// Bring the database up to date and end
    Migrate(migrate::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Print a chapter of the documentation
    #[command(hide = true)]
    Docs(docs::Args),
}

/// The definition of the whole command line, with descriptions in the language of `words`.
pub(crate) fn definition(words: Words) -> clap::Command {
    let mut definition = Cli::command();
    let names: Vec<String> =
        definition.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    definition = definition.about(words.t("cli-about"));
    for name in names {
        let key = format!("cli-about-{name}");
        if words.has(&key) {
            definition = definition.mut_subcommand(name, |one| one.about(words.t(&key)));
        }
    }
    definition
}

/// Reads the arguments. Ends the process with 2 when they make no sense, and with 0 after help.
pub(crate) fn parse(words: Words) -> Command {
    let matches = definition(words).get_matches();
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(why) => why.exit(),
    }
}

impl Command {
    /// Carries the command out.
    pub(crate) async fn run(self, context: Context) -> Outcome {
        match self {
            Self::Report(args) => report::run(&context, args).await,
            Self::Log(args) => log::run(&context, args).await,
            Self::Login(args) => login::run(&context, args).await,
            Self::Demo(args) => demo::run(&context, args).await,
            Self::Init(args) => init::run(&context, args).await,
            Self::Serve(args) => serve::run(&context, args).await,
            Self::Doctor(args) => doctor::run(&context, args).await,
            Self::Directory(args) => directory::run(&context, args).await,
            Self::Token(args) => token::run(&context, args).await,
            Self::Rehearse(args) => rehearse::run(&context, args).await,
            Self::Export(args) => export::run(&context, args).await,
            Self::Verify(args) => verify::run(&context, &args),
            Self::Backup(args) => backup::run(&context, args).await,
            Self::Restore(args) => restore::run(&context, args).await,
            Self::Migrate(args) => migrate::run(&context, args).await,
            Self::Completions(args) => completions::run(&context, &args),
            Self::Docs(args) => docs::run(&context, &args),
        }
    }
}

/// The option that names the configuration.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ConfigOption {
    /// The configuration; without it ./ippo.toml, or the defaults
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<std::path::PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use wording::Locale;

    #[test]
    fn the_definition_holds_together_and_every_command_is_described_in_both_languages() {
        definition(Words::of(Locale::Ja)).debug_assert();
        for locale in Locale::ALL {
            let words = Words::of(locale);
            for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set())
            {
                assert!(words.has(&format!("cli-about-{}", command.get_name())), "{command}");
            }
        }
    }
}
