//! Text that must not be seen: passwords and signing keys.
//!
//! A [`Secret`] prints as stars, cannot be written by serde, and is wiped from memory when it is dropped. Each
//! secret key of the configuration has a twin that names a file instead; [`read_either`] reads whichever is set.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::config::ConfigError;

/// Text that prints as stars. There is no `Display`, no `Serialize` and no comparison on purpose.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes `text` as a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself; to be handed to the one call that needs it and to nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

/// The two configuration keys that one secret can come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    /// The key that holds the secret itself.
    pub(crate) inline: &'static str,
    /// The key that names a file with the secret in it.
    pub(crate) file: &'static str,
}

/// The secret from whichever of the two keys is set; `None` when neither is.
///
/// Line ends at the end of the file are not part of the secret.
///
/// # Errors
/// When both are set, or when the file cannot be read or is empty. The error names keys, never contents.
pub(crate) fn read_either(
    keys: Keys,
    inline: Option<&Secret>,
    file: Option<&Path>,
) -> Result<Option<Secret>, ConfigError> {
    match (inline, file) {
        (Some(_), Some(_)) => Err(ConfigError::new(
            keys.file,
            format!("is set together with {}", keys.inline),
            "keep one of the two",
        )),
        (Some(secret), None) => Ok(Some(secret.clone())),
        (None, Some(path)) => read_file(keys.file, path).map(Some),
        (None, None) => Ok(None),
    }
}

fn read_file(key: &'static str, path: &Path) -> Result<Secret, ConfigError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        ConfigError::new(
            key,
            format!("names a file that cannot be read: {}", error.kind()),
            "check the path and that the user who runs ippo may read the file",
        )
    })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(ConfigError::new(key, "names an empty file", "write the secret into the file"));
    }
    Ok(Secret::from(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys { inline: "x.secret", file: "x.secret_file" };

    #[test]
    fn a_secret_prints_as_stars() {
        let shown = format!("{:?}", Some(Secret::from("hunter2")));
        assert_eq!(shown, "Some(***)");
    }

    #[test]
    fn both_twins_at_once_are_refused() {
        let inline = Secret::from("hunter2");
        let error = read_either(KEYS, Some(&inline), Some(Path::new("x"))).unwrap_err();
        assert_eq!(error.field, "x.secret_file");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn the_line_end_of_a_secret_file_is_not_part_of_the_secret() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "pass word \r\n").unwrap();
        let secret = read_either(KEYS, None, Some(file.path())).unwrap().unwrap();
        assert_eq!(secret.expose(), "pass word ");
    }

    #[test]
    fn a_missing_or_empty_secret_file_is_named_by_its_key() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let error = read_either(KEYS, None, Some(empty.path())).unwrap_err();
        assert_eq!(error.field, "x.secret_file");
        let gone = read_either(KEYS, None, Some(Path::new("/nonexistent/file"))).unwrap_err();
        assert!(gone.problem.contains("cannot be read"), "{gone}");
    }
}
