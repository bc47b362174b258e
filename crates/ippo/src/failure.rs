//! How a command ends: the exit codes, and what is said when it could not do what was asked.

use std::fmt;
use std::process::ExitCode;

use engine::EngineError;
use store::{ErrorKind, StoreError};

/// The exit codes of every command. They keep their meaning for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for a question: yes.
    Done,
    /// The answer is no: refused, not found, not well.
    No,
    /// The command was not understood. clap ends with the same number.
    Usage,
    /// It could not be done now; the same command may work later.
    NotNow,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::NotNow => 3,
        })
    }
}

/// Why a command stopped, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// What happened; several lines when several things are wrong. Empty: nothing needs to be said.
    pub(crate) what: String,
    /// What to do now.
    pub(crate) remedy: Option<String>,
}

/// What every command returns.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// The answer is no.
    pub(crate) fn no(what: impl Into<String>) -> Self {
        Self { exit: Exit::No, what: what.into(), remedy: None }
    }

    /// The command was not understood.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, what: what.into(), remedy: None }
    }

    /// It cannot be done now.
    pub(crate) fn not_now(what: impl Into<String>) -> Self {
        Self { exit: Exit::NotNow, what: what.into(), remedy: None }
    }

    /// The same with what to do now.
    #[must_use]
    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Whoever read our output has had enough, which is no failure.
    pub(crate) const fn nobody_reads() -> Self {
        Self { exit: Exit::Done, what: String::new(), remedy: None }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, why: &std::io::Error) -> Self {
        Self::not_now(format!("{}: {why}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  -> {remedy}"),
            None => Ok(()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(why: StoreError) -> Self {
        let exit = match why.kind() {
            ErrorKind::No => Exit::No,
            ErrorKind::NotNow | ErrorKind::Bug => Exit::NotNow,
        };
        let what = format!("{why} ({})", why.code());
        Self { exit, what, remedy: Some(why.remedy().to_owned()) }
    }
}

impl From<EngineError> for Failure {
    fn from(why: EngineError) -> Self {
        let exit = match &why {
            EngineError::Refused(_) => Exit::No,
            EngineError::NotStored(_) | EngineError::Inconsistent { .. } => Exit::NotNow,
        };
        let what = format!("{why} ({})", why.code());
        Self { exit, what, remedy: Some(why.remedy().to_owned()) }
    }
}
