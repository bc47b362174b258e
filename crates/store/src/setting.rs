//! Single values under a name: the signing key, the version of the directory.

use crate::Store;
use crate::db::Step;
use crate::error::StoreError;

sql! {
    FIND_SETTING = "SELECT value FROM setting WHERE key = $1";
    UPSERT_SETTING = "INSERT INTO setting (key, value) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    INSERT_SETTING_IF_ABSENT = "INSERT INTO setting (key, value) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET value = setting.value RETURNING value";
}

impl Store {
    /// The value under `key`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find_setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.find(Step::any(&FIND_SETTING, values![key])).await?;
        row.map(|mut row| row.text("value")).transpose()
    }

    /// Keeps `value` under `key`, in place of what was there.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.db().write_one(Step::one(&UPSERT_SETTING, values![key, value])).await.map(drop)
    }

    /// Keeps `value` under `key` unless something is there, and gives back what is there afterwards. Two processes
    /// that do this at once get the same answer.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn put_setting_if_absent(
        &self,
        key: &str,
        value: &str,
    ) -> Result<String, StoreError> {
        let step = Step::one(&INSERT_SETTING_IF_ABSENT, values![key, value]);
        let done = self.db().write_one(step).await?;
        let inconsistent =
            StoreError::Inconsistent { statement: INSERT_SETTING_IF_ABSENT.name, column: "value" };
        done.rows.into_iter().next().ok_or(inconsistent)?.text("value")
    }
}
