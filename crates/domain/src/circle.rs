//! Circles (D1, D2): how far news may travel, and the only door a message leaves by.
//!
//! A channel takes a [`Cleared`] message and nothing else, and [`clear`] is the only place that makes one. So a
//! message of a narrow circle cannot be handed to a wider destination: there is no value to hand over.

use serde::{Deserialize, Serialize};

use crate::directory::Organisation;

/// How far news may travel; wider is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circle {
    /// The reporter and those who are asked.
    Reached,
    /// Whoever the lead brought in.
    Responders,
    /// Everybody in the organisation.
    Organisation,
    /// Customers and the public. What is not known to be inside counts as this.
    Public,
}

impl Circle {
    /// The circle's number as people say it, 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Reached => 1,
            Self::Responders => 2,
            Self::Organisation => 3,
            Self::Public => 4,
        }
    }
}

/// One place a message can go, with the circle it was found to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The channel's id, `mail` for example.
    pub channel: String,
    /// The address as the channel understands it.
    pub address: String,
    /// Who can read what arrives there.
    pub circle: Circle,
}

/// A message and the place it may go to. Only [`clear`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared<M> {
    message: M,
    destination: Destination,
}

impl<M> Cleared<M> {
    /// What is to be said.
    pub const fn message(&self) -> &M {
        &self.message
    }

    /// Where it goes.
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }
}

/// Why a message may not go somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the destination is read by circle {}, the message is for circle {}", .destination.number(), .message.number())]
pub struct NotCleared {
    /// The circle of the message.
    pub message: Circle,
    /// The wider circle of the destination.
    pub destination: Circle,
}

/// Lets `message` go to `destination` when nobody there is outside `circle`.
///
/// # Errors
/// [`NotCleared`] when the destination is read by a wider circle.
pub fn clear<M>(
    message: M,
    circle: Circle,
    destination: Destination,
) -> Result<Cleared<M>, NotCleared> {
    if destination.circle > circle {
        return Err(NotCleared { message: circle, destination: destination.circle });
    }
    Ok(Cleared { message, destination })
}

/// The circle that a person's own contact is read by.
///
/// Telephone-like and simulated addresses belong to one person. A mail address is inside when its domain is one of
/// the organisation's; an endpoint when its host is, or is named as inside, or is on this machine. With no domain
/// configured nothing can be told apart and the directory is taken at its word (`ippo doctor` says so).
#[must_use]
pub fn classify_contact(organisation: &Organisation, channel: &str, address: &str) -> Circle {
    if organisation.domains.is_empty() {
        return Circle::Reached;
    }
    let host = match channel {
        "mail" => address.rsplit_once('@').map(|(_, host)| host),
        "webhook" => host_of(address),
        _ => return Circle::Reached,
    };
    match host {
        Some(host) if is_inside(organisation, host) => Circle::Reached,
        Some(_) | None => Circle::Public,
    }
}

fn is_inside(organisation: &Organisation, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let on_this_machine =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(is_private);
    on_this_machine
        || organisation.inside_hosts.iter().any(|inside| inside.eq_ignore_ascii_case(host))
        || organisation.domains.iter().any(|domain| {
            let domain = domain.to_lowercase();
            host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        })
}

/// An address that cannot be reached from outside. Whether ippo may send there at all is the channel's own rule.
fn is_private(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        std::net::IpAddr::V6(v6) => v6.is_loopback() || (v6.segments()[0] & 0xfe00) == 0xfc00,
    }
}

fn host_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
    if host_port.starts_with('[') {
        return host_port.split_inclusive(']').next();
    }
    Some(host_port.split_once(':').map_or(host_port, |(host, _)| host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation() -> Organisation {
        Organisation {
            domains: vec!["example.co.jp".into()],
            inside_hosts: vec!["hooks.partner.example".into()],
            ..Organisation::default()
        }
    }

    #[test]
    fn addresses_outside_the_organisation_count_as_customers_present() {
        let cases = [
            ("mail", "sato@example.co.jp", Circle::Reached),
            ("mail", "sato@ops.EXAMPLE.co.jp", Circle::Reached),
            ("mail", "sato@evil-example.co.jp", Circle::Public),
            ("mail", "sato@gmail.test", Circle::Public),
            ("mail", "nonsense", Circle::Public),
            ("webhook", "http://127.0.0.1:9000/x", Circle::Reached),
            ("webhook", "http://[::1]:9000/x", Circle::Reached),
            ("webhook", "https://user@hooks.partner.example/x", Circle::Reached),
            ("webhook", "https://example.co.jp.evil.test/", Circle::Public),
            ("webhook", "https://evil.test/?example.co.jp", Circle::Public),
            ("webhook", "not a url", Circle::Public),
            ("voice", "+819000000001", Circle::Reached),
        ];
        for (channel, address, expected) in cases {
            assert_eq!(classify_contact(&organisation(), channel, address), expected, "{address}");
        }
    }

    #[test]
    fn a_message_of_a_narrow_circle_cannot_be_built_for_a_wider_destination() {
        let outside = Destination {
            channel: "mail".into(),
            address: "a@b.test".into(),
            circle: Circle::Public,
        };
        for circle in [Circle::Reached, Circle::Responders, Circle::Organisation] {
            assert!(clear((), circle, outside.clone()).is_err());
        }
        assert!(clear((), Circle::Public, outside).is_ok());
    }
}
