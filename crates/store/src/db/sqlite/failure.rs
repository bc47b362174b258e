//! What SQLite's errors mean to the store.

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::error::StoreError;

/// The store's word for `error`, which `statement` met.
pub(super) fn explain(error: &rusqlite::Error, statement: &'static str) -> StoreError {
    let Some(failure) = error.sqlite_error() else {
        return StoreError::Broken { statement, why: error.to_string() };
    };
    let why = || error.to_string();
    if matches!(
        failure.extended_code,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_ROWID
    ) {
        return StoreError::Conflict { what: statement };
    }
    if failure.code == ErrorCode::DiskFull {
        return StoreError::Full;
    }
    if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) {
        return StoreError::Damaged { why: why() };
    }
    let is_outside = matches!(
        failure.code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
    );
    if is_outside {
        return StoreError::Unavailable { why: why() };
    }
    StoreError::Broken { statement, why: why() }
}
