//! みらい商事: sixteen people, three teams, three projects, one absence.

use domain::directory::{Absence, Contact, Organisation, Person, Project, Rota, Team};
use domain::id::{PersonId, ProjectId, RotaId, TeamId};
use domain::time::Timestamp;
use jiff::ToSpan as _;
use store::DirectoryParts;

const TOKYO: &str = "Asia/Tokyo";
const LONDON: &str = "Europe/London";
/// Domains that end in `.example` belong to nobody.
const DOMAIN: &str = "mirai.example";
const LAST_RESORT: &str = "per_suzuki";

/// One made-up person: id, name, locale, time zone, manager, deputies.
type Entry = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
);

/// In the order of the page: the suggested reporter first, then those who will be called.
const PEOPLE: &[Entry] = &[
    ("per_tanaka", "田中 花子", "ja", TOKYO, Some("per_sato"), &[]),
    ("per_sato", "佐藤 健一", "ja", TOKYO, Some("per_suzuki"), &["per_ito"]),
    ("per_ito", "伊藤 美咲", "ja", TOKYO, Some("per_sato"), &[]),
    ("per_mori", "森 大輔", "ja", TOKYO, Some("per_suzuki"), &["per_takahashi"]),
    ("per_suzuki", "鈴木 一郎", "ja", TOKYO, None, &[]),
    ("per_takahashi", "高橋 由美", "ja", TOKYO, Some("per_mori"), &[]),
    ("per_kato", "加藤 誠", "ja", TOKYO, Some("per_sato"), &[]),
    ("per_watanabe", "渡辺 直子", "ja", TOKYO, Some("per_suzuki"), &["per_yamamoto"]),
    ("per_yamamoto", "山本 翔", "ja", TOKYO, Some("per_watanabe"), &[]),
    ("per_nakamura", "中村 彩", "ja", TOKYO, Some("per_watanabe"), &[]),
    ("per_kobayashi", "小林 学", "ja", TOKYO, Some("per_suzuki"), &[]),
    ("per_morgan", "Alex Morgan", "en", LONDON, Some("per_suzuki"), &["per_nair"]),
    ("per_nair", "Priya Nair", "en", LONDON, Some("per_morgan"), &[]),
    ("per_lee", "Jordan Lee", "en", LONDON, Some("per_morgan"), &[]),
    ("per_silva", "Marta Silva", "en", LONDON, Some("per_morgan"), &[]),
    ("per_okafor", "Sam Okafor", "en", LONDON, Some("per_morgan"), &[]),
];

