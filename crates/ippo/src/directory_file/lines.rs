//! Where in a file each thing stands, and what was found wrong on which line.

use std::collections::BTreeMap;
use std::fmt;

/// What an entry of the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A person.
    Person,
    /// A team.
    Team,
    /// A project.
    Project,
    /// A rota.
    Rota,
}

impl Kind {
    /// All of them, in the order of the file.
    pub(crate) const ALL: [Self; 4] = [Self::Person, Self::Team, Self::Project, Self::Rota];

    /// The word for it, as in the file.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Project => "project",
            Self::Rota => "rota",
        }
    }
}

/// The line of each entry, and of each field in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(BTreeMap<(Kind, usize, String), usize>);

impl Lines {
    /// Notes where a field of the `index`th entry stands; an empty field is the entry itself.
    pub(crate) fn note(&mut self, kind: Kind, index: usize, field: &str, line: usize) {
        self.0.insert((kind, index, field.to_owned()), line);
    }

    /// The line of a field, else of its entry.
    pub(crate) fn find(&self, kind: Kind, index: usize, field: &str) -> Option<usize> {
        let of = |field: &str| self.0.get(&(kind, index, field.to_owned())).copied();
        let whole_field = field.split('.').next().unwrap_or(field);
        of(field).or_else(|| of(whole_field)).or_else(|| of(""))
    }
}

/// One thing found in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The line, from 1; `None` when it stands nowhere in the file.
    pub(crate) line: Option<usize>,
    /// What is wrong and what to do, in one sentence.
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Everything found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// What keeps the file from being taken.
    pub(crate) errors: Vec<Finding>,
    /// What should be looked at.
    pub(crate) warnings: Vec<Finding>,
}

impl Findings {
    /// Adds an error.
    pub(crate) fn refuse(&mut self, line: Option<usize>, what: impl Into<String>) {
        self.errors.push(Finding { line, what: what.into() });
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, line: Option<usize>, what: impl Into<String>) {
        self.warnings.push(Finding { line, what: what.into() });
    }

    /// In the order of the file.
    pub(crate) fn sort(&mut self) {
        self.errors.sort();
        self.errors.dedup();
        self.warnings.sort();
    }
}
