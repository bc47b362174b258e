//! Every text a person reads, in Japanese and English: the catalogue, and the few texts that are made of parts.
//!
//! Promises: both languages know the same keys with the same variables (a test compares them); looking a text up
//! never fails while the product runs. Deliberately not here: HTML, the time, anything that reads from outside.

use std::borrow::Borrow;

mod catalogue;
mod locale;
pub mod message;
pub mod script;
pub mod time;

pub use locale::Locale;

/// The texts of one language. A handle: copying it is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    locale: Locale,
}

impl Words {
    /// The texts of `locale`.
    #[must_use]
    pub const fn of(locale: Locale) -> Self {
        Self { locale }
    }

    /// Which language this is.
    #[must_use]
    pub const fn locale(self) -> Locale {
        self.locale
    }

    /// The text of `key`, which takes no values.
    ///
    /// An unknown key fails every test and development build; in a release the key itself is shown.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        catalogue::format(self.locale, key, None, &[])
    }

    /// The text of `key` with named values put in as they stand.
    #[must_use]
    pub fn tn(self, key: &str, values: &[(&str, &str)]) -> String {
        catalogue::format(self.locale, key, None, values)
    }

    /// The text of `key` for an amount: `count` chooses between singular and plural and is put in as `$count`.
    #[must_use]
    pub fn tc(self, key: &str, count: impl Borrow<i64>, values: &[(&str, &str)]) -> String {
        catalogue::format(self.locale, key, Some(*count.borrow()), values)
    }

    /// Whether there is such a text.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        catalogue::has(self.locale, key)
    }
}

/// Every key of `locale` with the names of the values it takes, sorted. For tests and checks.
#[must_use]
pub fn list_keys(locale: Locale) -> Vec<(String, Vec<String>)> {
    catalogue::list_keys(locale)
}
