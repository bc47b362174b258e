//! `[channels.mail]`: which server takes the mail, and how it is spoken to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

use crate::config::{ConfigError, check_time_limit};
use crate::secret::{Keys, Secret, read_either};

/// The key that names the mail server.
pub(super) const SMTP: &str = "channels.mail.smtp";
/// The key that names the sender.
pub(super) const FROM: &str = "channels.mail.from";
const TLS: &str = "channels.mail.tls";
const CA_FILE: &str = "channels.mail.ca_file";
const HELLO_NAME: &str = "channels.mail.hello_name";
const PASSWORD: Keys =
    Keys { inline: "the password in channels.mail.smtp", file: "channels.mail.password_file" };
const SMTP_REMEDY: &str =
    "write smtp://host:25, smtp://user:password@host:587 or smtps://user:password@host:465";

/// `[channels.mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server: `smtp://host:25`, `smtp://user:password@host:587` (STARTTLS) or
    /// `smtps://user:password@host:465`. Special characters in user and password are percent-encoded. Without a
    /// port: 465 for `smtps`, 587 with a user, else 25.
    pub smtp: Secret,
    /// A file with the password, instead of the one in `smtp`.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The sender: an address, or `Name <address>`. Answers and bounces go there.
    pub from: String,
    /// For `smtp://` only: whether STARTTLS is used. Without it: `required` with a user, else `opportunistic`.
    #[serde(default)]
    pub tls: Option<TlsMode>,
    /// A PEM file with certificates to trust beside those of the system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name ippo gives itself when it greets the server; without it the domain of `from`.
    #[serde(default)]
    pub hello_name: Option<String>,
    /// How long resolving and connecting may take.
    #[serde(default = "default_connect_timeout", with = "friendly")]
    pub connect_timeout: Duration,
    /// How long the server may take to answer one command.
    #[serde(default = "default_command_timeout", with = "friendly")]
    pub command_timeout: Duration,
    /// How long one attempt may take in all.
    #[serde(default = "default_timeout", with = "friendly")]
    pub timeout: Duration,
}

const fn default_connect_timeout() -> Duration {
    Duration::from_secs(5)
}

const fn default_command_timeout() -> Duration {
    Duration::from_secs(10)
}

const fn default_timeout() -> Duration {
    Duration::from_secs(20)
}

/// Whether a connection that begins in clear text is encrypted before anything is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    /// No encryption. Only for a server on the same machine.
    Never,
    /// Encrypted when the server can, without a look at its certificate: whoever could forge one could as well
    /// hide that the server can encrypt. Keeps out listeners, not impostors.
    Opportunistic,
    /// Encrypted with a certificate that fits, or not at all.
    Required,
}

/// How the connection is encrypted, with everything needed for it.
#[derive(Clone)]
pub(super) enum Encryption {
    Never,
    Opportunistic(TlsParameters),
    StartTls(TlsParameters),
    FromTheStart(TlsParameters),
}

/// The mail server, read and checked.
pub(super) struct Relay {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<Credentials>,
    pub(super) hello_name: ClientId,
    pub(super) connect_timeout: Duration,
    pub(super) command_timeout: Duration,
    pub(super) timeout: Duration,
}

impl Relay {
    pub(super) fn new(config: &MailConfig, from_domain: &str) -> Result<Self, ConfigError> {
        check_time_limit("channels.mail.connect_timeout", config.connect_timeout)?;
        check_time_limit("channels.mail.command_timeout", config.command_timeout)?;
        check_time_limit("channels.mail.timeout", config.timeout)?;
        let url = read_url(&config.smtp)?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let credentials = read_credentials(&url, config.password_file.as_deref())?;
        let has_user = credentials.is_some();
        let is_smtps = url.scheme() == "smtps";
        let default_port = match (is_smtps, has_user) {
            (true, _) => 465,
            (false, true) => 587,
            (false, false) => 25,
        };
        let mode =
            if is_smtps { smtps_mode(config.tls)? } else { smtp_mode(config.tls, has_user)? };
        let encryption = match mode {
            None => Encryption::FromTheStart(tls_parameters(&host, config.ca_file.as_deref())?),
            Some(TlsMode::Required) => {
                Encryption::StartTls(tls_parameters(&host, config.ca_file.as_deref())?)
            }
            Some(TlsMode::Opportunistic) => Encryption::Opportunistic(unchecked_parameters(&host)?),
            Some(TlsMode::Never) => Encryption::Never,
        };
        Ok(Self {
            port: url.port().unwrap_or(default_port),
            host,
            encryption,
            credentials,
            hello_name: read_hello_name(config.hello_name.as_deref(), from_domain)?,
            connect_timeout: config.connect_timeout,
            command_timeout: config.command_timeout,
            timeout: config.timeout,
        })
    }
}

