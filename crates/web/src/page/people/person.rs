//! The form for a person: read, checked, kept, or shown again with what was typed and what is wrong with it.

use axum::http::StatusCode;
use axum::response::Response;
use domain::directory::Person;
use domain::id::PersonId;
use wording::Locale;

use crate::page::Visit;
use crate::page::form::Form;
use crate::page::people::check::{Check, deputy_slots, numbered, numbered_pairs, person_slot};
use crate::page::people::list::locale_name;
use crate::page::people::{forget_gone, still_needed};
use crate::page::show::channel_word;
use crate::view::person_form::{AbsenceFields, ContactFields, PersonForm};
use crate::view::{Choice, Section};

/// How many empty rows a form ends with.
const SPARE_CONTACTS: usize = 2;

/// The form: empty, or with what is known of a person.
pub(super) fn form(visit: &Visit, id: Option<&str>) -> Result<Response, Box<Response>> {
    visit.admin()?;
    let draft = match id {
        None => Draft::default(),
        Some(id) => Draft::of(&find(visit, id)?),
    };
    Ok(visit.ok(&draft.view(visit, id.is_none(), Vec::new())))
}

/// Keeps what was typed, or shows it again with what is wrong.
pub(super) async fn save(
    visit: &Visit,
    id: Option<&str>,
    form: &Form,
) -> Result<Response, Box<Response>> {
    let admin = visit.admin()?.person.clone();
    visit.check_form(form.csrf())?;
    let before = id.map(|id| find(visit, id)).transpose()?;
    let draft = Draft::read(id, form);
    let person = match draft.check(visit, before.as_ref(), &admin) {
        Ok(person) => person,
        Err(problems) => {
            let view = draft.view(visit, id.is_none(), problems);
            return Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &view));
        }
    };
    let engine = visit.app.engine();
    visit.stored(engine.store().upsert_person(&person).await, &person.name)?;
    visit.reload().await?;
    Ok(visit.done(&format!("/people/{}", person.id), "saved"))
}

/// Removes a person, first what lets them in, then the person: a crash in between leaves nobody who can come in
/// without being in the directory.
pub(super) async fn delete(
    visit: &Visit,
    id: &str,
    form: &Form,
) -> Result<Response, Box<Response>> {
    let admin = visit.admin()?.person.clone();
    visit.check_form(form.csrf())?;
    let person = find(visit, id)?;
    let engine = visit.app.engine();
    let back_to = format!("/people/{id}");
    // Only admins come here, so as long as nobody removes themselves an admin is always left.
    if person.id == admin {
        return Ok(still_needed(visit, visit.w.t("person-delete-yourself"), back_to));
    }
    if engine.world().directory.organisation.last_resort.contains(&person.id) {
        let values = [("name", person.name.as_str())];
        let happened = visit.w.tn("person-delete-last-resort", &values);
        return Ok(still_needed(visit, happened, back_to));
    }
    let store = engine.store();
    for token in visit.stored(store.list_tokens(&person.id).await, "")? {
        if token.revoked_at.is_none() {
            visit.stored(store.revoke_token(&person.id, &token.id, visit.now).await, "")?;
        }
    }
    visit.app.forget_tokens();
    visit.stored(store.delete_sessions_of(&person.id).await, "")?;
    if visit.stored(store.find_account(&person.id).await, "")?.is_some() {
        visit.stored(store.delete_account(&person.id).await, "")?;
    }
    forget_gone(visit, store.delete_person(&person.id).await)?;
    visit.reload().await?;
    Ok(visit.done("/people", "deleted"))
}

fn find(visit: &Visit, id: &str) -> Result<Person, Box<Response>> {
    let world = visit.app.engine().world();
    let found = world.directory.find_person(&PersonId::new(id)).cloned();
    found.ok_or_else(|| Box::new(visit.not_found()))
}

/// A person as typed.
#[derive(Debug, Default)]
struct Draft {
    id: String,
    name: String,
    locale: String,
    timezone: String,
    manager: String,
    deputies: Vec<String>,
    contacts: Vec<(String, String)>,
    absences: Vec<(String, String)>,
    is_admin: bool,
}

