//! The configuration: one TOML file, the environment over it, everything checked before anything starts.
//!
//! Each part of the program gets its own piece of a [`Config`]; nothing reads the environment or the file later.
//! Whatever is wrong is found at once and listed with place, key and remedy.

mod document;
mod environment;
mod key;
mod kind;
mod problem;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use channels::{ChannelsConfig, Registry};
use domain::directory::Organisation;
use domain::id::PersonId;
use domain::policy::{Amount, Policy, PolicyProblem};
use domain::port::Clock;
use serde::de::DeserializeOwned;
use toml::Value;

pub(crate) use document::{Sample, render_document, render_sample};
pub(crate) use environment::Environment;
pub(crate) use kind::read_amount;
pub(crate) use problem::{Problem, Problems};
pub(crate) use source::line_of;

use source::Values;

/// The file that is looked for when none is named.
pub(crate) const DEFAULT_FILE: &str = "ippo.toml";

/// Everything that an installation can be told.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file it was read from; `None` when there is none.
    pub(crate) file: Option<PathBuf>,
    /// `server.listen`.
    pub(crate) listen: String,
    /// `server.public_url`.
    pub(crate) public_url: Option<String>,
    /// `store.url`, with its file name made whole.
    pub(crate) store_url: String,
    /// `[organisation]`.
    pub(crate) organisation: Organisation,
    /// `[escalation]`.
    pub(crate) policy: Policy,
    /// `[channels.…]`.
    pub(crate) channels: ChannelsConfig,
    /// `[log]`.
    pub(crate) log: LogConfig,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogConfig {
    /// Whether lines are JSON objects.
    pub(crate) is_json: bool,
    /// How much is said.
    pub(crate) level: String,
}

/// Reads and checks the configuration in `file`, or in `./ippo.toml` when that is there, or the defaults.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn load(file: Option<&Path>, environment: &Environment) -> Result<Config, Problems> {
    let (config, values) = read(file, environment)?;
    if values.problems.is_empty() { Ok(config) } else { Err(Problems(values.problems)) }
}

/// As [`load`], and sets the channels up: what is wrong with them is in the same list.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn load_with_channels(
    file: Option<&Path>,
    environment: &Environment,
    clock: &Arc<dyn Clock>,
) -> Result<(Config, Registry), Problems> {
    let (config, mut values) = read(file, environment)?;
    match Registry::from_config(&config.channels, clock) {
        Ok(registry) if values.problems.is_empty() => Ok((config, registry)),
        Ok(_) => Err(Problems(values.problems)),
        Err(errors) => {
            for error in errors {
                values.refuse(error.field, error.problem, error.remedy.to_owned());
            }
            Err(Problems(values.problems))
        }
    }
}

fn read(file: Option<&Path>, environment: &Environment) -> Result<(Config, Values), Problems> {
    let named = file.map(Path::to_owned);
    let found = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()));
    let text = found.as_deref().map(read_file).transpose()?;
    let source = found.as_deref().zip(text.as_deref());
    let mut values = Values::read(source, environment);
    let base = found.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut config = Config {
        listen: text_of(&values, "server.listen"),
        public_url: values.find("server.public_url").map(text_value),
        store_url: whole_store_url(&text_of(&values, "store.url"), base),
        organisation: read_organisation(&values),
        policy: read_policy(&values),
        channels: ChannelsConfig {
            mail: read_channel(&mut values, "channels.mail"),
            webhook: read_channel(&mut values, "channels.webhook"),
        },
        log: LogConfig {
            is_json: text_of(&values, "log.format") == "json",
            level: text_of(&values, "log.level"),
        },
        file: found.clone(),
    };
    check_policy(&config.policy, &mut values);
    make_files_whole(&mut config.channels, base);
    Ok((config, values))
}

fn read_file(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|why| {
        let remedy = match why.kind() {
            std::io::ErrorKind::NotFound => "ippo init writes one; --config names another",
            _ => "check the path, and that this user may read the file",
        };
        Problems(vec![Problem {
            place: path.display().to_string(),
            key: String::new(),
            what: format!("cannot be read: {why}"),
            remedy: remedy.to_owned(),
        }])
    })
}

fn text_value(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn text_of(values: &Values, path: &str) -> String {
    values.find(path).map(text_value).unwrap_or_default()
}

fn texts_of(values: &Values, path: &str) -> Vec<String> {
    match values.find(path) {
        Some(Value::Array(list)) => list.into_iter().map(text_value).collect(),
        _ => Vec::new(),
    }
}

fn amount_of(values: &Values, path: &str, otherwise: Duration) -> Duration {
    read_amount(&text_of(values, path)).unwrap_or(otherwise)
}

fn read_organisation(values: &Values) -> Organisation {
    let last_resort = texts_of(values, "organisation.last_resort");
    Organisation {
        name: text_of(values, "organisation.name"),
        domains: texts_of(values, "organisation.domains"),
        inside_hosts: texts_of(values, "organisation.inside_hosts"),
        locale: text_of(values, "organisation.locale"),
        timezone: text_of(values, "organisation.timezone"),
        last_resort: last_resort.iter().map(|id| PersonId::new(id)).collect(),
    }
}

fn read_policy(values: &Values) -> Policy {
    let usual = Policy::default();
    let voice_max = values.find("escalation.voice_max");
    let voice_max = voice_max.as_ref().and_then(Value::as_table);
    let calls = voice_max.and_then(|table| table.get("calls")?.as_integer());
    let within = voice_max.and_then(|table| read_amount(table.get("within")?.as_str()?));
    let amounts = texts_of(values, "escalation.climb_after");
    Policy {
        silent: texts_of(values, "escalation.silent"),
        voice_after: amount_of(values, "escalation.voice_after", usual.voice_after),
        voice_every: amount_of(values, "escalation.voice_every", usual.voice_every),
        voice_calls_max: calls.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual.voice_calls_max),
        voice_within: within.unwrap_or(usual.voice_within),
        remind_every: amount_of(values, "escalation.remind_every", usual.remind_every),
        climb_after: amounts.iter().filter_map(|text| read_amount(text)).map(Amount).collect(),
        loop_every: amount_of(values, "escalation.loop_every", usual.loop_every),
        promise_max: amount_of(values, "escalation.promise_max", usual.promise_max),
    }
}

