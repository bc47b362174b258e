//! What the engine knows of the world outside the incidents: directory, channels, policy, addresses of pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::directory::{Directory, Organisation};
use domain::policy::Policy;
use domain::port::{Channel, Manner};
use domain::route::Channels;
use store::{DirectoryParts, Store, StoreError};

/// One consistent picture. Replaced whole when the directory changes.
#[derive(Debug, Clone)]
pub struct World {
    /// Who there is.
    pub directory: Directory,
    /// Which channels are set up.
    pub channels: Channels,
    /// How people are called.
    pub policy: Policy,
    /// The version of the directory in the store.
    pub version: u64,
}

/// Reads the directory and joins it with what the configuration says.
///
/// # Errors
/// When the store cannot be read.
pub async fn load_world(
    store: &Store,
    organisation: &Organisation,
    policy: &Policy,
    channels: &[Arc<dyn Channel>],
) -> Result<World, StoreError> {
    // The version is read first: a change in between is then seen as a change, never missed.
    let version = store.directory_version().await?;
    let parts = store.load_directory().await?;
    Ok(World {
        directory: to_directory(parts, organisation.clone()),
        channels: manners(channels),
        policy: policy.clone(),
        version,
    })
}

/// The directory made of its stored parts.
#[must_use]
pub fn to_directory(parts: DirectoryParts, organisation: Organisation) -> Directory {
    Directory {
        organisation,
        people: parts.people.into_iter().map(|person| (person.id.clone(), person)).collect(),
        teams: parts.teams.into_iter().map(|team| (team.id.clone(), team)).collect(),
        projects: parts.projects.into_iter().map(|project| (project.id.clone(), project)).collect(),
        rotas: parts.rotas.into_iter().map(|rota| (rota.id.clone(), rota)).collect(),
    }
}

/// The manner of each channel by its id.
#[must_use]
pub fn manners(channels: &[Arc<dyn Channel>]) -> BTreeMap<String, Manner> {
    channels.iter().map(|channel| channel.info()).map(|i| (i.id.to_owned(), i.manner)).collect()
}