/// The sender's name and address.
pub(super) fn read_from(from: &str) -> Result<Mailbox, ConfigError> {
    let remedy = "write an address such as ippo@example.co.jp";
    let mailbox: Mailbox =
        from.parse().map_err(|_| ConfigError::new(FROM, "is not a mail address", remedy))?;
    super::check_address(mailbox.email.as_ref())
        .map_err(|problem| ConfigError::new(FROM, format!("cannot be used: {problem}"), remedy))?;
    Ok(mailbox)
}

fn read_url(smtp: &Secret) -> Result<Url, ConfigError> {
    let wrong = |problem: &str| ConfigError::new(SMTP, problem, SMTP_REMEDY);
    let url = Url::parse(smtp.expose()).map_err(|_| wrong("is not an address of a mail server"))?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(wrong("begins with neither smtp:// nor smtps://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("names no host"));
    }
    let has_path = !matches!(url.path(), "" | "/");
    if has_path || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has something after the host and the port"));
    }
    Ok(url)
}

fn read_credentials(
    url: &Url,
    password_file: Option<&Path>,
) -> Result<Option<Credentials>, ConfigError> {
    let inline = url.password().map(|text| decode(text).map(Secret::new)).transpose()?;
    let password = read_either(PASSWORD, inline.as_ref(), password_file)?;
    let user = decode(url.username())?;
    match (user.is_empty(), password) {
        (true, None) => Ok(None),
        (false, Some(password)) => Ok(Some(Credentials::new(user, password.expose().to_owned()))),
        (true, Some(_)) => Err(ConfigError::new(SMTP, "has a password but no user", SMTP_REMEDY)),
        (false, None) => Err(ConfigError::new(
            SMTP,
            "has a user but no password",
            "add the password, or set channels.mail.password_file",
        )),
    }
}

fn decode(text: &str) -> Result<String, ConfigError> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| {
        ConfigError::new(SMTP, "has a user or password that is not UTF-8", SMTP_REMEDY)
    })
}

fn smtps_mode(tls: Option<TlsMode>) -> Result<Option<TlsMode>, ConfigError> {
    match tls {
        None | Some(TlsMode::Required) => Ok(None),
        Some(TlsMode::Never | TlsMode::Opportunistic) => Err(ConfigError::new(
            TLS,
            "contradicts smtps://, which is always encrypted",
            "remove channels.mail.tls, or write smtp://",
        )),
    }
}

fn smtp_mode(tls: Option<TlsMode>, has_user: bool) -> Result<Option<TlsMode>, ConfigError> {
    match (tls, has_user) {
        (Some(TlsMode::Opportunistic), true) => Err(ConfigError::new(
            TLS,
            "is opportunistic, with which the password could go out in clear text",
            "write \"required\", or \"never\" for a server on the same machine",
        )),
        (Some(mode), _) => Ok(Some(mode)),
        (None, true) => Ok(Some(TlsMode::Required)),
        (None, false) => Ok(Some(TlsMode::Opportunistic)),
    }
}

fn tls_parameters(host: &str, ca_file: Option<&Path>) -> Result<TlsParameters, ConfigError> {
    let remedy = "name a readable PEM file with at least one certificate";
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| {
            let problem = format!("names a file that cannot be read: {}", error.kind());
            ConfigError::new(CA_FILE, problem, remedy)
        })?;
        let has_certificate = pem.windows(11).any(|part| part == b"CERTIFICATE");
        let certificate = Certificate::from_pem(&pem)
            .ok()
            .filter(|_| has_certificate)
            .ok_or_else(|| ConfigError::new(CA_FILE, "holds no certificate", remedy))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build()
        .map_err(|_| ConfigError::new(CA_FILE, "holds a certificate that cannot be used", remedy))
}

/// For [`TlsMode::Opportunistic`] only, see there why a certificate would prove nothing.
fn unchecked_parameters(host: &str) -> Result<TlsParameters, ConfigError> {
    TlsParameters::builder(host.to_owned())
        .certificate_store(CertificateStore::None)
        .dangerous_accept_invalid_certs(true)
        .dangerous_accept_invalid_hostnames(true)
        .build()
        .map_err(|_| ConfigError::new(TLS, "cannot be set up", "write \"never\" or \"required\""))
}

fn read_hello_name(name: Option<&str>, from_domain: &str) -> Result<ClientId, ConfigError> {
    let name = name.unwrap_or(from_domain);
    let is_plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    if name.is_empty() || name.len() > 253 || !name.bytes().all(is_plain) {
        return Err(ConfigError::new(
            HELLO_NAME,
            "is not a host name",
            "write the name of this host",
        ));
    }
    Ok(ClientId::Domain(name.to_owned()))
}
