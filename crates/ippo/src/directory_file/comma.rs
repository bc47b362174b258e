//! People as CSV, for spreadsheets: one line each, a header first, lists with `;` between.
//!
//! The file names everybody: who is not in it goes. Teams get the members and leads that the file gives them; what
//! CSV cannot say (projects, rotas, absences, deputies of teams) stays as it is.

use std::collections::BTreeMap;

use domain::directory::{Contact, Person, Team};
use domain::id::{PersonId, TeamId};
use store::DirectoryParts;

use crate::directory_file::lines::{Findings, Kind, Lines};

const FIELDS: &[&str] =
    &["id", "name", "locale", "timezone", "manager", "deputies", "admin", "team", "team_lead"];
const CHANNELS: &[&str] = &["mail", "voice", "sms", "webhook", "chat", "push"];

/// Reads `text` over `current`; what cannot be read is left out and named in `findings`.
pub(crate) fn read(
    text: &str,
    current: &DirectoryParts,
    findings: &mut Findings,
) -> (DirectoryParts, Lines) {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let mut lines = Lines::default();
    let mut parts = DirectoryParts { people: Vec::new(), ..current.clone() };
    let Some(header) = read_header(&mut reader, findings) else { return (parts, lines) };
    let mut teams = Teams::default();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(why) => {
                let line = why.position().and_then(|place| usize::try_from(place.line()).ok());
                findings.refuse(line, format!("cannot be read as CSV: {why}"));
                continue;
            }
        };
        let line = record.position().and_then(|place| usize::try_from(place.line()).ok());
        if record.len() != header.len() {
            let what =
                format!("has {} columns where the header has {}", record.len(), header.len());
            findings.refuse(line, what);
            continue;
        }
        let row = Row { header: &header, record: &record };
        let Some(person) = row.read_person(current, line, findings) else { continue };
        teams.add(&row, &person.id);
        lines.note(Kind::Person, parts.people.len(), "", line.unwrap_or(1));
        parts.people.push(person);
    }
    if header.iter().any(|name| name == "team" || name == "team_lead") {
        teams.apply(&mut parts);
    }
    (parts, lines)
}

fn read_header(reader: &mut csv::Reader<&[u8]>, findings: &mut Findings) -> Option<Vec<String>> {
    let header: Vec<String> = match reader.headers() {
        // A byte order mark is what spreadsheets put in front.
        Ok(header) => {
            header.iter().map(|name| name.trim_start_matches('\u{feff}').to_lowercase()).collect()
        }
        Err(why) => {
            findings.refuse(Some(1), format!("cannot be read as CSV: {why}"));
            return None;
        }
    };
    let before = findings.errors.len();
    for (place, name) in header.iter().enumerate() {
        if !FIELDS.contains(&name.as_str()) && !CHANNELS.contains(&name.as_str()) {
            let known = [FIELDS, CHANNELS].concat().join(", ");
            findings.refuse(Some(1), format!("column {name:?} is not known: there are {known}"));
        }
        if header.iter().take(place).any(|earlier| earlier == name) {
            findings.refuse(Some(1), format!("column {name:?} is there twice"));
        }
    }
    for name in ["id", "name"] {
        if header.iter().all(|found| found != name) {
            findings.refuse(Some(1), format!("column {name:?} is missing"));
        }
    }
    (findings.errors.len() == before).then_some(header)
}

