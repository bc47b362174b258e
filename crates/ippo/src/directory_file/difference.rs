//! What an import would change, one line for each entry.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use store::DirectoryParts;

use crate::directory_file::lines::Kind;

/// From `before` to `after`: `+` comes, `-` goes, `~` changes, with the fields that do. Empty: nothing changes.
pub(crate) fn list_differences(before: &DirectoryParts, after: &DirectoryParts) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        compare(kind, &entries(kind, before), &entries(kind, after), &mut lines);
    }
    lines
}

type Entries = BTreeMap<String, Value>;

fn entries(kind: Kind, parts: &DirectoryParts) -> Entries {
    match kind {
        Kind::Person => by_id(&parts.people),
        Kind::Team => by_id(&parts.teams),
        Kind::Project => by_id(&parts.projects),
        Kind::Rota => by_id(&parts.rotas),
    }
}

fn by_id<T: Serialize>(list: &[T]) -> Entries {
    let entry = |one: &T| {
        let value = serde_json::to_value(one).ok()?;
        Some((value.get("id")?.as_str()?.to_owned(), value))
    };
    list.iter().filter_map(entry).collect()
}

fn compare(kind: Kind, before: &Entries, after: &Entries, lines: &mut Vec<String>) {
    let word = kind.word();
    let name = |value: &Value| {
        value.get("name").and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    for (id, value) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
        lines.push(format!("- {word} {id} {}", name(value)).trim_end().to_owned());
    }
    for (id, value) in after {
        match before.get(id) {
            None => lines.push(format!("+ {word} {id} {}", name(value)).trim_end().to_owned()),
            Some(old) if old != value => {
                lines.push(format!("~ {word} {id}: {}", changed_fields(old, value).join(", ")));
            }
            Some(_) => {}
        }
    }
}

fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (fields(before), fields(after));
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| before.get(name) != after.get(name));
    names
}
