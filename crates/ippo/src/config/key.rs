//! Every key of the configuration: what it means, its default, and what goes wrong when it is wrong.
//!
//! The one list from which the check, the sample file, `docs/config.md` and the names in the environment are made.

use crate::config::environment::{PREFIX, SEPARATOR};
use crate::config::kind::Kind;

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// Section and name, with dots.
    pub(crate) path: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What it is without an entry, as TOML; empty when it then is nothing.
    pub(crate) default: &'static str,
    /// A value that could stand there, as TOML.
    pub(crate) example: &'static str,
    /// What it means and what breaks when it is wrong, in whole sentences.
    pub(crate) doc: &'static str,
}

/// One section, with what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its name, with dots.
    pub(crate) path: &'static str,
    /// What it is for.
    pub(crate) doc: &'static str,
    /// Keys that have to be there as soon as the section is.
    pub(crate) required: &'static [&'static str],
    /// Whether the section is there without an entry. A channel without its section does not exist.
    pub(crate) is_always_there: bool,
}

impl Key {
    /// The section it stands in.
    pub(crate) fn section(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its name inside the section.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }

    /// The variable of the environment that stands for it.
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.to_uppercase().replace('.', SEPARATOR))
    }
}

const fn section(path: &'static str, doc: &'static str) -> Section {
    Section { path, doc, required: &[], is_always_there: true }
}

/// Every section, in the order of the sample file.
pub(crate) const SECTIONS: &[Section] = &[
    section("server", "Where ippo listens, and under which address people find it."),
    section("store", "Where everything is kept."),
    section("organisation", "Who you are."),
    section(
        "escalation",
        "How fast, how often and by which channels people are called. A calling that is under way keeps the policy it began with.",
    ),
    Section {
        path: "channels.mail",
        doc: "Mail over SMTP. Without this section nobody is reached by mail.",
        required: &["channels.mail.smtp", "channels.mail.from"],
        is_always_there: false,
    },
    Section {
        path: "channels.webhook",
        doc: "Signed webhooks. Without this section there are none.",
        required: &[],
        is_always_there: false,
    },
    section(
        "log",
        "What the server says about itself, on standard error. Names, addresses and texts never appear there.",
    ),
];

const LOCALES: Kind = Kind::Word(&["ja", "en"]);

const fn key(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    example: &'static str,
    doc: &'static str,
) -> Key {
    Key { path, kind, default, example, doc }
}

