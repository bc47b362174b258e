//! The environment, read once at start. Nothing else in ippo looks at it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use wording::Locale;

/// What begins the name of every variable that stands for a key of the configuration.
pub(crate) const PREFIX: &str = "IPPO_";
/// What stands between the parts of a key in such a name.
pub(crate) const SEPARATOR: &str = "__";

/// The variables of this process, as they were at its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Reads every variable that is text. Others mean nothing to us.
    pub(crate) fn read() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// Made-up variables, for tests.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { variables: variables.iter().map(owned).collect() }
    }

    /// A variable; `None` when it is not set or empty.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables that stand for keys of the configuration, in the order of their names.
    pub(crate) fn config_variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_key =
            |name: &&String| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains(SEPARATOR));
        let all = self.variables.iter().filter(move |(name, _)| is_key(name));
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The language a person has chosen for their terminal; `None` when it is none of ours.
    pub(crate) fn locale(&self) -> Option<Locale> {
        let chosen = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| self.find(name));
        chosen.and_then(|name| Locale::parse(name.split('.').next().unwrap_or(name)))
    }

    /// Where a person's own settings belong.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        self.folder("XDG_CONFIG_HOME", ".config")
    }

    /// Where a program keeps what it should remember for a person.
    pub(crate) fn state_folder(&self) -> Option<PathBuf> {
        self.folder("XDG_STATE_HOME", ".local/state")
    }

    fn folder(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let named = self.find(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder =
            named.or_else(|| self.find("HOME").map(|home| PathBuf::from(home).join(below_home)));
        folder.map(|folder| folder.join("ippo"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_language_is_read_in_the_usual_order() {
        let cases = [
            ("ja_JP.UTF-8", "", Some(Locale::Ja)),
            ("ja_JP.UTF-8", "en_US.UTF-8", Some(Locale::En)),
            ("C.UTF-8", "", None),
            ("fr_FR.UTF-8", "", None),
            ("", "", None),
        ];
        for (lang, lc_all, expected) in cases {
            let environment = Environment::of(&[("LANG", lang), ("LC_ALL", lc_all)]);
            assert_eq!(environment.locale(), expected, "{lang} {lc_all}");
        }
    }

    #[test]
    fn only_names_with_a_section_stand_for_keys() {
        let environment =
            Environment::of(&[("IPPO_SERVER", "a"), ("IPPO_SERVER__LISTEN", "b"), ("X__Y", "c")]);
        assert_eq!(
            environment.config_variables().collect::<Vec<_>>(),
            [("IPPO_SERVER__LISTEN", "b")]
        );
    }
}
