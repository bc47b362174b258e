//! `ippo restore`: a backup takes the place of the database, whole or not at all.
//!
//! The backup is copied beside the database, opened and checked there, and then renamed. What was in its place is
//! set aside under another name: a ledger is never thrown away by one command.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use store::{Store, StoreConfig};

use crate::cli::ConfigOption;
use crate::config::Config;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};

/// What every SQLite file begins with. An empty file would otherwise pass as a new database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How long to wait for a server that may be running.
const LOOK_FOR: Duration = Duration::from_millis(500);

/// Options of `ippo restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Take the place of a database that is there; it is set aside
    #[arg(long)]
    force: bool,
}

/// Checks the backup and puts it in place.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let config = context.load_config(args.config.config.as_deref())?;
    let Some(target) = config.store_file() else {
        return Err(Failure::usage("store.url is in memory: there is nothing to restore to"));
    };
    check_is_database(&args.file)?;
    if target.exists() && !args.force {
        return Err(Failure::no(format!("there is a database at {}", target.display()))
            .with_remedy("stop the server, and add --force to set it aside and restore over it"));
    }
    check_not_running(&config).await?;
    let mark = context.clock.now().as_millisecond();
    let copy = beside(&target, &format!(".restoring-{mark}"));
    let checked = copy_and_check(context, &args.file, &copy).await;
    if let Err(why) = checked.and_then(|()| put_in_place(&copy, &target, mark)) {
        ["", "-wal", "-shm"].iter().for_each(|end| drop(fs::remove_file(beside(&copy, end))));
        return Err(why);
    }
    let terminal = context.terminal_for(&config);
    let path = target.display().to_string();
    terminal.note(&terminal.words.tn("cli-restore-done", &[("path", &path)]));
    Ok(Exit::Done)
}

fn check_is_database(file: &Path) -> Result<(), Failure> {
    let mut start = [0_u8; 16];
    let mut opened = File::open(file).map_err(|why| Failure::file(file, &why))?;
    if opened.read_exact(&mut start).is_err() || start != *MAGIC {
        return Err(Failure::no(format!("{} is not a backup of ippo", file.display())));
    }
    Ok(())
}

/// A server that goes on writing into a file that was taken from under it would lose reports.
async fn check_not_running(config: &Config) -> Result<(), Failure> {
    let connecting = tokio::net::TcpStream::connect(&config.listen);
    match tokio::time::timeout(LOOK_FOR, connecting).await {
        Ok(Ok(_)) => Err(Failure::not_now(format!("something answers on {}", config.listen))
            .with_remedy("stop the server before restoring")),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

async fn copy_and_check(context: &Context, file: &Path, copy: &Path) -> Result<(), Failure> {
    fs::copy(file, copy).map_err(|why| Failure::file(copy, &why))?;
    let url = format!("sqlite:{}", copy.display());
    let store = Store::open(&StoreConfig::new(&url), context.clock.now()).await?;
    let faults = store.integrity_check().await?;
    // The last handle folds the write-ahead log into the one file.
    drop(store);
    if faults.is_empty() {
        return Ok(());
    }
    let what = format!("{} is damaged: {}", file.display(), faults.join("; "));
    Err(Failure::no(what).with_remedy("use another backup"))
}

fn put_in_place(copy: &Path, target: &Path, mark: i64) -> Result<(), Failure> {
    let moved = |from: &Path, to: &Path| match fs::rename(from, to) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(|why| Failure::file(from, &why)),
    };
    let copied = File::open(copy).and_then(|file| file.sync_all());
    copied.map_err(|why| Failure::file(copy, &why))?;
    // The log of the old database must never be read into the new one: it goes with its file.
    let aside = beside(target, &format!(".replaced-{mark}"));
    for end in ["-wal", "-shm", ""] {
        moved(&beside(target, end), &beside(&aside, end))?;
    }
    fs::rename(copy, target).map_err(|why| Failure::file(target, &why))?;
    let folder =
        target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|why| Failure::file(folder, &why))
}

/// The path with something behind its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
