//! From a file and the environment to one set of values, each checked and each with the place it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::config::environment::Environment;
use crate::config::key::{KEYS, Key, SECTIONS, find_key, find_similar};
use crate::config::problem::Problem;

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// The value.
    pub(crate) value: Value,
    /// Where it stands.
    pub(crate) place: String,
}

/// Everything that was given, and everything that was wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// What was given and can be used, by the key's path. Defaults are not in here.
    pub(crate) given: BTreeMap<&'static str, Given>,
    /// Sections that are there, with the place of each.
    pub(crate) sections: BTreeMap<&'static str, String>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// Keys that are there with a value that cannot be used; they are not also reported as missing.
    refused: BTreeSet<&'static str>,
}

impl Values {
    /// Reads the text of a file, if there is one, and then the environment, which wins.
    pub(crate) fn read(file: Option<(&Path, &str)>, environment: &Environment) -> Self {
        let mut values = Self::default();
        if let Some((path, text)) = file {
            values.read_file(path, text);
        }
        for (name, text) in environment.config_variables() {
            values.read_variable(name, text);
        }
        values.check_required();
        values
    }

    /// The value of a key: as given, else its default.
    pub(crate) fn find(&self, path: &str) -> Option<Value> {
        if let Some(given) = self.given.get(path) {
            return Some(given.value.clone());
        }
        let default = find_key(path).map(|key| key.default).filter(|text| !text.is_empty())?;
        toml::de::ValueDeserializer::parse(default).and_then(Value::deserialize).ok()
    }

    /// Where a key or section stands; empty when nothing was said about it.
    pub(crate) fn place(&self, path: &str) -> String {
        let given = self.given.get(path).map(|given| &given.place);
        given.or_else(|| self.sections.get(path)).cloned().unwrap_or_default()
    }

    /// What was given below `section`, as a table.
    pub(crate) fn table(&self, section: &str) -> toml::Table {
        let keys = KEYS.iter().filter(|key| key.section() == section);
        let given = keys.filter_map(|key| {
            let given = self.given.get(key.path)?;
            Some((key.name().to_owned(), given.value.clone()))
        });
        given.collect()
    }

    /// Adds something that is wrong with what a key or section says.
    pub(crate) fn refuse(&mut self, path: &str, what: String, remedy: String) {
        let place = self.place(path);
        self.problems.push(Problem { place, key: path.to_owned(), what, remedy });
    }

    fn read_file(&mut self, path: &Path, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let place = |at: usize| format!("{}:{}", path.display(), line_of(text, at));
        for error in errors {
            self.problems.push(Problem {
                place: place(error.span().map_or(0, |span| span.start)),
                key: String::new(),
                what: format!("cannot be read as TOML: {}", error.message()),
                remedy: "correct the line; texts stand in quotes, sections in [brackets]".into(),
            });
        }
        self.read_table("", table.get_ref(), &place);
    }

    fn read_table(&mut self, section: &str, table: &DeTable<'_>, place: &dyn Fn(usize) -> String) {
        for (name, value) in table.iter() {
            let name_text: &str = name.get_ref();
            let path = if section.is_empty() {
                name_text.to_owned()
            } else {
                format!("{section}.{name_text}")
            };
            let at = place(name.span().start);
            if let Some(key) = find_key(&path) {
                match Value::deserialize(value.clone().into_deserializer()) {
                    Ok(value) => self.take(key, value, at),
                    Err(why) => self.add(
                        at,
                        &path,
                        format!("cannot be read: {}", why.message()),
                        example(key),
                    ),
                }
                continue;
            }
            let prefix = format!("{path}.");
            let is_section = KEYS.iter().any(|key| key.path.starts_with(&prefix));
            match value.get_ref() {
                DeValue::Table(table) if is_section => {
                    if let Some(section) = SECTIONS.iter().find(|section| section.path == path) {
                        self.sections.insert(section.path, at);
                    }
                    self.read_table(&path, table, place);
                }
                _ if is_section => {
                    self.add(
                        at,
                        &path,
                        "is a section".into(),
                        format!("write [{path}] and its keys below"),
                    );
                }
                _ => self.add_unknown(at, &path),
            }
        }
    }

    fn read_variable(&mut self, name: &str, text: &str) {
        let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
            return self.add_unknown(name.to_owned(), &path_of(name));
        };
        match key.kind.read_text(text) {
            Ok(value) => self.take(key, value, name.to_owned()),
            Err(what) => self.add(name.to_owned(), key.path, what, example(key)),
        }
    }

    fn take(&mut self, key: &'static Key, value: Value, place: String) {
        self.sections.entry(key.section()).or_insert_with(|| place.clone());
        match key.kind.check(&value) {
            Ok(()) => {
                self.given.insert(key.path, Given { value, place });
            }
            Err(what) => {
                self.refused.insert(key.path);
                self.add(place, key.path, what, example(key));
            }
        }
    }

    fn check_required(&mut self) {
        for section in SECTIONS {
            let Some(place) = self.sections.get(section.path).cloned() else { continue };
            for path in section.required {
                if !self.given.contains_key(path) && !self.refused.contains(path) {
                    let remedy = find_key(path).map_or_else(String::new, example);
                    self.add(place.clone(), path, "is missing".into(), remedy);
                }
            }
        }
    }

    fn add_unknown(&mut self, place: String, path: &str) {
        let remedy = match find_similar(path) {
            Some(similar) => format!("did you mean {similar}? docs/config.md has every key"),
            None => "remove it; docs/config.md has every key".to_owned(),
        };
        self.add(place, path, "is not known".into(), remedy);
    }

    fn add(&mut self, place: String, key: &str, what: String, remedy: String) {
        self.problems.push(Problem { place, key: key.to_owned(), what, remedy });
    }
}

fn example(key: &Key) -> String {
    format!("write for example {} = {}", key.name(), key.example)
}

/// The path that the name of a variable stands for.
fn path_of(variable: &str) -> String {
    let rest = variable.strip_prefix(crate::config::environment::PREFIX).unwrap_or(variable);
    rest.to_lowercase().replace(crate::config::environment::SEPARATOR, ".")
}

/// The line of a byte, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
