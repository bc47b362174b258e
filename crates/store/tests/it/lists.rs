//! Lists of incidents.

use domain::id::ProjectId;
use store::{Cursor, Escalation, IncidentState, LIST_MAX, ListFilter, Store};

use crate::build::{World, at, incident, person, report};

/// Reports `a0`, `a1`, …; two and two opened at the same moment, every third closed, every other seen by mori.
async fn filled(world: &World, count: i64) -> Store {
    let store = world.open().await;
    for number in 0..count {
        let mut batch = report(&format!("a{number}"));
        let summary = batch.summary.as_mut().unwrap();
        summary.opened_at = at(number / 2);
        if number % 3 == 0 {
            summary.state = IncidentState::Closed;
            summary.escalation = Escalation::StoodDown;
            summary.lead = Some(person("mori"));
            summary.kind = Some("leak".into());
            summary.project = Some(ProjectId::new("prj_checkout"));
            summary.is_drill = true;
        }
        if number % 2 == 0 {
            batch.members_add.push(person("mori"));
        }
        store.commit(batch).await.unwrap();
    }
    store
}

fn all(limit: u32) -> ListFilter {
    ListFilter { limit, ..ListFilter::default() }
}

pub(crate) async fn a_list_is_paged_without_gap_or_repeat_even_at_equal_moments(world: World) {
    let store = filled(&world, 9).await;
    let whole = store.list_incidents(&all(100)).await.unwrap();
    let order: Vec<_> = whole.iter().map(|row| row.id.as_str().replace("inc_a", "")).collect();
    assert_eq!(order.join(" "), "8 7 6 5 4 3 2 1 0");
    let mut paged = Vec::new();
    let mut filter = all(2);
    loop {
        let page = store.list_incidents(&filter).await.unwrap();
        let Some(last) = page.last() else { break };
        let text = last.cursor().to_string();
        filter.after = Some(text.parse::<Cursor>().unwrap());
        paged.extend(page);
    }
    assert_eq!(paged, whole);
}

pub(crate) async fn a_list_can_be_narrowed_to_a_state(world: World) {
    let store = filled(&world, 9).await;
    let mut filter = all(100);
    filter.state = Some(IncidentState::Closed);
    let closed = store.list_incidents(&filter).await.unwrap();
    assert_eq!(closed.len(), 3);
    assert!(closed.iter().all(|row| row.summary.lead == Some(person("mori"))
        && row.summary.is_drill
        && row.summary.project.is_some()
        && row.summary.kind.as_deref() == Some("leak")
        && row.summary.escalation == Escalation::StoodDown));
    filter.state = Some(IncidentState::Open);
    assert_eq!(store.list_incidents(&filter).await.unwrap().len(), 6);
}

pub(crate) async fn a_person_sees_only_where_they_are_a_member(world: World) {
    let store = filled(&world, 9).await;
    let mut filter = all(100);
    filter.visible_to = Some(person("mori"));
    let seen = store.list_incidents(&filter).await.unwrap();
    let order: Vec<_> = seen.iter().map(|row| row.id.as_str().replace("inc_a", "")).collect();
    assert_eq!(order.join(" "), "8 6 4 2 0");
    filter.visible_to = Some(person("ito"));
    assert_eq!(store.list_incidents(&filter).await.unwrap(), []);
    assert!(store.is_member(&incident("a0"), &person("mori")).await.unwrap());
    assert!(!store.is_member(&incident("a1"), &person("mori")).await.unwrap());
}

pub(crate) async fn a_reporter_finds_their_own_reports(world: World) {
    let store = filled(&world, 5).await;
    let mut other = report("other");
    other.summary.as_mut().unwrap().reporter = person("mori");
    store.commit(other).await.unwrap();
    let first = store.list_incidents_of_reporter(&person("tanaka"), None, 3).await.unwrap();
    let cursor = first.last().unwrap().cursor();
    let rest =
        store.list_incidents_of_reporter(&person("tanaka"), Some(&cursor), 100).await.unwrap();
    let order: Vec<_> =
        first.iter().chain(&rest).map(|row| row.id.as_str().replace("inc_a", "")).collect();
    assert_eq!(order.join(" "), "4 3 2 1 0");
}

pub(crate) async fn a_limit_beyond_the_largest_is_held_to_it(world: World) {
    let store = world.open().await;
    let commits: Vec<_> = (0..=LIST_MAX)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(report(&format!("a{number}"))).await })
        })
        .collect();
    for commit in commits {
        commit.await.unwrap().unwrap();
    }
    let list = store.list_incidents(&all(u32::MAX)).await.unwrap();
    assert_eq!(list.len(), LIST_MAX as usize);
    assert_eq!(store.list_incidents(&all(0)).await.unwrap(), []);
}
