//! Routes: which of a person's contacts can be used, by which channel, in what manner.

use std::collections::BTreeMap;

use crate::circle::{Circle, classify_contact};
use crate::directory::{Contact, Directory};
use crate::id::PersonId;
use crate::policy::Policy;
use crate::port::Manner;

/// The channels that are set up, with the manner of each.
pub type Channels = BTreeMap<String, Manner>;

/// A contact that a channel can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The channel's id.
    pub channel: String,
    /// The address, for the channel only.
    pub address: String,
    /// The address as it may be shown and kept in the ledger: enough to know which, too little to use.
    pub hint: String,
}

/// How a person can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// Used all at once.
    pub silent: Vec<Route>,
    /// Called in turn.
    pub voice: Vec<Route>,
    /// Contacts that no channel can use, with the reason.
    pub unusable: Vec<(Contact, Unusable)>,
}

/// Why a contact cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// No channel of that id is set up.
    NoChannel,
    /// The channel is set up, but the policy never uses it.
    NotInPolicy,
    /// The address is read by people outside the organisation.
    Outside,
}

impl Routes {
    /// Whether there is no way at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.silent.is_empty() && self.voice.is_empty()
    }
}

/// The routes of a person now.
#[must_use]
pub fn routes(
    directory: &Directory,
    channels: &Channels,
    policy: &Policy,
    person: &PersonId,
) -> Routes {
    let mut found = Routes::default();
    let Some(person) = directory.find_person(person) else { return found };
    for contact in &person.contact {
        let circle = classify_contact(&directory.organisation, &contact.channel, &contact.address);
        let Some(manner) = channels.get(&contact.channel) else {
            found.unusable.push((contact.clone(), Unusable::NoChannel));
            continue;
        };
        let list = match manner {
            Manner::Voice => &mut found.voice,
            Manner::Silent if policy.silent.contains(&contact.channel) => &mut found.silent,
            Manner::Silent => {
                found.unusable.push((contact.clone(), Unusable::NotInPolicy));
                continue;
            }
        };
        // An outside address stays among the routes: its attempt is refused at the door of the circle, which the
        // reporter sees and which calls the next channel at once. Dropping it here would hide it.
        if circle == Circle::Public {
            found.unusable.push((contact.clone(), Unusable::Outside));
        }
        let hint = mask(&contact.channel, &contact.address);
        let twins =
            list.iter().filter(|r| r.channel == contact.channel && r.hint.starts_with(&hint));
        let hint = match twins.count() {
            0 => hint,
            twins => format!("{hint} ({})", twins.saturating_add(1)),
        };
        list.push(Route {
            channel: contact.channel.clone(),
            address: contact.address.clone(),
            hint,
        });
    }
    found
}

/// Enough of an address to know which it is, too little to use it.
#[must_use]
pub fn mask(channel: &str, address: &str) -> String {
    let tail = |n: usize| {
        let skip = address.chars().count().saturating_sub(n);
        address.chars().skip(skip).collect::<String>()
    };
    match channel {
        "mail" => match address.rsplit_once('@') {
            Some((local, host)) => {
                format!("{}…@{host}", local.chars().take(1).collect::<String>())
            }
            None => "…".to_owned(),
        },
        "webhook" => address
            .split_once("://")
            .and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
            .map(|authority| authority.rsplit_once('@').map_or(authority, |(_, host)| host))
            .unwrap_or("…")
            .to_owned(),
        _ if address.chars().count() > 8 => format!("…{}", tail(4)),
        _ => format!("…{}", tail(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_never_holds_the_address() {
        let cases = [
            ("mail", "sato@example.co.jp", "s…@example.co.jp"),
            ("mail", "broken", "…"),
            ("voice", "+819000000001", "…0001"),
            ("sms", "110", "…0"),
            ("webhook", "https://u:secret@h.test:8/path/token?x", "h.test:8"),
        ];
        for (channel, address, hint) in cases {
            assert_eq!(mask(channel, address), hint);
        }
    }
}
