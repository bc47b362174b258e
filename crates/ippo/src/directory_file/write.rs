//! Writing the directory as TOML, as a person would: reading it back gives the same directory.

use domain::directory::{Person, Project, Rota, Team};
use domain::id::PersonId;
use store::DirectoryParts;

/// The whole directory as TOML.
pub(crate) fn render_toml(parts: &DirectoryParts) -> String {
    let mut out = Out::default();
    parts.people.iter().for_each(|person| out.person(person));
    parts.teams.iter().for_each(|team| out.team(team));
    parts.projects.iter().for_each(|project| out.project(project));
    parts.rotas.iter().for_each(|rota| out.rota(rota));
    out.text
}

#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn person(&mut self, person: &Person) {
        self.begin("person", person.id.as_str(), &person.name);
        self.text_unless_empty("locale", &person.locale);
        self.text_unless_empty("timezone", &person.timezone);
        self.id("manager", person.manager.as_ref().map(PersonId::as_str));
        self.ids("deputies", &person.deputies);
        self.list(
            "contact",
            person.contact.iter().map(|contact| {
                format!(
                    "{{ channel = {}, address = {} }}",
                    quoted(&contact.channel),
                    quoted(&contact.address)
                )
            }),
        );
        self.list(
            "absence",
            person.absence.iter().map(|absence| {
                format!("{{ from = \"{}\", to = \"{}\" }}", absence.from, absence.to)
            }),
        );
        if person.admin {
            self.field("admin", "true");
        }
    }

    fn team(&mut self, team: &Team) {
        self.begin("team", team.id.as_str(), &team.name);
        self.id("lead", team.lead.as_ref().map(PersonId::as_str));
        self.ids("deputies", &team.deputies);
        self.ids("members", &team.members);
    }

    fn project(&mut self, project: &Project) {
        self.begin("project", project.id.as_str(), &project.name);
        self.id("team", project.team.as_ref().map(domain::id::TeamId::as_str));
        self.id("lead", project.lead.as_ref().map(PersonId::as_str));
        self.ids("deputies", &project.deputies);
    }

    fn rota(&mut self, rota: &Rota) {
        self.head("rota");
        self.field("id", &quoted(rota.id.as_str()));
        self.field("team", &quoted(rota.team.as_str()));
        self.field("start", &format!("\"{}\"", rota.start));
        self.field("shift_hours", &rota.shift_hours.to_string());
        // Not left out when empty: a rota without members is still a rota.
        let members: Vec<String> = rota.members.iter().map(|id| quoted(id.as_str())).collect();
        self.field("members", &format!("[{}]", members.join(", ")));
    }

    fn head(&mut self, kind: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{gap}[[{kind}]]\n"));
    }

    fn begin(&mut self, kind: &str, id: &str, name: &str) {
        self.head(kind);
        self.field("id", &quoted(id));
        self.field("name", &quoted(name));
    }

    fn field(&mut self, name: &str, value: &str) {
        self.text.push_str(&format!("{name} = {value}\n"));
    }

    fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.field(name, &quoted(text));
        }
    }

    fn id(&mut self, name: &str, id: Option<&str>) {
        if let Some(id) = id {
            self.field(name, &quoted(id));
        }
    }

    fn ids(&mut self, name: &str, ids: &[PersonId]) {
        self.list(name, ids.iter().map(|id| quoted(id.as_str())));
    }

    fn list(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        if !items.is_empty() {
            self.field(name, &format!("[{}]", items.join(", ")));
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory_file::{Findings, Format, read};

    const EVERYTHING: &str = r#"[[person]]
id = "per_tanaka"
name = "田中 \"花子\""
locale = "ja"
timezone = "Asia/Tokyo"
manager = "per_sato"
deputies = ["per_ito", "per_mori"]
contact = [{ channel = "mail", address = "tanaka@example.co.jp" }, { channel = "voice", address = "+819000000001" }]
absence = [{ from = "2026-12-29", to = "2027-01-03" }]
admin = true

[[person]]
id = "per_sato"
name = "佐藤"

[[team]]
id = "team_billing"
name = "決済"
lead = "per_sato"
deputies = ["per_ito"]
members = ["per_tanaka"]

[[project]]
id = "prj_checkout"
name = "Checkout"
team = "team_billing"
lead = "per_mori"
deputies = ["per_sato"]

[[rota]]
id = "rota_a"
team = "team_billing"
start = "2026-01-05T00:00:00Z"
shift_hours = 12
members = []
"#;

    #[test]
    fn what_is_written_is_read_back_the_same_and_written_the_same_again() {
        let mut findings = Findings::default();
        let (parts, _) = read(Format::Toml, EVERYTHING, &DirectoryParts::default(), &mut findings);
        assert_eq!(findings, Findings::default());
        assert_eq!((parts.people.len(), parts.rotas.len()), (2, 1));
        let written = render_toml(&parts);
        let (again, _) = read(Format::Toml, &written, &DirectoryParts::default(), &mut findings);
        assert_eq!(again, parts);
        assert_eq!(render_toml(&again), written);
        assert!(written.contains("members = []"), "{written}");
    }
}
