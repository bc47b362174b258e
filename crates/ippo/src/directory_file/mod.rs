//! The directory as a file: TOML for everything, CSV for people. Read whole, checked whole, taken or refused whole.
//!
//! Every error names its line, and all of them are found at once. What is only doubtful is a warning and stops
//! nothing. The formats are described in `docs/cli.md`.

mod check;
mod comma;
mod difference;
mod lines;
mod toml_text;
mod write;

use std::path::Path;

use store::DirectoryParts;

pub(crate) use check::{Surroundings, check};
pub(crate) use comma::render_csv;
pub(crate) use difference::list_differences;
pub(crate) use lines::{Findings, Lines};
pub(crate) use write::render_toml;

/// How a directory is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Everything: people, teams, projects, rotas.
    Toml,
    /// People and the teams they are in, for spreadsheets.
    Csv,
}

impl Format {
    /// The format that the name of a file tells; TOML when it tells nothing.
    pub(crate) fn of(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("csv") => Self::Csv,
            _ => Self::Toml,
        }
    }
}

/// Reads a directory. `current` is the one that is kept now: CSV says nothing of projects, rotas and absences.
pub(crate) fn read(
    format: Format,
    text: &str,
    current: &DirectoryParts,
    findings: &mut Findings,
) -> (DirectoryParts, Lines) {
    match format {
        Format::Toml => toml_text::read(text, findings),
        Format::Csv => comma::read(text, current, findings),
    }
}

/// Adds the admins that `parts` leaves out, and says who they are: an import never locks everybody out.
pub(crate) fn keep_admins(parts: &mut DirectoryParts, current: &DirectoryParts) -> Vec<String> {
    let is_named = |id| parts.people.iter().any(|person| person.id == id);
    let left_out =
        current.people.iter().filter(|person| person.admin && !is_named(person.id.clone()));
    let kept: Vec<_> = left_out.cloned().collect();
    let ids = kept.iter().map(|person| person.id.to_string()).collect();
    parts.people.extend(kept);
    ids
}
