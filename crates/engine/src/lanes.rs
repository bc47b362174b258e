//! How many messages are on their way at once: over one channel, and to one address of it.
//!
//! An address that hangs fills its own lane and no more, so that it keeps nobody else's messages waiting.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::port::Channel;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One address takes at most this part of what its channel can carry.
const SHARE_OF_ADDRESS: usize = 4;
/// How many addresses are remembered before those that nobody writes to are forgotten.
const ADDRESSES_MAX: usize = 4_096;

/// The lanes of one channel.
struct ChannelLanes {
    whole: Arc<Semaphore>,
    of_address: usize,
    addresses: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Every channel's lanes, by the channel's id.
pub(crate) struct Lanes(BTreeMap<String, ChannelLanes>);

/// The right to send one message. Dropping it lets the next one go.
pub(crate) struct Lane {
    _address: OwnedSemaphorePermit,
    _channel: OwnedSemaphorePermit,
}

impl Lanes {
    pub(crate) fn new(channels: &[Arc<dyn Channel>]) -> Self {
        let lanes = channels.iter().map(|channel| {
            let info = channel.info();
            let whole = info.parallel_max.max(1);
            let lanes = ChannelLanes {
                whole: Arc::new(Semaphore::new(whole)),
                of_address: whole.div_ceil(SHARE_OF_ADDRESS),
                addresses: Mutex::default(),
            };
            (info.id.to_owned(), lanes)
        });
        Self(lanes.collect())
    }

    /// Waits for a place. `None` for a channel that is not set up, which no message leaves by.
    pub(crate) async fn enter(&self, channel: &str, address: &str) -> Option<Lane> {
        let lanes = self.0.get(channel)?;
        // The address first: whoever waits for it must not hold a place of the channel meanwhile.
        let of_address = lanes.of_address(address).acquire_owned().await.ok()?;
        let of_channel = lanes.whole.clone().acquire_owned().await.ok()?;
        Some(Lane { _address: of_address, _channel: of_channel })
    }
}

impl ChannelLanes {
    fn of_address(&self, address: &str) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = addresses.get(address) {
            return lane.clone();
        }
        if addresses.len() >= ADDRESSES_MAX {
            addresses.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        let lane = Arc::new(Semaphore::new(self.of_address));
        addresses.insert(address.to_owned(), lane.clone());
        lane
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::pin::Pin;

    use domain::circle::Cleared;
    use domain::port::{ChannelInfo, Manner, Message, Outcome, Proof, Sending, Why};
    use futures_util::FutureExt as _;

    use super::*;

    /// Eight places, and no wire.
    struct Wire;

    impl Channel for Wire {
        fn info(&self) -> ChannelInfo {
            ChannelInfo {
                id: "wire",
                manner: Manner::Silent,
                proof: Proof::HandedOver,
                text_chars_max: 1,
                parallel_max: 8,
                address_example: "x",
            }
        }

        fn check_address(&self, _: &str) -> Result<(), String> {
            Ok(())
        }

        fn send<'a>(&'a self, _: &'a Cleared<Message>) -> Sending<'a> {
            Box::pin(ready(Outcome::Refused { why: Why::Broken }))
        }

        fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
            Box::pin(ready(Ok(())))
        }
    }

    #[test]
    fn an_address_that_hangs_keeps_its_own_messages_waiting_and_no_others() {
        let lanes = Lanes::new(&[Arc::new(Wire)]);
        let enter = |address: &'static str| lanes.enter("wire", address).now_or_never().flatten();
        let mut hanging: Vec<Lane> = std::iter::from_fn(|| enter("hangs")).take(99).collect();
        assert_eq!(hanging.len(), 2, "a quarter of the channel");
        let others: Vec<Lane> =
            ["a", "a", "b", "b", "c", "c"].into_iter().filter_map(enter).collect();
        assert_eq!(others.len(), 6, "what is left of the channel");
        assert!(enter("d").is_none(), "the channel is full");
        hanging.pop();
        assert!(enter("d").is_some(), "a place is free again");
    }
}