/// Every key, in the order of the sample file.
pub(crate) const KEYS: &[Key] = &[
    key(
        "server.listen",
        Kind::Listen,
        r#""127.0.0.1:8470""#,
        r#""0.0.0.0:8470""#,
        "Host and port to listen on. Port 0 takes a free one. Behind a reverse proxy, listen on 127.0.0.1.",
    ),
    key(
        "server.public_url",
        Kind::PublicUrl,
        "",
        r#""https://ippo.example.co.jp""#,
        "The address under which people reach ippo, without a slash at the end. It stands in every message: when it is wrong, nobody can answer. Without it: http:// and the address listened on.",
    ),
    key(
        "store.url",
        Kind::StoreUrl,
        r#""sqlite:ippo.db""#,
        r#""sqlite:ippo.db""#,
        "Where the database is: sqlite: and a file. A relative name counts from the folder of this file. Keep it on a disk of this machine, never on a network share.",
    ),
    key(
        "organisation.name",
        Kind::Text,
        "",
        r#""みらい商事""#,
        "Your organisation's name, as messages give it.",
    ),
    key(
        "organisation.domains",
        Kind::Domains,
        "[]",
        r#"["example.co.jp"]"#,
        "Mail domains that are inside, with everything below them. Mail to any other domain is refused. Empty: every domain counts as inside, and ippo doctor warns of it.",
    ),
    key(
        "organisation.inside_hosts",
        Kind::Texts,
        "[]",
        r#"["hooks.example.net"]"#,
        "Hosts of other names that are nevertheless yours, for webhooks.",
    ),
    key(
        "organisation.locale",
        LOCALES,
        r#""ja""#,
        r#""ja""#,
        "The language for whoever has chosen none.",
    ),
    key(
        "organisation.timezone",
        Kind::TimeZone,
        r#""Asia/Tokyo""#,
        r#""Asia/Tokyo""#,
        "The time zone for whoever has none of their own. Absences are read in it.",
    ),
    key(
        "organisation.last_resort",
        Kind::Ids,
        "",
        r#"["per_suzuki"]"#,
        "Who is called when nobody else is left, best first: ids from the directory. Never empty; an import of the directory is refused without it.",
    ),
    key(
        "escalation.silent",
        Kind::Texts,
        r#"["push", "chat", "mail", "sms", "webhook"]"#,
        r#"["mail", "webhook"]"#,
        "Channels that are used all together at the moment a person joins. A channel that is not listed here and does not ring is never used.",
    ),
    key(
        "escalation.voice_after",
        Kind::Amount,
        r#""60s""#,
        r#""60s""#,
        "How long after a person joined their telephone rings for the first time.",
    ),
    key(
        "escalation.voice_every",
        Kind::Amount,
        r#""60s""#,
        r#""60s""#,
        "From one call to the next, for one person.",
    ),
    key(
        "escalation.voice_max",
        Kind::VoiceMax,
        r#"{ calls = 3, within = "15m" }"#,
        r#"{ calls = 3, within = "15m" }"#,
        "How many calls one person gets at most within an amount of time.",
    ),
    key(
        "escalation.remind_every",
        Kind::Amount,
        r#""5m""#,
        r#""5m""#,
        "From one round of silent channels to the next, for one person.",
    ),
    key(
        "escalation.climb_after",
        Kind::Amounts,
        r#"["3m", "5m", "2m"]"#,
        r#"["3m", "5m", "2m"]"#,
        "How long after one person the next joins; the last value repeats. Those already called go on being called.",
    ),
    key(
        "escalation.loop_every",
        Kind::Amount,
        r#""5m""#,
        r#""5m""#,
        "From one round to the next once everybody has joined. It never ends by itself.",
    ),
    key(
        "escalation.promise_max",
        Kind::Amount,
        r#""30m""#,
        r#""30m""#,
        "The longest \"with you in N minutes\", and so the longest silence.",
    ),
    key(
        "channels.mail.smtp",
        Kind::Secret,
        "",
        r#""smtp://127.0.0.1:25""#,
        "The mail server: smtp://host:25, smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. Special characters in user and password are percent-encoded.",
    ),
    key(
        "channels.mail.password_file",
        Kind::Path,
        "",
        r#""smtp-password""#,
        "A file with the password, instead of the one in smtp.",
    ),
    key(
        "channels.mail.from",
        Kind::Text,
        "",
        r#""ippo@example.co.jp""#,
        "The sender: an address, or Name <address>. Bounces go there.",
    ),
    key(
        "channels.mail.tls",
        Kind::Word(&["never", "opportunistic", "required"]),
        "",
        r#""required""#,
        "For smtp:// only: whether the connection is encrypted (STARTTLS). Without it: required with a user, else opportunistic.",
    ),
    key(
        "channels.mail.ca_file",
        Kind::Path,
        "",
        r#""ca.pem""#,
        "A PEM file with certificates to trust beside those of the system.",
    ),
    key(
        "channels.mail.hello_name",
        Kind::Text,
        "",
        r#""ippo.example.co.jp""#,
        "The name ippo gives itself when it greets the server. Without it: the domain of from.",
    ),
    key(
        "channels.mail.connect_timeout",
        Kind::Amount,
        r#""5s""#,
        r#""5s""#,
        "How long resolving and connecting may take.",
    ),
    key(
        "channels.mail.command_timeout",
        Kind::Amount,
        r#""10s""#,
        r#""10s""#,
        "How long the server may take to answer one command.",
    ),
    key(
        "channels.mail.timeout",
        Kind::Amount,
        r#""20s""#,
        r#""20s""#,
        "How long one attempt may take in all. After that the next way is tried.",
    ),
    key(
        "channels.webhook.secret",
        Kind::Secret,
        "",
        r#""whsec_…""#,
        "The signing secret: whsec_ and 24 to 64 random bytes in base64. Receivers check signatures with the same one.",
    ),
    key(
        "channels.webhook.secret_file",
        Kind::Path,
        "",
        r#""webhook-secret""#,
        "A file with the secret, instead of secret.",
    ),
    key(
        "channels.webhook.allow",
        Kind::Texts,
        "[]",
        r#"["10.1.0.0/16"]"#,
        "Networks and addresses that are allowed although they are not public. Every other private address is refused.",
    ),
    key(
        "channels.webhook.ca_file",
        Kind::Path,
        "",
        r#""ca.pem""#,
        "A PEM file with certificates to trust beside those of the system.",
    ),
    key(
        "channels.webhook.connect_timeout",
        Kind::Amount,
        r#""5s""#,
        r#""5s""#,
        "How long resolving, connecting and the TLS handshake may take.",
    ),
    key(
        "channels.webhook.timeout",
        Kind::Amount,
        r#""10s""#,
        r#""10s""#,
        "How long one attempt may take in all.",
    ),
    key(
        "log.format",
        Kind::Word(&["text", "json"]),
        r#""text""#,
        r#""json""#,
        "Lines for people, or one JSON object a line for programs.",
    ),
    key(
        "log.level",
        Kind::Word(&["error", "warn", "info", "debug"]),
        r#""info""#,
        r#""warn""#,
        "How much is said: error means that somebody should act.",
    ),
];

/// The key of that path.
pub(crate) fn find_key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// The known path that looks most like `path`, when one does.
pub(crate) fn find_similar(path: &str) -> Option<&'static str> {
    let names = KEYS.iter().map(|key| key.path).chain(SECTIONS.iter().map(|section| section.path));
    let nearest = names.map(|name| (distance(name, path), name)).min()?;
    let is_near = nearest.0 <= 3 && nearest.0.saturating_mul(2) < path.chars().count();
    is_near.then_some(nearest.1)
}

/// How many letters have to be put in, taken out or changed to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = std::mem::replace(&mut row[0], left);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            left = change.min(diagonal + 1).min(left + 1);
            row[j + 1] = left;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_and_example_passes_the_check_of_its_own_key() {
        for key in KEYS {
            for text in [key.default, key.example].into_iter().filter(|text| !text.is_empty()) {
                let value: toml::Table = format!("x = {text}").parse().unwrap();
                assert_eq!(key.kind.check(&value["x"]), Ok(()), "{}: {text}", key.path);
            }
            assert!(SECTIONS.iter().any(|section| section.path == key.section()), "{}", key.path);
            assert!(key.doc.ends_with('.'), "{}", key.path);
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_key_that_was_meant() {
        assert_eq!(find_similar("server.lisen"), Some("server.listen"));
        assert_eq!(find_similar("channel.mail"), Some("channels.mail"));
        assert_eq!(find_similar("something.else"), None);
    }
}
