//! The numbers to call when no server answers (A5): kept from the last time one did.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::credentials::write_private;
use crate::config::Environment;

/// Somebody to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// Who.
    pub(crate) name: String,
    /// Their number.
    pub(crate) phone: String,
}

/// Everybody to call, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contacts {
    /// Best first.
    pub(crate) contacts: Vec<Contact>,
}

impl Contacts {
    /// Those of an API's `line` who have a number.
    pub(crate) fn of_line(line: &Value) -> Self {
        let contact = |member: &Value| {
            Some(Contact {
                name: member.pointer("/person/name")?.as_str()?.to_owned(),
                phone: member.get("phone")?.as_str()?.to_owned(),
            })
        };
        Self { contacts: line.as_array().into_iter().flatten().filter_map(contact).collect() }
    }

    /// What was kept; nobody when nothing was.
    pub(crate) fn load(environment: &Environment) -> Self {
        let text = path(environment).and_then(|path| fs::read_to_string(path).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Keeps them for the moment when no server answers. An empty list never takes the place of numbers; that it
    /// cannot be kept must not disturb a report.
    pub(crate) fn save(&self, environment: &Environment) {
        if let (Some(path), Ok(text)) = (path(environment), serde_json::to_string_pretty(self))
            && !self.contacts.is_empty()
        {
            drop(write_private(&path, &text));
        }
    }
}

fn path(environment: &Environment) -> Option<PathBuf> {
    Some(environment.state_folder()?.join("contacts.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_people_with_a_number_are_kept_in_their_order() {
        let line = json!([
            { "person": { "id": "per_b", "name": "B" }, "phone": "+1" },
            { "person": { "id": "per_c", "name": "C" } },
            { "person": { "id": "per_a", "name": "A" }, "phone": "+2" },
        ]);
        let found = Contacts::of_line(&line).contacts;
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        assert_eq!(Contacts::of_line(&Value::Null), Contacts::default());
    }
}
