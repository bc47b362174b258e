//! `ippo directory`: people, teams, contacts, projects and rotas from and to a file.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use store::DirectoryParts;

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::directory_file::{
    Findings, Format, Surroundings, check, keep_admins, list_differences, read, render_csv,
    render_toml,
};
use crate::failure::{Exit, Failure, Outcome};

/// Options of `ippo directory`.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DirectoryCommand {
    /// Make the directory what a file says, all or nothing
    Import(ImportArgs),
    /// Print the directory
    Export(ExportArgs),
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    #[command(flatten)]
    config: ConfigOption,
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How it is written; else as its name ends
    #[arg(long)]
    format: Option<Format>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    #[command(flatten)]
    config: ConfigOption,
    /// How to write it
    #[arg(long, default_value = "toml")]
    format: Format,
}

/// Imports or exports.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    match args.command {
        DirectoryCommand::Import(args) => import(context, args).await,
        DirectoryCommand::Export(args) => export(context, args).await,
    }
}

async fn import(context: &Context, args: ImportArgs) -> Outcome {
    let (config, registry) = context.load_with_channels(args.config.config.as_deref())?;
    let terminal = context.terminal_for(&config);
    let text = read_text(&args.file)?;
    let store = context.open_or_make(&config).await?;
    let current = store.load_directory().await?;
    let format = args.format.unwrap_or_else(|| Format::of(&args.file));
    let mut findings = Findings::default();
    let (mut parts, lines) = read(format, &text, &current, &mut findings);
    let kept = keep_admins(&mut parts, &current);
    let around = Surroundings { organisation: &config.organisation, registry: &registry };
    check(&parts, &lines, &around, &mut findings);
    findings.sort();
    let file = args.file.display();
    for warning in &findings.warnings {
        terminal.note(&format!("{file}: {} {warning}", terminal.words.t("cli-import-warning")));
    }
    if !findings.errors.is_empty() {
        let errors: Vec<String> =
            findings.errors.iter().map(|error| format!("{file}: {error}")).collect();
        return Err(Failure::no(errors.join("\n"))
            .with_remedy(terminal.words.t("cli-import-nothing-changed")));
    }
    for id in kept {
        terminal.note(&terminal.words.tn("cli-import-kept-admin", &[("id", &id)]));
    }
    let differences = list_differences(&current, &parts);
    if args.dry_run {
        differences.iter().try_for_each(|line| terminal.line(line))?;
    } else if !is_same(&current, &parts) {
        store.replace_directory(&parts).await?;
    }
    let count = i64::try_from(differences.len()).unwrap_or(i64::MAX);
    let key = if args.dry_run { "cli-import-would" } else { "cli-import-done" };
    terminal.note(&terminal.words.tc(key, count, &[]));
    Ok(Exit::Done)
}

/// Whether nothing at all would change, order included.
fn is_same(current: &DirectoryParts, parts: &DirectoryParts) -> bool {
    (&current.people, &current.teams, &current.projects, &current.rotas)
        == (&parts.people, &parts.teams, &parts.projects, &parts.rotas)
}

fn read_text(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        return read.map(|_| text).map_err(|why| Failure::file(file, &why));
    }
    std::fs::read_to_string(file).map_err(|why| Failure::file(file, &why))
}

async fn export(context: &Context, args: ExportArgs) -> Outcome {
    let config = context.load_config(args.config.config.as_deref())?;
    let store = context.open_existing(&config).await?;
    let parts = store.load_directory().await?;
    let text = match args.format {
        Format::Toml => render_toml(&parts),
        Format::Csv => render_csv(&parts).map_err(|why| Failure::not_now(why.to_string()))?,
    };
    context.terminal.write(&text)?;
    Ok(Exit::Done)
}
