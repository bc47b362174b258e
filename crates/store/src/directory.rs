//! The directory as setup left it, in the order in which setup listed it.
//!
//! Every change bumps `directory_version` in the same transaction, which is how a running server notices a change by
//! another process. The organisation itself comes from the configuration.

use domain::directory::{Person, Project, Rota, Team};
use domain::id::{PersonId, ProjectId, RotaId, TeamId};
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Sql, Step, Unit, Value};
use crate::error::StoreError;

sql! {
    BUMP_DIRECTORY = "INSERT INTO setting (key, value) VALUES ('directory_version', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT) RETURNING value";
    FIND_DIRECTORY_VERSION = "SELECT value FROM setting WHERE key = 'directory_version'";

    LIST_PEOPLE = "SELECT body_json FROM person ORDER BY position, id";
    LIST_TEAMS = "SELECT body_json FROM team ORDER BY position, id";
    LIST_PROJECTS = "SELECT body_json FROM project ORDER BY position, id";
    LIST_ROTAS = "SELECT body_json FROM rota ORDER BY position, id";

    DELETE_PEOPLE = "DELETE FROM person";
    DELETE_TEAMS = "DELETE FROM team";
    DELETE_PROJECTS = "DELETE FROM project";
    DELETE_ROTAS = "DELETE FROM rota";

    INSERT_PERSON = "INSERT INTO person (id, position, body_json, version) VALUES ($1, $2, $3, 1)";
    INSERT_TEAM = "INSERT INTO team (id, position, body_json, version) VALUES ($1, $2, $3, 1)";
    INSERT_PROJECT = "INSERT INTO project (id, position, body_json, version) VALUES ($1, $2, $3, 1)";
    INSERT_ROTA = "INSERT INTO rota (id, position, body_json, version) VALUES ($1, $2, $3, 1)";

    UPSERT_PERSON = "INSERT INTO person (id, position, body_json, version)
        VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM person), $2, 1)
        ON CONFLICT (id) DO UPDATE SET body_json = excluded.body_json, version = person.version + 1";
    UPSERT_TEAM = "INSERT INTO team (id, position, body_json, version)
        VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM team), $2, 1)
        ON CONFLICT (id) DO UPDATE SET body_json = excluded.body_json, version = team.version + 1";
    UPSERT_PROJECT = "INSERT INTO project (id, position, body_json, version)
        VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM project), $2, 1)
        ON CONFLICT (id) DO UPDATE SET body_json = excluded.body_json, version = project.version + 1";
    UPSERT_ROTA = "INSERT INTO rota (id, position, body_json, version)
        VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM rota), $2, 1)
        ON CONFLICT (id) DO UPDATE SET body_json = excluded.body_json, version = rota.version + 1";

    DELETE_PERSON = "DELETE FROM person WHERE id = $1";
    DELETE_TEAM = "DELETE FROM team WHERE id = $1";
    DELETE_PROJECT = "DELETE FROM project WHERE id = $1";
    DELETE_ROTA = "DELETE FROM rota WHERE id = $1";
}

/// Everybody and everything that setup listed, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryParts {
    /// Grows with every change; what is given to [`Store::replace_directory`] is not looked at.
    pub version: u64,
    /// People.
    pub people: Vec<Person>,
    /// Teams.
    pub teams: Vec<Team>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Rotas.
    pub rotas: Vec<Rota>,
}

impl Store {
    /// The whole directory at one moment.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when a row cannot be read back.
    pub async fn load_directory(&self) -> Result<DirectoryParts, StoreError> {
        let steps =
            [&FIND_DIRECTORY_VERSION, &LIST_PEOPLE, &LIST_TEAMS, &LIST_PROJECTS, &LIST_ROTAS];
        let steps = steps.into_iter().map(|sql| Step::any(sql, values![])).collect();
        let mut lists = self.db().read(steps).await?.into_iter();
        let mut next = || lists.next().unwrap_or_default();
        Ok(DirectoryParts {
            version: read_version(next())?,
            people: read_bodies(next())?,
            teams: read_bodies(next())?,
            projects: read_bodies(next())?,
            rotas: read_bodies(next())?,
        })
    }

