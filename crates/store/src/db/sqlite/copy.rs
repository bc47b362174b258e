//! Whole-database work on a connection of its own: backup and check.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use crate::db::sqlite::explain;
use crate::error::StoreError;

/// Makes an empty file at `path` unless something is there, and says whether it did. On Unix only its owner can read
/// it, because password hashes will be in it.
pub(super) fn create_private(path: &Path) -> Result<bool, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unavailable(path, &error)),
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable { why: format!("{}: {error}", path.display()) }
}

/// Writes a copy of this moment to `path`. A copy that could not be finished is removed.
pub(super) fn backup(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // SQLite writes into an empty file as well; making it first is what refuses to overwrite without a race.
    if !create_private(path)? {
        return Err(StoreError::BackupExists { path: path.display().to_string() });
    }
    let copied = copy(connection, path);
    if copied.is_err()
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, "an unfinished backup could not be removed");
    }
    copied
}

fn copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let Some(name) = path.to_str() else {
        return Err(StoreError::Unavailable { why: "the path of a backup must be UTF-8".into() });
    };
    let copied = connection.execute("VACUUM INTO $1", [name]);
    copied.map_err(|error| explain(&error, "BACKUP"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    for part in [path, folder.unwrap_or(Path::new("."))] {
        File::open(part)
            .and_then(|file| file.sync_all())
            .map_err(|error| unavailable(part, &error))?;
    }
    Ok(())
}

/// What SQLite finds wrong with the database: damage, and references to nothing.
pub(super) fn integrity(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for (check, column) in [("PRAGMA integrity_check", 0), ("PRAGMA foreign_key_check", 0)] {
        let mut statement =
            connection.prepare(check).map_err(|error| explain(&error, "INTEGRITY_CHECK"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(column));
        for row in rows.map_err(|error| explain(&error, "INTEGRITY_CHECK"))? {
            let text = row.map_err(|error| explain(&error, "INTEGRITY_CHECK"))?;
            if text != "ok" {
                found.push(text);
            }
        }
    }
    Ok(found)
}