/// One made-up team: id, name, lead, deputies, members.
type TeamEntry =
    (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const TEAMS: &[TeamEntry] = &[
    (
        "team_billing",
        "決済",
        "per_sato",
        &["per_ito"],
        &["per_tanaka", "per_ito", "per_kato", "per_mori", "per_takahashi"],
    ),
    (
        "team_platform",
        "基盤",
        "per_watanabe",
        &["per_yamamoto"],
        &["per_yamamoto", "per_nakamura", "per_kobayashi"],
    ),
    (
        "team_storefront",
        "Storefront",
        "per_morgan",
        &["per_nair"],
        &["per_nair", "per_lee", "per_silva", "per_okafor"],
    ),
];

const PROJECTS: &[(&str, &str, &str, Option<&str>)] = &[
    ("prj_checkout", "Checkout", "team_billing", Some("per_mori")),
    ("prj_database", "顧客データベース", "team_platform", None),
    ("prj_storefront", "Storefront Web", "team_storefront", Some("per_nair")),
];

/// The company itself.
pub(crate) fn organisation() -> Organisation {
    Organisation {
        name: "みらい商事".to_owned(),
        domains: vec![DOMAIN.to_owned()],
        inside_hosts: Vec::new(),
        locale: "ja".to_owned(),
        timezone: TOKYO.to_owned(),
        last_resort: vec![PersonId::new(LAST_RESORT)],
    }
}

/// Its directory. `now` decides when the one who is away is away.
pub(crate) fn company(now: Timestamp) -> DirectoryParts {
    let people = PEOPLE.iter().enumerate().map(|(index, entry)| person(index, entry, now));
    let ids = |ids: &[&str]| ids.iter().map(|id| PersonId::new(id)).collect();
    let team = |(id, name, lead, deputies, members): &TeamEntry| Team {
        id: TeamId::new(id),
        name: (*name).to_owned(),
        lead: Some(PersonId::new(lead)),
        deputies: ids(deputies),
        members: ids(members),
    };
    let project = |(id, name, team, lead): &(&str, &str, &str, Option<&str>)| Project {
        id: ProjectId::new(id),
        name: (*name).to_owned(),
        team: Some(TeamId::new(team)),
        lead: lead.map(PersonId::new),
        deputies: Vec::new(),
    };
    DirectoryParts {
        version: 0,
        people: people.collect(),
        teams: TEAMS.iter().map(team).collect(),
        projects: PROJECTS.iter().map(project).collect(),
        rotas: vec![Rota {
            id: RotaId::new("rota_platform"),
            team: TeamId::new("team_platform"),
            start: jiff::Timestamp::UNIX_EPOCH,
            shift_hours: 168,
            members: ids(&["per_yamamoto", "per_nakamura"]),
        }],
    }
}

fn person(index: usize, entry: &Entry, now: Timestamp) -> Person {
    let (id, name, locale, timezone, manager, deputies) = *entry;
    let short = id.trim_start_matches(PersonId::PREFIX);
    // Numbers that are kept free for fiction: nobody's telephone rings.
    let number = match locale {
        "ja" => format!("+8190000000{:02}", index.saturating_add(1)),
        _ => format!("+4477009000{:02}", index.saturating_add(1)),
    };
    let contact = |channel: &str, address: String| Contact { channel: channel.to_owned(), address };
    Person {
        id: PersonId::new(id),
        name: name.to_owned(),
        locale: locale.to_owned(),
        timezone: timezone.to_owned(),
        manager: manager.map(PersonId::new),
        deputies: deputies.iter().map(|id| PersonId::new(id)).collect(),
        contact: vec![
            contact("push", format!("{short}-phone")),
            contact("chat", format!("@{short}")),
            contact("mail", format!("{short}@{DOMAIN}")),
            contact("sms", number.clone()),
            contact("voice", number),
        ],
        absence: if id == "per_takahashi" { vec![away_around(now)] } else { Vec::new() },
        admin: id == "per_watanabe",
    }
}

/// From yesterday for a week, whenever the demonstration is shown.
fn away_around(now: Timestamp) -> Absence {
    let today = now.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    let from = today.checked_sub(1.day()).unwrap_or(today);
    let to = today.checked_add(6.days()).unwrap_or(today);
    Absence { from, to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use channels::{SimulatedChannel, SimulatedWorld};
    use domain::line::responsible_line;
    use std::sync::Arc;

    struct Fixed;
    impl domain::port::Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(1_800_000_000_000)
        }
    }

    #[test]
    fn the_company_holds_together_and_every_contact_fits_its_channel() {
        let now = domain::port::Clock::now(&Fixed);
        let parts = company(now);
        let channels = SimulatedChannel::all(&SimulatedWorld::new(Arc::new(Fixed)));
        for contact in parts.people.iter().flat_map(|person| &person.contact) {
            let channel = channels.iter().find(|one| one.info().id == contact.channel).unwrap();
            assert_eq!(channel.check_address(&contact.address), Ok(()), "{contact:?}");
        }
        let directory = engine::to_directory(parts, organisation());
        assert_eq!(directory.problems(), []);
        let tanaka = PersonId::new("per_tanaka");
        let project = ProjectId::new("prj_checkout");
        let line = responsible_line(&directory, &tanaka, Some(&project), now);
        let names: Vec<&str> = line.members.iter().map(|member| member.person.as_str()).collect();
        assert_eq!(names, ["per_mori", "per_sato", "per_ito", "per_suzuki"]);
        assert_eq!(line.passed_over.len(), 1, "one of them is away, so that this can be seen");
    }
}