    /// Grows with every change to the directory; cheap enough to ask for on a timer.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn directory_version(&self) -> Result<u64, StoreError> {
        read_version(self.db().read_one(Step::any(&FIND_DIRECTORY_VERSION, values![])).await?)
    }

    /// Puts `parts` in the place of the whole directory, all or nothing, and gives back the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an id is there twice.
    pub async fn replace_directory(&self, parts: &DirectoryParts) -> Result<u64, StoreError> {
        let emptying = [&DELETE_PEOPLE, &DELETE_TEAMS, &DELETE_PROJECTS, &DELETE_ROTAS];
        let mut steps: Vec<Step> =
            emptying.into_iter().map(|sql| Step::any(sql, values![])).collect();
        insert_all(
            &mut steps,
            &INSERT_PERSON,
            parts.people.iter().map(|part| (part.id.as_str(), part)),
        )?;
        insert_all(
            &mut steps,
            &INSERT_TEAM,
            parts.teams.iter().map(|part| (part.id.as_str(), part)),
        )?;
        insert_all(
            &mut steps,
            &INSERT_PROJECT,
            parts.projects.iter().map(|part| (part.id.as_str(), part)),
        )?;
        insert_all(
            &mut steps,
            &INSERT_ROTA,
            parts.rotas.iter().map(|part| (part.id.as_str(), part)),
        )?;
        self.change(steps).await
    }

    /// Adds a person at the end, or changes the one of that id in place. Gives back the new version.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn upsert_person(&self, person: &Person) -> Result<u64, StoreError> {
        self.upsert(&UPSERT_PERSON, Value::from(&person.id), person).await
    }

    /// Adds a team at the end, or changes the one of that id in place. Gives back the new version.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn upsert_team(&self, team: &Team) -> Result<u64, StoreError> {
        self.upsert(&UPSERT_TEAM, Value::from(&team.id), team).await
    }

    /// Adds a project at the end, or changes the one of that id in place. Gives back the new version.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn upsert_project(&self, project: &Project) -> Result<u64, StoreError> {
        self.upsert(&UPSERT_PROJECT, Value::from(&project.id), project).await
    }

    /// Adds a rota at the end, or changes the one of that id in place. Gives back the new version.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn upsert_rota(&self, rota: &Rota) -> Result<u64, StoreError> {
        self.upsert(&UPSERT_ROTA, Value::from(&rota.id), rota).await
    }

    /// Removes a person. Their account, sessions and incidents stay as they are.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such person.
    pub async fn delete_person(&self, id: &PersonId) -> Result<u64, StoreError> {
        self.change(vec![Step::one(&DELETE_PERSON, values![id])]).await
    }

    /// Removes a team.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such team.
    pub async fn delete_team(&self, id: &TeamId) -> Result<u64, StoreError> {
        self.change(vec![Step::one(&DELETE_TEAM, values![id])]).await
    }

    /// Removes a project.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such project.
    pub async fn delete_project(&self, id: &ProjectId) -> Result<u64, StoreError> {
        self.change(vec![Step::one(&DELETE_PROJECT, values![id])]).await
    }

    /// Removes a rota.
    ///
    /// # Errors
    /// [`StoreError::RowsAffected`] when there is no such rota.
    pub async fn delete_rota(&self, id: &RotaId) -> Result<u64, StoreError> {
        self.change(vec![Step::one(&DELETE_ROTA, values![id])]).await
    }

    async fn upsert(
        &self,
        sql: &'static Sql,
        id: Value,
        part: &impl Serialize,
    ) -> Result<u64, StoreError> {
        self.change(vec![Step::one(sql, vec![id, body(sql, part)?])]).await
    }

    /// Runs `steps` and bumps the version with them.
    async fn change(&self, mut steps: Vec<Step>) -> Result<u64, StoreError> {
        steps.push(Step::one(&BUMP_DIRECTORY, values![]));
        let done = self.db().write(Unit::new(steps)).await?;
        read_version(done.into_iter().next_back().unwrap_or_default().rows)
    }
}

fn insert_all<'a, T: Serialize + 'a>(
    steps: &mut Vec<Step>,
    sql: &'static Sql,
    parts: impl Iterator<Item = (&'a str, &'a T)>,
) -> Result<(), StoreError> {
    for (position, (id, part)) in (1_i64..).zip(parts) {
        steps.push(Step::one(sql, vec![Value::from(id), Value::from(position), body(sql, part)?]));
    }
    Ok(())
}

fn body(sql: &'static Sql, part: &impl Serialize) -> Result<Value, StoreError> {
    let text = serde_json::to_string(part);
    text.map(Value::Text)
        .map_err(|error| StoreError::Broken { statement: sql.name, why: error.to_string() })
}

fn read_bodies<T: serde::de::DeserializeOwned>(rows: Vec<Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(|mut row| row.json("body_json")).collect()
}

fn read_version(rows: Vec<Row>) -> Result<u64, StoreError> {
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(0);
    };
    row.text("value")?.parse().map_err(|_| row.inconsistent("value"))
}
