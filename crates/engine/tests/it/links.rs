//! Answer links: one token is one person and one incident, and looking changes nothing.

use domain::incident::Command;
use domain::incident::escalation::reply::Reply;
use testkit::{World, mins, per};

fn token_of(world: &mut World, name: &str) -> String {
    let url = world.expect_attempt(name).sent().message.answer_url.clone().unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_token_leads_to_its_person_and_incident_and_looking_changes_nothing() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let token = token_of(&mut world, "ann");
    let before = world.incident(&id).seq;
    let engine = world.engine();
    for _ in 0..3 {
        let page = world.run(engine.find_answer(&token)).unwrap().unwrap();
        assert_eq!((&page.incident.id, &page.person), (&id, &per("ann")));
    }
    assert_eq!(world.incident(&id).seq, before);
    assert_eq!(world.engine().backlog().deliveries, 0);
}

#[test]
fn people_and_incidents_have_different_tokens() {
    let mut world = World::new();
    world.report("one").by("carol");
    let first = token_of(&mut world, "ann");
    let second_id = world.report("two").by("carol");
    let second = token_of(&mut world, "ann");
    assert_ne!(first, second);
    world.advance(mins(3));
    let of_bob = world
        .sent()
        .into_iter()
        .find(|s| s.message.person == per("bob") && s.message.incident == second_id)
        .unwrap();
    assert!(!of_bob.message.answer_url.unwrap().ends_with(&second));
}

#[test]
fn a_token_that_was_changed_anywhere_leads_nowhere() {
    let mut world = World::new();
    world.report("one").by("carol");
    let token = token_of(&mut world, "ann");
    world.report("two").by("carol");
    let other = token_of(&mut world, "ann");
    let engine = world.engine();
    let leads = |token: &str| world.run(engine.find_answer(token)).unwrap().is_some();
    assert!(leads(&token));
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(!leads(&changed), "changed at {place}");
    }
    // The incident of one with the signature of the other.
    let spliced = format!("{}{}", &token[..22], &other[22..]);
    assert!(spliced != token && !leads(&spliced));
    for nonsense in ["", "a", &token[..42], &format!("{token}A"), "../../etc", "日本語"] {
        assert!(!leads(nonsense), "{nonsense:?}");
    }
}

#[test]
fn somebody_who_has_not_been_called_yet_has_no_working_token() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    let engine = world.engine();
    let url = engine.answer_url(&world.incident(&id), &per("bob")).unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert!(world.run(engine.find_answer(token)).unwrap().is_none());
    world.advance(mins(3));
    assert!(world.run(engine.find_answer(token)).unwrap().is_some());
}

#[test]
fn a_token_still_leads_to_its_page_after_the_end_but_answers_nothing() {
    for end in ["close", "stand_down"] {
        let mut world = World::new();
        let id = world.report("it is down").by("carol");
        let token = token_of(&mut world, "ann");
        if end == "close" {
            world.answer(&id, "ann", Reply::Accept).unwrap();
            world.tell(&id, "ann", Command::Close { note: String::new() }).unwrap();
        } else {
            world.tell(&id, "carol", Command::StandDown { why: String::new() }).unwrap();
        }
        let engine = world.engine();
        let page = world.run(engine.find_answer(&token)).unwrap().unwrap();
        assert_eq!(page.person, per("ann"));
        assert!(world.answer(&id, "ann", Reply::Cannot).is_err(), "{end}");
    }
}

#[test]
fn news_ask_for_no_answer_and_hold_no_link() {
    let mut world = World::new();
    let id = world.report("it is down").by("carol");
    world.answer(&id, "ann", Reply::Accept).unwrap();
    assert_eq!(world.expect_news("carol").sent().message.answer_url, None);
}
