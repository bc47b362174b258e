//! What may be set up: ids, names, references, addresses, days. What is wrong is said in words, and all at once.

use domain::directory::{Absence, Contact, Directory};
use domain::id::{PersonId, TeamId, check_text};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::page::Visit;
use crate::page::form::Form;
use crate::view::Choice;
use crate::view::person_form::Slot;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The word that the addresses of empty forms end in.
const RESERVED_ID: &str = "new";
/// How many numbered fields of one kind are read.
const NUMBERED_MAX: usize = 200;
/// How many deputies can be chosen, at least.
const DEPUTY_SLOTS_MIN: usize = 3;

/// Looks at what was typed and gathers what is wrong with it.
pub(super) struct Check<'a> {
    /// Who typed it.
    pub(super) visit: &'a Visit,
    /// What is there already.
    pub(super) directory: &'a Directory,
    /// The id that the form is about.
    pub(super) own_id: String,
    /// What is wrong, one sentence each.
    pub(super) problems: Vec<String>,
}

impl<'a> Check<'a> {
    pub(super) fn new(visit: &'a Visit, directory: &'a Directory, own_id: &str) -> Self {
        Self { visit, directory, own_id: own_id.to_owned(), problems: Vec::new() }
    }

    /// Notes a problem that needs no values.
    pub(super) fn note(&mut self, key: &str) {
        self.problems.push(self.visit.w.t(key));
    }

    /// The id of something new.
    pub(super) fn new_id(&mut self, is_taken: bool) {
        if !check_text(&self.own_id) || self.own_id == RESERVED_ID {
            self.note("form-bad-id");
        } else if is_taken {
            let values = [("id", self.own_id.as_str())];
            self.problems.push(self.visit.w.tn("form-id-taken", &values));
        }
    }

    /// A name, without what cannot be seen.
    pub(super) fn name(&mut self, typed: &str) -> String {
        let name: String = typed.trim().chars().filter(|c| !c.is_control()).collect();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            self.note("form-bad-name");
        }
        name
    }

    /// A person who must be there; nobody when nothing was chosen.
    pub(super) fn person(&mut self, label: &str, typed: &str) -> Option<PersonId> {
        if typed.is_empty() {
            return None;
        }
        let id = PersonId::new(typed);
        if self.directory.find_person(&id).is_none() {
            let values = [("holder", label), ("person", typed)];
            self.problems.push(self.visit.w.tn("problem-unknown_person", &values));
        } else if typed == self.own_id {
            self.problems.push(self.visit.w.tn("form-names-itself", &[("field", label)]));
        }
        Some(id)
    }

    /// People in order, each once.
    pub(super) fn people(&mut self, label: &str, typed: &[String]) -> Vec<PersonId> {
        let mut found = Vec::new();
        for text in typed {
            if let Some(id) = self.person(label, text)
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
        found
    }

    /// A team that must be there; none when nothing was chosen.
    pub(super) fn team(&mut self, typed: &str) -> Option<TeamId> {
        if typed.is_empty() {
            return None;
        }
        let id = TeamId::new(typed);
        if !self.directory.teams.contains_key(&id) {
            self.problems
                .push(self.visit.w.tn("problem-unknown_team", &[("holder", &self.own_id)]));
        }
        Some(id)
    }

    /// An IANA zone; empty stands for the organisation's.
    pub(super) fn zone(&mut self, typed: &str) -> String {
        if !typed.is_empty() && TimeZone::get(typed).is_err() {
            self.problems.push(self.visit.w.tn("form-unknown-zone", &[("zone", typed)]));
        }
        typed.to_owned()
    }

    /// The contacts whose channel can use their address. A channel that is not set up yet is taken as it is, so that
    /// numbers can be kept before the telephone is.
    pub(super) fn contacts(
        &mut self,
        typed: &[(String, String)],
        known: &[String],
    ) -> Vec<Contact> {
        let mut found: Vec<Contact> = Vec::new();
        for (number, (channel, address)) in (1_i64..).zip(typed) {
            match (channel.as_str(), address.as_str()) {
                ("", "") => continue,
                ("", _) | (_, "") => {
                    self.problems.push(self.visit.w.tc("form-contact-incomplete", number, &[]));
                    continue;
                }
                _ => {}
            }
            if known.contains(channel) {
                self.address(channel, address);
            } else {
                self.problems
                    .push(self.visit.w.tn("form-unknown-channel", &[("channel", channel)]));
            }
            let contact = Contact { channel: channel.clone(), address: address.clone() };
            if !found.contains(&contact) {
                found.push(contact);
            }
        }
        found
    }

    fn address(&mut self, channel: &str, address: &str) {
        let Some(channel) = self.visit.app.engine().find_channel(channel) else { return };
        if let Err(why) = channel.check_address(address) {
            let example = channel.info().address_example;
            let values = [("address", address), ("example", example), ("why", why.as_str())];
            self.problems.push(self.visit.w.tn("form-bad-address-why", &values));
        }
    }

    /// Days away: both given, and in order.
    pub(super) fn absences(&mut self, typed: &[(String, String)]) -> Vec<Absence> {
        let mut found = Vec::new();
        for (number, (from, to)) in (1_i64..).zip(typed) {
            if from.is_empty() && to.is_empty() {
                continue;
            }
            match (from.parse::<Date>(), to.parse::<Date>()) {
                (Ok(from), Ok(to)) if from <= to => found.push(Absence { from, to }),
                _ => self.problems.push(self.visit.w.tc("form-bad-absence", number, &[])),
            }
        }
        found
    }
}

