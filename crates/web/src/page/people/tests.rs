//! Setting people, teams and projects up, as an admin's browser does it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::circle::Cleared;
use domain::directory::Person;
use domain::port::{Channel, ChannelInfo, Manner, Message, Sending};
use engine::{Engine, EngineConfig, EngineParts};
use store::{Account, Store, StoreConfig};
use testkit::{FakeChannel, FakeClock, Office, Outside, SeededEntropy, per, person, project, team};

use super::*;
use crate::app::{App, WebConfig};
use crate::test_support::Site;

async fn stored(site: &Site, name: &str) -> Option<Person> {
    let parts = site.app.engine().store().load_directory().await.unwrap();
    parts.people.into_iter().find(|person| person.id == per(name))
}

#[tokio::test]
async fn everybody_sees_people_and_only_admins_see_their_forms() {
    let site = Site::new().await;
    let list = site.get("/people", "erin").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.text.contains("href=\"/people/per_carol\""));
    assert!(!list.text.contains("/people/new") && !list.text.contains("/projects/prj_shop/edit"));
    assert!(list.text.contains("There is only one last resort."));
    assert!(list.text.contains("erin has no telephone number."));
    let own = site.get("/people", "root").await;
    assert!(own.text.contains("/people/new") && own.text.contains("/projects/prj_shop/edit"));
    for path in ["/people/new", "/people/per_ann/edit", "/teams/new", "/projects/prj_shop/edit"] {
        assert_eq!(site.get(path, "erin").await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(site.get(path, "root").await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(site.get("/people/per_nobody", "erin").await.status, StatusCode::NOT_FOUND);
    let stranger = site.get_as_stranger("/people/per_ann").await;
    assert_eq!(stranger.location(), "/sign-in?then=%2Fpeople%2Fper%5Fann");
}

#[tokio::test]
async fn a_person_shows_the_line_and_numbers_but_no_addresses_of_others() {
    let site = Site::new().await;
    let page = site.get("/people/per_carol", "erin").await;
    assert!(page.text.contains("The reporter’s manager"), "who is called for carol");
    assert!(page.text.contains("tel:+8190"), "calling is always allowed");
    assert!(page.text.contains("c…@example.co.jp"));
    assert!(!page.text.contains("carol@example.co.jp"));
    for reader in ["carol", "root"] {
        let page = site.get("/people/per_carol", reader).await;
        assert!(page.text.contains("carol@example.co.jp"), "{reader}");
    }
}

#[tokio::test]
async fn a_person_added_by_an_admin_is_there_at_once() {
    let site = Site::new().await;
    let form = "id=per_fay&name=+Fay+&locale=ja&timezone=Asia%2FTokyo&manager=per_ann&deputy_1=per_bob\
                &deputy_2=&deputy_3=per_bob&channel_1=mail&address_1=fay%40example.co.jp&channel_2=&address_2=\
                &channel_3=push&address_3=later&away_from_1=2026-12-29&away_to_1=2027-01-03";
    let done = site.post("/people", "root", form).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/people/per_fay"));
    let fay = stored(&site, "fay").await.unwrap();
    assert_eq!((fay.name.as_str(), fay.locale.as_str()), ("Fay", "ja"));
    assert_eq!((fay.manager, fay.deputies), (Some(per("ann")), vec![per("bob")]));
    assert_eq!(fay.contact.len(), 2, "also one of a channel that is not set up yet");
    assert_eq!(fay.absence.len(), 1);
    assert!(!fay.admin);
    let page = site.get("/people/per_fay", "erin").await;
    assert!(page.text.contains("Fay") && page.text.contains("this channel is not set up"));
    assert!(page.text.contains("Tue 29 Dec – Sun 3 Jan 2027"));
}

#[tokio::test]
async fn an_address_outside_is_kept_and_said_to_be_outside() {
    let site = Site::new().await;
    let form = "name=erin&channel_1=mail&address_1=erin%40home.example";
    let done = site.post("/people/per_erin", "root", form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = site.get(done.location(), "root").await;
    assert!(page.text.contains("not used: people outside could read it there"));
    assert!(page.text.contains("erin has no working channel."));
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_what_was_typed_stays() {
    let site = Site::new().await;
    let form = "id=per+x%21&name=&timezone=Mars%2FBase&manager=per_gone&deputy_1=per_nobody\
                &channel_1=mail&address_1=&channel_2=pigeon&address_2=roof&away_from_1=2026-12-29&away_to_1=2026-12-28";
    let found = site.post("/people", "root", form).await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = [
        "An ID has up to 64 letters",
        "Give a name of up to 100 characters.",
        "There is no time zone “Mars/Base”",
        "Manager names per_gone",
        "Deputies names per_nobody",
        "Contact 1 lacks its channel or its address.",
        "“pigeon” is not a channel that can be used.",
        "Absence 1 needs a first day",
    ];
    for text in said {
        assert!(found.text.contains(text), "{text}");
    }
    for typed in
        ["value=\"per x!\"", "value=\"Mars/Base\"", "value=\"roof\"", "value=\"2026-12-28\""]
    {
        assert!(found.text.contains(typed), "{typed}");
    }
    assert!(found.text.contains("<option value=\"per_gone\" selected>"));
    assert_eq!(site.app.engine().store().load_directory().await.unwrap().people.len(), 5);
    for (form, text) in [
        ("id=per_ann&name=Ann", "The ID “per_ann” is in use."),
        ("id=new&name=New", "An ID has up to 64 letters"),
        ("id=per_y&name=Y&manager=per_y", "Manager names per_y"),
    ] {
        let found = site.post("/people", "root", form).await;
        assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(found.text.contains(text), "{text}");
    }
    let own = site.post("/people/per_ann", "root", "name=ann&deputy_1=per_ann").await;
    assert!(own.text.contains("“Deputies” cannot be the person themselves."));
}

#[tokio::test]
async fn a_channel_says_what_is_wrong_with_an_address() {
    let site = site_with_strict_mail().await;
    let form = "name=erin&channel_1=mail&address_1=nowhere";
    let found = site.post("/people/per_erin", "root", form).await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = "“nowhere” cannot be used with this channel. Example: hanako@example.co.jp (there is no @ in it)";
    assert!(found.text.contains(said));
    let form = "name=erin&channel_1=mail&address_1=erin%40example.co.jp";
    assert_eq!(site.post("/people/per_erin", "root", form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn saving_a_form_as_it_was_shown_changes_nothing() {
    let many = ["ann", "bob", "erin", "root", "gil"];
    let carol = many
        .iter()
        .fold(person("carol").managed_by("ann").mail().voice(), |carol, name| carol.deputy(name));
    let office = Office::usual().person(carol).person(person("root").admin()).person(person("gil"));
    let site = Site::of(office).await;
    let before = stored(&site, "carol").await.unwrap();
    let page = site.get("/people/per_carol/edit", "root").await;
    let form = fields_of(&page.text);
    assert!(form.contains("deputy_5=per%5Fgil"), "{form}");
    assert_eq!(site.post("/people/per_carol", "root", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stored(&site, "carol").await.unwrap(), before);
}

/// The fields of the first form that is posted to `/people/…`, as a browser would send them.
fn fields_of(html: &str) -> String {
    let (_, form) = html.split_once("data-draft=").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let mut fields = Vec::new();
    for piece in form.split('<') {
        let tag = piece.split('>').next().unwrap();
        if tag.starts_with("select ") {
            fields.push((attribute(tag, "name").unwrap(), String::new()));
        } else if tag.starts_with("option ") && tag.ends_with(" selected") {
            fields.last_mut().unwrap().1 = attribute(tag, "value").unwrap();
        } else if tag.starts_with("input ")
            && !tag.contains("\"csrf\"")
            && (!tag.contains("checkbox") || tag.ends_with(" checked"))
        {
            let value = attribute(tag, "value").unwrap_or_default();
            fields.push((attribute(tag, "name").unwrap(), value));
        }
    }
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn an_admin_cannot_shut_themselves_out() {
    let site = Site::new().await;
    let kept = site.post("/people/per_root", "root", "name=root").await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kept.text.contains("You cannot stop setting ippo up yourself."));
    let kept = site.post("/people/per_root/delete", "root", "").await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(stored(&site, "root").await.unwrap().admin);
}

#[tokio::test]
async fn the_last_resort_stays() {
    let site = Site::new().await;
    let kept = site.post("/people/per_bob/delete", "root", "").await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text.contains("bob is a last resort."));
    assert!(stored(&site, "bob").await.is_some());
}

#[tokio::test]
async fn whoever_is_removed_cannot_come_in_any_more_not_even_as_somebody_of_the_same_id() {
    let site = Site::new().await;
    let (cookie, _) = site.device("erin").await;
    let account = Account {
        person: per("erin"),
        password_hash: None,
        created_at: site.app.engine().now(),
        password_changed_at: None,
    };
    let store = site.app.engine().store();
    store.insert_account(&account).await.unwrap();
    crate::api::v1::login::make_token(&site.app, &per("erin"), "laptop").await.unwrap();
    let done = site.post("/people/per_erin/delete", "root", "").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/people"));
    assert!(stored(&site, "erin").await.is_none());
    site.post("/people", "root", "id=per_erin&name=Another").await;
    let page = site.get_with("/people", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "to the sign-in page");
    assert!(store.find_account(&per("erin")).await.unwrap().is_none());
    let tokens = store.list_tokens(&per("erin")).await.unwrap();
    assert!(tokens.iter().all(|token| token.revoked_at.is_some()));
    assert_eq!(
        site.post("/people/per_gone/delete", "root", "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn nothing_is_changed_by_others_or_without_the_proof_of_the_form() {
    let site = Site::new().await;
    let paths =
        ["/people", "/people/per_erin", "/people/per_erin/delete", "/projects/prj_shop/delete"];
    let before = site.app.engine().store().load_directory().await.unwrap();
    for path in paths {
        let form = "id=per_x&name=X";
        assert_eq!(site.post(path, "erin", form).await.status, StatusCode::NOT_FOUND, "{path}");
        let raw = site.post_raw(path, Some("root"), form).await;
        assert_eq!(raw.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(site.post_raw(path, None, form).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    assert_eq!(site.app.engine().store().load_directory().await.unwrap(), before);
}

#[tokio::test]
async fn a_team_and_its_project_are_made_changed_and_removed() {
    let site = Site::new().await;
    let form =
        "id=team_a&name=A&lead=per_ann&deputy_1=per_bob&deputy_2=&member=per_carol&member=per_erin";
    let done = site.post("/teams", "root", form).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/people"));
    let form = "id=prj_b&name=B&team=team_a&lead=&deputy_1=";
    assert_eq!(site.post("/projects", "root", form).await.status, StatusCode::SEE_OTHER);
    let world = site.app.engine().world();
    let team = world.directory.teams.values().next().unwrap();
    assert_eq!((team.members.len(), &team.deputies), (2, &vec![per("bob")]));
    let list = site.get("/people", "erin").await;
    assert_eq!(list.text.matches("Led by ann").count(), 2, "the team's lead leads the project");
    let used = site.post("/teams/team_a/delete", "root", "").await;
    assert_eq!(used.status, StatusCode::CONFLICT);
    assert!(used.text.contains("A is still named by B."));
    let edit = site.get("/teams/team_a/edit", "root").await;
    assert!(edit.text.contains("value=\"per_carol\" checked"));
    let found = site.post("/teams/team_a", "root", "name=A&lead=per_gone&member=per_who").await;
    assert_eq!(found.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        found.text.contains("Lead names per_gone") && found.text.contains("Members names per_who")
    );
    assert!(site.post("/projects", "root", "id=prj_b&name=B").await.text.contains("is in use"));
    assert_eq!(site.post("/projects/prj_b/delete", "root", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.post("/teams/team_a/delete", "root", "").await.status, StatusCode::SEE_OTHER);
    let world = site.app.engine().world();
    assert!(world.directory.teams.is_empty());
    assert_eq!(world.directory.projects.len(), 1);
}

#[tokio::test]
async fn whoever_is_named_and_gone_is_listed_as_something_to_put_right() {
    let office = Office::usual()
        .person(person("root").admin())
        .team(team("x").led_by("gone"))
        .project(project("y").of_team("none"));
    let site = Site::of(office).await;
    let list = site.get("/people", "erin").await;
    assert!(list.text.contains("x names per_gone, who is not in the directory."));
    assert!(list.text.contains("y names a team that is not in the directory."));
    let form = site.get("/teams/team_x/edit", "root").await;
    assert!(form.text.contains("<option value=\"per_gone\" selected>per_gone</option>"));
}

/// A channel that only takes addresses with an `@`.
struct Strict(FakeChannel);

impl Channel for Strict {
    fn info(&self) -> ChannelInfo {
        ChannelInfo { address_example: "hanako@example.co.jp", ..self.0.info() }
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        if address.contains('@') { Ok(()) } else { Err("there is no @ in it".to_owned()) }
    }

    fn send<'a>(&'a self, message: &'a Cleared<Message>) -> Sending<'a> {
        self.0.send(message)
    }

    fn check<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        self.0.check()
    }
}

async fn site_with_strict_mail() -> Site {
    let office = Office::usual().person(person("root").admin());
    let clock = FakeClock::default();
    let url = "sqlite::memory:strict".to_owned();
    let store = Store::open(&StoreConfig::new(&url), testkit::BEGINNING).await.unwrap();
    store.replace_directory(&office.parts).await.unwrap();
    let mail = Strict(FakeChannel::new("mail", Manner::Silent, &Outside::new(&clock)));
    let parts = EngineParts {
        store,
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SeededEntropy::new(1)),
        channels: vec![Arc::new(mail)],
    };
    let public_url = "http://ippo.example.co.jp".to_owned();
    let config = EngineConfig {
        organisation: office.organisation,
        policy: domain::policy::Policy::default(),
        public_url: public_url.clone(),
    };
    let engine = Engine::start(parts, config).await.unwrap();
    Site { app: App::new(engine, WebConfig { public_url, demo: false }), clock, url }
}
