//! Reading the directory from TOML: one entry at a time, so that every wrong entry is found and not only the first.

use serde::de::{DeserializeOwned, IntoDeserializer as _};
use store::DirectoryParts;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::line_of;
use crate::directory_file::lines::{Findings, Kind, Lines};

/// Reads `text`; what cannot be read is left out and named in `findings`.
pub(crate) fn read(text: &str, findings: &mut Findings) -> (DirectoryParts, Lines) {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map(|span| line_of(text, span.start));
        findings.refuse(line, format!("cannot be read as TOML: {}", error.message()));
    }
    let mut reader = Reader { text, findings, lines: Lines::default() };
    let mut parts = DirectoryParts::default();
    for (name, value) in table.get_ref().iter() {
        match &**name.get_ref() {
            "person" => parts.people = reader.read_list(Kind::Person, value),
            "team" => parts.teams = reader.read_list(Kind::Team, value),
            "project" => parts.projects = reader.read_list(Kind::Project, value),
            "rota" => parts.rotas = reader.read_list(Kind::Rota, value),
            other => {
                let line = reader.line(name.span().start);
                let what = format!(
                    "{other} is not known: write [[person]], [[team]], [[project]] or [[rota]]"
                );
                reader.findings.refuse(Some(line), what);
            }
        }
    }
    (parts, reader.lines)
}

struct Reader<'a> {
    text: &'a str,
    findings: &'a mut Findings,
    lines: Lines,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        line_of(self.text, at)
    }

    fn read_list<T: DeserializeOwned>(
        &mut self,
        kind: Kind,
        value: &Spanned<DeValue<'_>>,
    ) -> Vec<T> {
        let Some(list) = value.get_ref().as_array() else {
            let line = self.line(value.span().start);
            let word = kind.word();
            self.findings
                .refuse(Some(line), format!("{word} is not a list: write [[{word}]] before each"));
            return Vec::new();
        };
        let mut read = Vec::new();
        for entry in list {
            let start = self.line(entry.span().start);
            match T::deserialize(entry.clone().into_deserializer()) {
                Ok(item) => {
                    self.note(kind, read.len(), start, entry);
                    read.push(item);
                }
                Err(why) => {
                    let line = why.span().map_or(start, |span| self.line(span.start));
                    let id = entry.get_ref().get("id").and_then(|id| id.get_ref().as_str());
                    let who = id.map_or_else(|| kind.word().to_owned(), str::to_owned);
                    self.findings.refuse(Some(line), format!("{who}: {}", why.message()));
                }
            }
        }
        read
    }

    fn note(&mut self, kind: Kind, index: usize, start: usize, entry: &Spanned<DeValue<'_>>) {
        self.lines.note(kind, index, "", start);
        for (name, value) in entry.get_ref().as_table().into_iter().flat_map(|table| table.iter()) {
            let field = name.get_ref();
            let line = self.line(name.span().start);
            self.lines.note(kind, index, field, line);
            for (place, item) in value.get_ref().as_array().into_iter().flatten().enumerate() {
                let line = self.line(item.span().start);
                self.lines.note(kind, index, &format!("{field}.{place}"), line);
            }
        }
    }
}