/// The values of `name_1`, `name_2`, … as far as the form has them, without spaces around.
pub(super) fn numbered(form: &Form, name: &str) -> Vec<String> {
    (1..=NUMBERED_MAX)
        .map(|number| format!("{name}_{number}"))
        .map_while(|field| form.all(&field).next().map(|value| value.trim().to_owned()))
        .collect()
}

/// Two numbered fields that belong together.
pub(super) fn numbered_pairs(form: &Form, first: &str, second: &str) -> Vec<(String, String)> {
    let seconds = numbered(form, second).into_iter().chain(std::iter::repeat(String::new()));
    numbered(form, first).into_iter().zip(seconds).collect()
}

/// A list to choose one person from. Whoever is named and is no longer there stays visible, by id.
pub(super) fn person_slot(visit: &Visit, name: &str, label: &str, chosen: &str) -> Slot {
    let world = visit.app.engine().world();
    let mut choices = vec![Choice::new("", &visit.w.t("form-nobody"))];
    choices.extend(person_choices(&world.directory));
    if choices.iter().all(|choice| choice.value != chosen) {
        choices.push(Choice::new(chosen, chosen));
    }
    let choices = choices.into_iter().map(|choice| choice.chosen(chosen)).collect();
    Slot { name: name.to_owned(), label: label.to_owned(), choices }
}

/// The slots for deputies, with one to spare.
pub(super) fn deputy_slots(visit: &Visit, chosen: &[String]) -> Vec<Slot> {
    let named = chosen.iter().filter(|text| !text.is_empty());
    let count = named.clone().count().saturating_add(1).max(DEPUTY_SLOTS_MIN);
    let texts = named.map(String::as_str).chain(std::iter::repeat("")).take(count);
    (1_i64..)
        .zip(texts)
        .map(|(number, text)| {
            let label = visit.w.tc("form-deputy-nth", number, &[]);
            person_slot(visit, &format!("deputy_{number}"), &label, text)
        })
        .collect()
}

/// Everybody by name.
pub(crate) fn person_choices(directory: &Directory) -> Vec<Choice> {
    let mut people: Vec<_> = directory.people.values().collect();
    people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    people.into_iter().map(|person| Choice::new(person.id.as_str(), &person.name)).collect()
}
