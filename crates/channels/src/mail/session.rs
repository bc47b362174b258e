//! One conversation with the mail server, step by step, so that each failure says where it happened.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;

use crate::mail::config::{Encryption, Relay};
use crate::mail::line_stream::LineStream;
use crate::mail::reply::{Cause, Failure, Stage};

const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// How long a kept connection may take to show that it is alive, so that time is left for a fresh one.
const PROOF_OF_LIFE_MAX: Duration = Duration::from_secs(3);
const REFERENCE_CHARS_MAX: usize = 100;

/// What is handed over: the envelope and the finished message.
pub(super) struct Letter {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) content: Vec<u8>,
}

/// Whether a session was just opened, or kept from an earlier letter and perhaps dead by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    Kept,
}

/// An open connection that has been greeted, encrypted and signed in as configured.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    command_timeout: Duration,
}

impl Session {
    /// Opens a connection and brings it to the point where a message can be handed over.
    pub(super) async fn open(relay: &Relay) -> Result<Self, Failure> {
        let addresses = resolve(relay).await?;
        let mut connection = match &relay.encryption {
            Encryption::Never => greet(relay, &addresses).await?,
            Encryption::FromTheStart(tls) => greet_encrypted(relay, &addresses, tls).await?,
            Encryption::StartTls(tls) => {
                let mut connection = greet(relay, &addresses).await?;
                if !connection.can_starttls() {
                    return Err(Failure { stage: Stage::StartTls, cause: Cause::NotOffered });
                }
                encrypt(relay, &mut connection, tls).await?;
                connection
            }
            Encryption::Opportunistic(tls) => greet_opportunistic(relay, &addresses, tls).await?,
        };
        if let Some(credentials) = &relay.credentials {
            let signing_in = connection.auth(&MECHANISMS, credentials);
            step(Stage::SignIn, relay.command_timeout, signing_in).await?;
        }
        Ok(Self { connection, command_timeout: relay.command_timeout })
    }

    /// Hands over one letter. Afterwards the session can be used again if and only if this is `Ok`.
    ///
    /// Gives the server's own name for the letter, when it said one.
    pub(super) async fn hand_over(
        &mut self,
        letter: &Letter,
        age: Age,
    ) -> Result<Option<String>, Failure> {
        let limit = self.command_timeout;
        let first_limit = match age {
            Age::Fresh => limit,
            Age::Kept => limit.min(PROOF_OF_LIFE_MAX),
        };
        let connection = &mut self.connection;

        let sender = Mail::new(Some(letter.from.clone()), Vec::new());
        step(Stage::Sender, first_limit, connection.command(sender)).await?;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        step(Stage::Recipient, limit, connection.command(recipient)).await?;
        step(Stage::Data, limit, connection.command(Data)).await?;
        let taken = step(Stage::Content, limit, connection.message(&letter.content)).await?;
        Ok(read_reference(&taken))
    }
}

async fn resolve(relay: &Relay) -> Result<Vec<SocketAddr>, Failure> {
    let failed = |cause| Failure { stage: Stage::Connect, cause };
    let looking_up = tokio::net::lookup_host((relay.host.as_str(), relay.port));
    match tokio::time::timeout(relay.connect_timeout, looking_up).await {
        Err(_) => Err(failed(Cause::TimedOut)),
        Ok(Err(_)) => Err(failed(Cause::UnknownHost)),
        Ok(Ok(found)) => {
            let found = found.collect::<Vec<_>>();
            if found.is_empty() { Err(failed(Cause::UnknownHost)) } else { Ok(found) }
        }
    }
}

/// Connects in clear text and greets.
async fn greet(relay: &Relay, addresses: &[SocketAddr]) -> Result<AsyncSmtpConnection, Failure> {
    let connecting = TcpStream::connect(addresses);
    let stream = match tokio::time::timeout(relay.connect_timeout, connecting).await {
        Err(_) => return Err(Failure { stage: Stage::Connect, cause: Cause::TimedOut }),
        Ok(Err(error)) => return Err(Failure::from_io(Stage::Connect, &error)),
        Ok(Ok(stream)) => stream,
    };
    stream.set_nodelay(true).map_err(|error| Failure::from_io(Stage::Connect, &error))?;
    let stream = Box::new(LineStream::new(stream));
    let greeting = AsyncSmtpConnection::connect_with_transport(stream, &relay.hello_name);
    step(Stage::Greeting, relay.command_timeout, greeting).await
}

/// Connects with TLS from the first byte and greets.
async fn greet_encrypted(
    relay: &Relay,
    addresses: &[SocketAddr],
    tls: &TlsParameters,
) -> Result<AsyncSmtpConnection, Failure> {
    let greeting = AsyncSmtpConnection::connect_tokio1(
        addresses,
        Some(relay.connect_timeout),
        &relay.hello_name,
        Some(tls.clone()),
        None,
    );
    step(Stage::Greeting, relay.connect_timeout + relay.command_timeout, greeting).await
}

/// Encrypts when the server can, and goes on in clear text when it cannot after all.
async fn greet_opportunistic(
    relay: &Relay,
    addresses: &[SocketAddr],
    tls: &TlsParameters,
) -> Result<AsyncSmtpConnection, Failure> {
    let mut connection = greet(relay, addresses).await?;
    if !connection.can_starttls() || encrypt(relay, &mut connection, tls).await.is_ok() {
        return Ok(connection);
    }
    greet(relay, addresses).await
}

async fn encrypt(
    relay: &Relay,
    connection: &mut AsyncSmtpConnection,
    tls: &TlsParameters,
) -> Result<(), Failure> {
    let encrypting = connection.starttls(tls.clone(), &relay.hello_name);
    step(Stage::StartTls, relay.command_timeout, encrypting).await
}

/// Runs one step within its limit of time and says where it failed.
async fn step<T>(
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Err(_) => Err(Failure { stage, cause: Cause::TimedOut }),
        Ok(done) => done.map_err(|error| Failure::from_smtp(stage, &error)),
    }
}

/// What the server called the letter. Dropped when it could hold an address.
fn read_reference(taken: &Response) -> Option<String> {
    let line = taken.first_line()?;
    let is_printable = line.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    (is_printable && !line.contains('@')).then(|| line.chars().take(REFERENCE_CHARS_MAX).collect())
}