impl Draft {
    fn of(person: &Person) -> Self {
        let contacts = person.contact.iter();
        let absences = person.absence.iter();
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            locale: person.locale.clone(),
            timezone: person.timezone.clone(),
            manager: person.manager.as_ref().map(ToString::to_string).unwrap_or_default(),
            deputies: person.deputies.iter().map(ToString::to_string).collect(),
            contacts: contacts.map(|c| (c.channel.clone(), c.address.clone())).collect(),
            absences: absences.map(|a| (a.from.to_string(), a.to.to_string())).collect(),
            is_admin: person.admin,
        }
    }

    fn read(id: Option<&str>, form: &Form) -> Self {
        let text = |name: &str| form.text(name).trim().to_owned();
        Self {
            id: id.map_or_else(|| text("id"), str::to_owned),
            name: text("name"),
            locale: text("locale"),
            timezone: text("timezone"),
            manager: text("manager"),
            deputies: numbered(form, "deputy"),
            contacts: numbered_pairs(form, "channel", "address"),
            absences: numbered_pairs(form, "away_from", "away_to"),
            is_admin: form.is_ticked("admin"),
        }
    }

    /// The person that was typed, or everything that is wrong with them.
    fn check(
        &self,
        visit: &Visit,
        before: Option<&Person>,
        admin: &PersonId,
    ) -> Result<Person, Vec<String>> {
        let world = visit.app.engine().world();
        let mut check = Check::new(visit, &world.directory, &self.id);
        let id = PersonId::new(&self.id);
        if before.is_none() {
            check.new_id(world.directory.find_person(&id).is_some());
        }
        if before.is_some_and(|person| person.id == *admin) && !self.is_admin {
            check.note("form-own-admin");
        }
        let known = list_channels(visit, before);
        let person = Person {
            name: check.name(&self.name),
            locale: Locale::parse(&self.locale).map_or("", Locale::tag).to_owned(),
            timezone: check.zone(&self.timezone),
            manager: check.person(&visit.w.t("person-manager"), &self.manager),
            deputies: check.people(&visit.w.t("person-deputies"), &self.deputies),
            contact: check.contacts(&self.contacts, &known),
            absence: check.absences(&self.absences),
            admin: self.is_admin,
            id,
        };
        if check.problems.is_empty() { Ok(person) } else { Err(check.problems) }
    }

    fn view(&self, visit: &Visit, is_new: bool, problems: Vec<String>) -> PersonForm {
        let w = visit.w;
        let world = visit.app.engine().world();
        let before = world.directory.find_person(&PersonId::new(&self.id));
        let title = if is_new { w.t("people-add") } else { w.t("person-edit-title") };
        let to = if is_new { "/people".to_owned() } else { format!("/people/{}", self.id) };
        let mut page = visit.page(Section::People, title);
        page.here = if is_new { "/people/new".to_owned() } else { format!("{to}/edit") };
        let manager = w.t("person-manager");
        let mut slots = vec![person_slot(visit, "manager", &manager, &self.manager)];
        slots.extend(deputy_slots(visit, &self.deputies));
        let own = Choice::new("", &w.t("form-as-organisation"));
        let locales = Locale::ALL.map(|locale| Choice::new(locale.tag(), locale_name(locale)));
        PersonForm {
            w,
            page,
            action: to,
            is_new,
            id: self.id.clone(),
            name: self.name.clone(),
            locales: std::iter::once(own)
                .chain(locales)
                .map(|choice| choice.chosen(&self.locale))
                .collect(),
            timezone: self.timezone.clone(),
            slots,
            contacts: self.contact_fields(visit, &list_channels(visit, before.filter(|_| !is_new))),
            absences: self.absence_fields(),
            is_admin: self.is_admin,
            problems,
        }
    }

    fn contact_fields(&self, visit: &Visit, known: &[String]) -> Vec<ContactFields> {
        let filled = self
            .contacts
            .iter()
            .filter(|(channel, address)| !channel.is_empty() || !address.is_empty());
        let spare = (String::new(), String::new());
        let rows = filled.chain(std::iter::repeat_n(&spare, SPARE_CONTACTS));
        (1_i64..)
            .zip(rows)
            .map(|(number, (channel, address))| {
                let none = Choice::new("", &visit.w.t("form-none"));
                let all = known.iter().map(|id| Choice::new(id, &channel_word(visit.w, id)));
                let channels = std::iter::once(none).chain(all).map(|c| c.chosen(channel));
                ContactFields { number, channels: channels.collect(), address: address.clone() }
            })
            .collect()
    }

    fn absence_fields(&self) -> Vec<AbsenceFields> {
        let filled = self.absences.iter().filter(|(from, to)| !from.is_empty() || !to.is_empty());
        let spare = (String::new(), String::new());
        (1_i64..)
            .zip(filled.chain(std::iter::once(&spare)))
            .map(|(number, (from, to))| AbsenceFields {
                number,
                from: from.clone(),
                to: to.clone(),
            })
            .collect()
    }
}

/// The channels a contact may be of: those that are set up, those that calling would use, and those the person has.
fn list_channels(visit: &Visit, person: Option<&Person>) -> Vec<String> {
    let world = visit.app.engine().world();
    let mut found: Vec<String> = Vec::new();
    let own = person.into_iter().flat_map(|person| &person.contact).map(|c| c.channel.as_str());
    let policy = world.policy.silent.iter().map(String::as_str);
    let all =
        visit.app.engine().list_channels().into_iter().chain(["voice"]).chain(policy).chain(own);
    for channel in all {
        if found.iter().all(|known| known != channel) {
            found.push(channel.to_owned());
        }
    }
    found
}
