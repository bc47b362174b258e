//! What is wrong with a configuration: all of it at once, each with its place, its key and what to do.

use std::fmt;

use crate::failure::{Exit, Failure};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where it stands: a file with a line, or a variable of the environment. Empty when it stands nowhere.
    pub(crate) place: String,
    /// The key, or the section.
    pub(crate) key: String,
    /// What is wrong with it; continues a sentence that begins with the key.
    pub(crate) what: String,
    /// What to do now.
    pub(crate) remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        write!(f, "{}\n  -> {}", self.what, self.remedy)
    }
}

/// Everything that is wrong; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self { exit: Exit::Usage, what: problems.to_string(), remedy: None }
    }
}
