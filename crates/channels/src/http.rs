//! The one HTTP client of the channels: time limits, address policy, no redirects, no proxy from the environment.
//!
//! A name is resolved here and the addresses that the policy refuses are thrown away before anything connects, so
//! that the policy holds for the address really used. Addresses written as numbers never reach a resolver: a
//! caller checks those with [`AddressPolicy::check`] before it sends.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::port::Why;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address_policy::AddressPolicy;

/// The longest an idle connection is kept for the next message.
const IDLE_MAX: Duration = Duration::from_secs(90);
/// How many idle connections are kept to one host.
const IDLE_CONNECTIONS_MAX: usize = 8;

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// How long resolving, connecting and the TLS handshake may take together.
    pub connect_timeout: Duration,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// Which addresses may be connected to.
    pub policy: Arc<AddressPolicy>,
    /// Certificates to trust beside those of the system.
    pub extra_roots: Vec<reqwest::Certificate>,
}

/// Makes a client that keeps connections open between messages, follows no redirect and asks no proxy.
///
/// # Errors
/// When the TLS set-up cannot be made, because a certificate cannot be used for example.
pub fn client(options: ClientOptions) -> Result<reqwest::Client, reqwest::Error> {
    install_tls_provider();
    reqwest::Client::builder()
        .user_agent(concat!("ippo/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .dns_resolver(Arc::new(PolicyResolver { policy: options.policy }))
        .tls_certs_merge(options.extra_roots)
        .build()
}

/// Makes the ring provider the process's TLS implementation; harmless when one is installed already.
pub fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider().install_default().is_err()
    {
        tracing::debug!("another thread installed the TLS provider first");
    }
}

/// What kept a request from being answered, as a typed reason.
///
/// Only kinds of errors are looked at; nothing of their text, which may hold the address, goes further.
#[must_use]
pub fn classify(error: &reqwest::Error) -> Why {
    if let Some(why) = find_cause(error) {
        return why;
    }
    if error.is_timeout() {
        Why::TimedOut
    } else if error.is_builder() {
        Why::BadAddress
    } else if error.is_connect() {
        Why::Unreachable
    } else {
        Why::Closed
    }
}

/// The first error of the chain that says for certain what happened.
fn find_cause(error: &reqwest::Error) -> Option<Why> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if let Some(failure) = cause.downcast_ref::<ResolveError>() {
            return Some(match failure {
                ResolveError::NotAllowed => Why::AddressNotAllowed,
                ResolveError::UnknownHost => Why::UnknownHost,
            });
        }
        if cause.is::<rustls::Error>() {
            return Some(Why::Tls);
        }
        let input_output = cause.downcast_ref::<io::Error>();
        if let Some(why) = input_output.and_then(classify_io) {
            return Some(why);
        }
        // The source of such an error is the source of what it wraps; what it wraps has to be asked for.
        next = match input_output.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    None
}

/// The reason in an input or output error, when its kind tells.
pub(crate) fn classify_io(error: &io::Error) -> Option<Why> {
    if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
        return Some(Why::Tls);
    }
    match error.kind() {
        io::ErrorKind::TimedOut => Some(Why::TimedOut),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => Some(Why::Unreachable),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => Some(Why::Closed),
        _ => None,
    }
}

/// Why a name gave no address to connect to.
#[derive(Debug, thiserror::Error)]
enum ResolveError {
    #[error("the name has only addresses that are not allowed")]
    NotAllowed,
    #[error("the name is not known")]
    UnknownHost,
}

/// Resolves names with the system's resolver and keeps only the addresses the policy allows.
struct PolicyResolver {
    policy: Arc<AddressPolicy>,
}

impl Resolve for PolicyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| ResolveError::UnknownHost)?
                .collect::<Vec<_>>();
            if found.is_empty() {
                return Err(ResolveError::UnknownHost.into());
            }
            let allowed = found
                .into_iter()
                .filter(|address| policy.check(address.ip()).is_ok())
                .collect::<Vec<_>>();
            if allowed.is_empty() {
                return Err(ResolveError::NotAllowed.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
