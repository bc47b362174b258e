//! The simulated phones and mailboxes.

use std::sync::Arc;

use channels::simulated::Fault;
use channels::{SimulatedChannel, SimulatedWorld};
use domain::id::{AttemptId, PersonId};
use domain::port::{Channel, Message, Outcome, Proof, Why};

use crate::support::{
    NOW, again, clock, in_time, is_accepted, refused, send, send_message, summons,
};

fn channel(id: &str, world: &SimulatedWorld) -> Arc<dyn Channel> {
    Arc::new(SimulatedChannel::new(id, world).unwrap())
}

#[tokio::test]
async fn what_is_sent_is_on_the_persons_device() {
    let world = SimulatedWorld::new(clock());
    let tanaka = Message {
        person: PersonId::new("per_tanaka"),
        person_name: "田中 花子".to_owned(),
        ..summons()
    };
    send(channel("sms", &world).as_ref(), "+819000000002").await;
    send_message(channel("push", &world).as_ref(), "tanaka-phone", tanaka).await;
    send(channel("voice", &world).as_ref(), "+819000000002").await;

    let devices = world.devices();
    let names = devices.iter().map(|device| device.person_name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["佐藤 健", "田中 花子"]);
    let inbox = world.inbox(&PersonId::new("per_sato"));
    assert_eq!(inbox, devices.first().unwrap().inbox);
    let came = inbox.iter().map(|one| (one.sequence, one.channel)).collect::<Vec<_>>();
    assert_eq!(came, [(1, "sms"), (3, "voice")]);
    let first = inbox.first().unwrap();
    assert_eq!((first.number, first.at, first.address.as_str()), (2, NOW, "+819000000002"));
    assert_eq!(first.answer_url, summons().answer_url);
    assert_eq!((&first.subject, &first.text), (&summons().subject, &summons().text));
}

#[tokio::test]
async fn each_channel_proves_what_it_would_in_life_and_a_telephone_only_rings() {
    let world = SimulatedWorld::new(clock());
    let cases = [
        ("sms", "+819000000002", Proof::Delivered),
        ("push", "sato-phone", Proof::Delivered),
        ("chat", "@sato", Proof::Delivered),
        ("mail", "sato@example.co.jp", Proof::HandedOver),
        ("webhook", "https://a.example/", Proof::HandedOver),
        ("voice", "+819000000002", Proof::HandedOver),
    ];
    for (id, address, expected) in cases {
        let outcome = send(channel(id, &world).as_ref(), address).await;
        let Outcome::Accepted { proof, provider_ref } = outcome else { panic!("{id}") };
        assert_eq!(proof, expected, "{id}");
        assert!(provider_ref.is_some_and(|reference| reference.starts_with("simulated-")));
    }
    assert!(SimulatedChannel::new("fax", &world).is_none());
}

#[tokio::test]
async fn a_broken_address_fails_until_it_is_mended() {
    let world = SimulatedWorld::new(clock());
    let sms = channel("sms", &world);
    let address = "+819000000002";
    world.break_address(address, Fault::TryAgain(Why::Unreachable));
    assert_eq!(send(sms.as_ref(), address).await, again(Why::Unreachable));
    world.break_address(address, Fault::Refuse(Why::Gone));
    assert_eq!(send(sms.as_ref(), address).await, refused(Why::Gone));
    assert!(is_accepted(&send(sms.as_ref(), "+819000000003").await));
    world.mend_address(address);
    assert!(is_accepted(&send(sms.as_ref(), address).await));
    assert_eq!(world.inbox(&PersonId::new("per_sato")).len(), 2);
}

#[tokio::test]
async fn whoever_watches_hears_of_every_change() {
    let world = SimulatedWorld::new(clock());
    let mut watching = world.watch();
    let first = *watching.borrow_and_update();
    send(channel("chat", &world).as_ref(), "@sato").await;
    in_time(watching.wait_for(|version| *version > first)).await.unwrap();
    world.break_address("@sato", Fault::Hang);
    in_time(watching.wait_for(|version| *version > first + 1)).await.unwrap();
}

#[tokio::test]
async fn the_newest_five_hundred_messages_are_kept() {
    let world = SimulatedWorld::new(clock());
    let chat = channel("chat", &world);
    for nth in 1..=503 {
        let attempt = AttemptId::nth(&summons().incident, nth);
        send_message(chat.as_ref(), "@sato", Message { attempt, ..summons() }).await;
    }
    let inbox = world.inbox(&PersonId::new("per_sato"));
    assert_eq!(inbox.len(), 500);
    assert_eq!(inbox.first().unwrap().sequence, 4);
    assert_eq!(inbox.last().unwrap().attempt.as_str(), "att_01test_503");
}