fn check_policy(policy: &Policy, values: &mut Values) {
    for problem in policy.problems() {
        let (name, what, remedy) = match problem {
            PolicyProblem::OutOfRange { key, given } => {
                let name = key.split('.').next().unwrap_or(key);
                (name, format!("has an amount of {given:?}"), "give at least 10ms and at most 24h")
            }
            PolicyProblem::NoClimb => {
                ("climb_after", "is empty".to_owned(), "write for example [\"3m\"]")
            }
            PolicyProblem::NoCalls => {
                ("voice_max", "allows no call".to_owned(), "give at least 1 for calls")
            }
        };
        values.refuse(&format!("escalation.{name}"), what, remedy.to_owned());
    }
}

/// One channel's own configuration, when its section is there and nothing in it was refused before.
fn read_channel<T: DeserializeOwned>(values: &mut Values, section: &'static str) -> Option<T> {
    let is_broken = values.problems.iter().any(|problem| problem.key.starts_with(section));
    if !values.sections.contains_key(section) || is_broken {
        return None;
    }
    match Value::Table(values.table(section)).try_into() {
        Ok(config) => Some(config),
        Err(why) => {
            let why: toml::de::Error = why;
            let what = format!("cannot be used: {}", why.message());
            values.refuse(section, what, "docs/config.md has every key".to_owned());
            None
        }
    }
}

/// A relative file name counts from the folder of the configuration file, wherever the command is typed.
fn whole_store_url(url: &str, base: &Path) -> String {
    match url.strip_prefix("sqlite:") {
        Some(path) if !path.starts_with(":memory:") => {
            format!("sqlite:{}", base.join(path).display())
        }
        _ => url.to_owned(),
    }
}

fn make_files_whole(channels: &mut ChannelsConfig, base: &Path) {
    let mail =
        channels.mail.iter_mut().flat_map(|mail| [&mut mail.password_file, &mut mail.ca_file]);
    let webhook =
        channels.webhook.iter_mut().flat_map(|hook| [&mut hook.secret_file, &mut hook.ca_file]);
    for path in mail.chain(webhook).flatten() {
        *path = base.join(&*path);
    }
}

impl Config {
    /// The file of the database; `None` when it is kept in memory.
    pub(crate) fn store_file(&self) -> Option<PathBuf> {
        let path = self.store_url.strip_prefix("sqlite:")?;
        (!path.starts_with(":memory:")).then(|| PathBuf::from(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_file_everything_has_its_default() {
        let config = load(None, &Environment::default()).unwrap();
        assert_eq!(config.policy, Policy::default());
        assert_eq!(config.listen, "127.0.0.1:8470");
        assert_eq!(config.store_url, "sqlite:ippo.db");
        assert_eq!(config.public_url, None);
        assert!(config.channels.mail.is_none() && config.channels.webhook.is_none());
    }

    #[test]
    fn the_environment_wins_over_the_default_for_every_kind_of_value() {
        let environment = Environment::of(&[
            ("IPPO_SERVER__LISTEN", "0.0.0.0:1"),
            ("IPPO_ORGANISATION__LAST_RESORT", "per_a, per_b"),
            ("IPPO_ESCALATION__CLIMB_AFTER", "1s,2s"),
            ("IPPO_ESCALATION__VOICE_MAX", "{ calls = 9, within = \"1h\" }"),
            ("IPPO_CHANNELS__MAIL__SMTP", "smtp://127.0.0.1:2525"),
            ("IPPO_CHANNELS__MAIL__FROM", "ippo@example.co.jp"),
        ]);
        let config = load(None, &environment).unwrap();
        assert_eq!(config.listen, "0.0.0.0:1");
        assert_eq!(config.organisation.last_resort.len(), 2);
        assert_eq!(config.policy.joins_after(2), Duration::from_secs(3));
        assert_eq!(config.policy.voice_calls_max, 9);
        assert_eq!(config.policy.voice_within, Duration::from_secs(3_600));
        assert_eq!(config.channels.mail.unwrap().from, "ippo@example.co.jp");
    }

    #[test]
    fn a_relative_database_stands_beside_its_configuration() {
        assert_eq!(whole_store_url("sqlite:ippo.db", Path::new("/srv/a")), "sqlite:/srv/a/ippo.db");
        assert_eq!(whole_store_url("sqlite:/var/b.db", Path::new("/srv/a")), "sqlite:/var/b.db");
        assert_eq!(whole_store_url("sqlite::memory:", Path::new("/srv/a")), "sqlite::memory:");
    }
}
