//! Which network addresses a webhook may be sent to.
//!
//! Everything that is not the public internet is refused unless the configuration lists it: otherwise whoever may
//! edit a contact could make the server talk to its own machine, its neighbours or a cloud's metadata service.
//! The check belongs on the address that is connected to, not on the name, so that a name which changes its
//! address between the check and the connection gains nothing; see `http.rs`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// An address that is neither public nor listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not public and not listed in channels.webhook.allow")]
pub struct AddressNotAllowed;

/// The public internet plus the listed networks.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    allow: Vec<IpNet>,
}

impl AddressPolicy {
    /// The public internet plus `allow`.
    #[must_use]
    pub const fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Reads networks such as `10.1.0.0/16`, `::1/128`, or single addresses.
    ///
    /// # Errors
    /// The position, from 0, of the first one that is neither.
    pub fn parse(allow: &[String]) -> Result<Self, usize> {
        let read = |(place, text): (usize, &String)| {
            let text = text.trim();
            let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| place)
        };
        allow.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self::new)
    }

    /// Whether ippo may connect to `address`.
    ///
    /// # Errors
    /// [`AddressNotAllowed`] when it is neither public nor listed.
    pub fn check(&self, address: IpAddr) -> Result<(), AddressNotAllowed> {
        let address = innermost(address);
        let is_listed = self.allow.iter().any(|net| net.contains(&address));
        if is_listed || is_public(address) { Ok(()) } else { Err(AddressNotAllowed) }
    }
}

/// The IPv4 address that an IPv6 address stands for, where the packet would end up there; else the address itself.
fn innermost(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(mapped) = v6.to_ipv4_mapped() {
        return IpAddr::V4(mapped);
    }
    match v6.segments() {
        // The well-known NAT64 prefix: on a network without IPv4 every public name resolves to one of these.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let bits = v4.to_bits();
            !CLOSED_V4.iter().any(|(net, length)| has_prefix_v4(bits, *net, *length))
        }
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            has_prefix_v6(bits, GLOBAL_V6.0, GLOBAL_V6.1)
                && !CLOSED_V6.iter().any(|(net, length)| has_prefix_v6(bits, *net, *length))
        }
    }
}

const fn has_prefix_v4(bits: u32, net: [u8; 4], length: u32) -> bool {
    (bits ^ u32::from_be_bytes(net)) >> (32 - length) == 0
}

const fn has_prefix_v6(bits: u128, net: Ipv6Addr, length: u32) -> bool {
    (bits ^ net.to_bits()) >> (128 - length) == 0
}

/// Networks that are not the public internet, after the registry of special-purpose addresses.
const CLOSED_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // behind a carrier's address translation
    ([127, 0, 0, 0], 8),     // this machine
    ([169, 254, 0, 0], 16),  // link-local, and the metadata service of most clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments, and the metadata service of one cloud
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // relays from IPv6
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // many receivers
    ([240, 0, 0, 0], 4),     // reserved, and the broadcast address
];

/// The only part of IPv6 from which global addresses are given out.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Parts of [`GLOBAL_V6`] that are not the public internet.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments and tunnels
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // tunnels that end at any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_open() {
        let cases = [
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.1", true),
            ("192.0.1.1", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.192", false),
            ("192.168.1.1", false),
            ("198.19.0.1", false),
            ("203.0.113.9", false),
            ("224.0.0.1", false),
            ("239.255.255.255", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("::", false),
            ("::1", false),
            ("::127.0.0.1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("64:ff9b:1::808:808", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::1", false),
            ("3fff::1", false),
            ("4000::1", false),
        ];
        for (address, is_open) in cases {
            let checked = AddressPolicy::default().check(address.parse().unwrap());
            assert_eq!(checked.is_ok(), is_open, "{address}");
        }
    }

    #[test]
    fn a_listed_network_is_open_and_its_neighbours_stay_closed() {
        let list = ["127.0.0.1/32".to_owned(), "10.1.0.0/16".to_owned(), " fd00::5 ".to_owned()];
        let policy = AddressPolicy::parse(&list).unwrap();
        let cases = [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("fd00::5", true),
            ("fd00::6", false),
            ("169.254.169.254", false),
        ];
        for (address, is_open) in cases {
            assert_eq!(policy.check(address.parse().unwrap()).is_ok(), is_open, "{address}");
        }
    }

    #[test]
    fn a_listed_network_that_cannot_be_read_is_pointed_out() {
        let list = ["127.0.0.1/32".to_owned(), "localhost".to_owned()];
        assert_eq!(AddressPolicy::parse(&list).unwrap_err(), 1);
    }
}
