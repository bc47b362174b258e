//! Whole-database work on a connection of its own: backup and check.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use crate::db::sqlite::explain;
use crate::error::StoreError;

/// Makes the file at `path`, which must not exist; on Unix only its owner can read it.
pub(super) fn create_private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| unavailable(path, &error))
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable { why: format!("{}: {error}", path.display()) }
}

/// Writes a copy of this moment to `path`. A copy that could not be finished is removed.
pub(super) fn backup(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // SQLite writes into an empty file; making it first is what refuses to overwrite without a race.
    match path.try_exists() {
        Ok(false) => create_private(path)?,
        Ok(true) => return Err(StoreError::BackupExists { path: path.display().to_string() }),
        Err(error) => return Err(unavailable(path, &error)),
    };
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
        File::open(part).and_then(|file| file.sync_all()).map_err(|error| unavailable(part, &error))?;
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
