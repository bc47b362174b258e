//! Builders of people, teams, projects and the organisation, for tests that read like sentences.

use domain::directory::{Absence, Contact, Organisation, Person, Project, Team};
use domain::id::{PersonId, ProjectId, TeamId};
use store::DirectoryParts;

/// The id of the person with that short name.
#[must_use]
pub fn per(name: &str) -> PersonId {
    PersonId::new(&format!("{}{name}", PersonId::PREFIX))
}

/// Their mail address inside the organisation.
#[must_use]
pub fn mail_of(name: &str) -> String {
    format!("{name}@example.co.jp")
}

/// Their telephone number.
#[must_use]
pub fn voice_of(name: &str) -> String {
    format!("+81-90-{name}")
}

/// A person with nothing but a name.
#[must_use]
pub fn person(name: &str) -> PersonBuilder {
    PersonBuilder(Person {
        id: per(name),
        name: name.to_owned(),
        locale: "en".to_owned(),
        timezone: String::new(),
        manager: None,
        deputies: Vec::new(),
        contact: Vec::new(),
        absence: Vec::new(),
        admin: false,
    })
}

/// A person in the making.
#[derive(Debug, Clone)]
pub struct PersonBuilder(Person);

impl PersonBuilder {
    /// Reports to that person.
    #[must_use]
    pub fn managed_by(mut self, name: &str) -> Self {
        self.0.manager = Some(per(name));
        self
    }

    /// Is stood in for by that person, after those named before.
    #[must_use]
    pub fn deputy(mut self, name: &str) -> Self {
        self.0.deputies.push(per(name));
        self
    }

    /// Has the mail address of [`mail_of`].
    #[must_use]
    pub fn mail(self) -> Self {
        let address = mail_of(self.0.id.as_str().trim_start_matches(PersonId::PREFIX));
        self.contact("mail", &address)
    }

    /// Has the telephone of [`voice_of`].
    #[must_use]
    pub fn voice(self) -> Self {
        let number = voice_of(self.0.id.as_str().trim_start_matches(PersonId::PREFIX));
        self.contact("voice", &number)
    }

    /// Can be reached there as well.
    #[must_use]
    pub fn contact(mut self, channel: &str, address: &str) -> Self {
        let contact = Contact { channel: channel.to_owned(), address: address.to_owned() };
        self.0.contact.push(contact);
        self
    }

    /// Is away, both days included.
    #[must_use]
    pub fn away(mut self, from: jiff::civil::Date, to: jiff::civil::Date) -> Self {
        self.0.absence.push(Absence { from, to });
        self
    }

    /// Speaks `ja` or `en`.
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        self.0.locale = locale.to_owned();
        self
    }

    /// Sets ippo up.
    #[must_use]
    pub const fn admin(mut self) -> Self {
        self.0.admin = true;
        self
    }

    /// The person.
    #[must_use]
    pub fn build(self) -> Person {
        self.0
    }
}

/// A team with nothing but a name.
#[must_use]
pub fn team(name: &str) -> TeamBuilder {
    TeamBuilder(Team {
        id: TeamId::new(&format!("{}{name}", TeamId::PREFIX)),
        name: name.to_owned(),
        lead: None,
        deputies: Vec::new(),
        members: Vec::new(),
    })
}

/// A team in the making.
#[derive(Debug, Clone)]
pub struct TeamBuilder(Team);

impl TeamBuilder {
    /// Is led by that person.
    #[must_use]
    pub fn led_by(mut self, name: &str) -> Self {
        self.0.lead = Some(per(name));
        self
    }

    /// Has that member, after those named before.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.0.members.push(per(name));
        self
    }
}

/// A project with nothing but a name.
#[must_use]
pub fn project(name: &str) -> ProjectBuilder {
    ProjectBuilder(Project {
        id: ProjectId::new(&format!("{}{name}", ProjectId::PREFIX)),
        name: name.to_owned(),
        team: None,
        lead: None,
        deputies: Vec::new(),
    })
}

/// A project in the making.
#[derive(Debug, Clone)]
pub struct ProjectBuilder(Project);

impl ProjectBuilder {
    /// Is led by that person.
    #[must_use]
    pub fn led_by(mut self, name: &str) -> Self {
        self.0.lead = Some(per(name));
        self
    }

    /// Belongs to that team.
    #[must_use]
    pub fn of_team(mut self, name: &str) -> Self {
        self.0.team = Some(TeamId::new(&format!("{}{name}", TeamId::PREFIX)));
        self
    }
}

/// Everybody, and the organisation they belong to.
#[derive(Debug, Clone)]
pub struct Office {
    /// As the configuration says.
    pub organisation: Organisation,
    /// As setup listed it.
    pub parts: DirectoryParts,
}

impl Office {
    /// Nobody yet. Mail within `example.co.jp` is inside.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            organisation: Organisation {
                name: "Mirai".to_owned(),
                domains: vec!["example.co.jp".to_owned()],
                inside_hosts: Vec::new(),
                locale: "en".to_owned(),
                timezone: "Asia/Tokyo".to_owned(),
                last_resort: Vec::new(),
            },
            parts: DirectoryParts::default(),
        }
    }

    /// The office that most stories play in: carol reports to ann, ann to bob, who is the last resort as well.
    /// Everybody has mail and a telephone. erin has nothing to do with any of it.
    #[must_use]
    pub fn usual() -> Self {
        Self::empty()
            .person(person("ann").managed_by("bob").mail().voice())
            .person(person("bob").mail().voice())
            .person(person("carol").managed_by("ann").mail().voice())
            .person(person("erin").mail())
            .last_resort("bob")
    }

    /// With that person; one of the same name is replaced.
    #[must_use]
    pub fn person(mut self, person: PersonBuilder) -> Self {
        self.parts.people.retain(|known| known.id != person.0.id);
        self.parts.people.push(person.0);
        self
    }

    /// With that team.
    #[must_use]
    pub fn team(mut self, team: TeamBuilder) -> Self {
        self.parts.teams.push(team.0);
        self
    }

    /// With that project.
    #[must_use]
    pub fn project(mut self, project: ProjectBuilder) -> Self {
        self.parts.projects.push(project.0);
        self
    }

    /// With that person called when nobody else is left, after those named before.
    #[must_use]
    pub fn last_resort(mut self, name: &str) -> Self {
        self.organisation.last_resort.push(per(name));
        self
    }
}