struct Row<'a> {
    header: &'a [String],
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// `None` when there is no such column.
    fn find(&self, name: &str) -> Option<&str> {
        let place = self.header.iter().position(|found| found == name)?;
        self.record.get(place)
    }

    fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or("")
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.text(name).split(';').map(str::trim).filter(|item| !item.is_empty())
    }

    fn read_person(
        &self,
        current: &DirectoryParts,
        line: Option<usize>,
        findings: &mut Findings,
    ) -> Option<Person> {
        let id = PersonId::new(self.text("id"));
        let known = current.people.iter().find(|person| person.id == id);
        let admin = match self.find("admin").map(str::to_lowercase).as_deref() {
            None => known.is_some_and(|person| person.admin),
            Some("yes" | "true" | "1") => true,
            Some("" | "no" | "false" | "0") => false,
            Some(other) => {
                findings.refuse(line, format!("{id}: admin is {other:?}: write yes or no"));
                return None;
            }
        };
        let channels = self.header.iter().filter(|name| CHANNELS.contains(&name.as_str()));
        let contact = channels.flat_map(|channel| {
            self.list(channel)
                .map(|address| Contact { channel: channel.clone(), address: address.to_owned() })
        });
        Some(Person {
            name: self.text("name").to_owned(),
            locale: self.text("locale").to_owned(),
            timezone: self.text("timezone").to_owned(),
            manager: self.list("manager").map(PersonId::new).next(),
            deputies: self.list("deputies").map(PersonId::new).collect(),
            contact: contact.collect(),
            absence: known.map(|person| person.absence.clone()).unwrap_or_default(),
            admin,
            id,
        })
    }
}

/// Who is in which team, and who leads it.
#[derive(Default)]
struct Teams(BTreeMap<String, (Vec<PersonId>, Option<PersonId>)>);

impl Teams {
    fn add(&mut self, row: &Row<'_>, person: &PersonId) {
        for team in row.list("team") {
            self.0.entry(team.to_owned()).or_default().0.push(person.clone());
        }
        for team in row.list("team_lead") {
            self.0.entry(team.to_owned()).or_default().1 = Some(person.clone());
        }
    }

    fn apply(self, parts: &mut DirectoryParts) {
        for team in &mut parts.teams {
            team.members.clear();
        }
        for (id, (members, lead)) in self.0 {
            let place = match parts.teams.iter().position(|team| team.id.as_str() == id) {
                Some(place) => place,
                None => {
                    let id_and_name = (TeamId::new(&id), id);
                    parts.teams.push(Team {
                        id: id_and_name.0,
                        name: id_and_name.1,
                        lead: None,
                        deputies: Vec::new(),
                        members: Vec::new(),
                    });
                    parts.teams.len().saturating_sub(1)
                }
            };
            if let Some(team) = parts.teams.get_mut(place) {
                team.members = members;
                team.lead = lead.or_else(|| team.lead.take());
            }
        }
    }
}

/// The people of `parts` as CSV.
pub(crate) fn render_csv(parts: &DirectoryParts) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header: Vec<&str> = FIELDS.iter().chain(CHANNELS).copied().collect();
    writer.write_record(&header)?;
    for person in &parts.people {
        let row = header.iter().map(|name| field_of(parts, person, name));
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|why| csv::Error::from(why.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn field_of(parts: &DirectoryParts, person: &Person, name: &str) -> String {
    let ids = |ids: &[PersonId]| ids.iter().map(PersonId::as_str).collect::<Vec<_>>().join(";");
    let teams = |is_in: &dyn Fn(&Team) -> bool| {
        let teams = parts.teams.iter().filter(|team| is_in(team)).map(|team| team.id.as_str());
        teams.collect::<Vec<_>>().join(";")
    };
    match name {
        "id" => person.id.to_string(),
        "name" => person.name.clone(),
        "locale" => person.locale.clone(),
        "timezone" => person.timezone.clone(),
        "manager" => person.manager.iter().map(ToString::to_string).collect(),
        "deputies" => ids(&person.deputies),
        "admin" => if person.admin { "yes" } else { "" }.to_owned(),
        "team" => teams(&|team| team.members.contains(&person.id)),
        "team_lead" => teams(&|team| team.lead.as_ref() == Some(&person.id)),
        channel => {
            let contacts = person.contact.iter().filter(|contact| contact.channel == channel);
            contacts.map(|contact| contact.address.as_str()).collect::<Vec<_>>().join(";")
        }
    }
}
