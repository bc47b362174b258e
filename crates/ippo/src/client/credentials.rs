//! What `ippo login` keeps: the server, the token, and whose it is. Readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::Environment;
use crate::failure::Failure;

/// What is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// The server's address, without a slash at the end.
    pub(crate) server: String,
    /// The token.
    pub(crate) token: String,
    /// Whose it is: a person's id.
    pub(crate) person: String,
}

impl Credentials {
    /// What was kept, if anything that can be read.
    pub(crate) fn load(environment: &Environment) -> Option<Self> {
        let text = fs::read_to_string(Self::path(environment)?).ok()?;
        toml::from_str(&text).ok()
    }

    /// Keeps it, in the place of what was kept before, and says where.
    ///
    /// # Errors
    /// When there is no place for it, or it cannot be written.
    pub(crate) fn save(&self, environment: &Environment) -> Result<PathBuf, Failure> {
        let path = Self::path(environment)
            .ok_or_else(|| Failure::not_now("there is no folder for settings: HOME is not set"))?;
        let text = toml::to_string(self).map_err(|why| Failure::not_now(why.to_string()))?;
        write_private(&path, &text)?;
        Ok(path)
    }

    fn path(environment: &Environment) -> Option<PathBuf> {
        Some(environment.config_folder()?.join("credentials.toml"))
    }
}

/// Writes a file that only its owner may read, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |why: std::io::Error| Failure::file(path, &why);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let fresh = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh);
    let mut file = file.map_err(failed)?;
    // A file left over by a crash keeps its old mode, which is then not enough.
    file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)
}
