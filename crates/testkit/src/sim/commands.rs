//! What people say in a run: answers, entries, corrections, whoever they are.

use domain::id::{IncidentId, PersonId};
use domain::incident::escalation::How;
use domain::incident::escalation::reply::Reply;
use domain::incident::report::Via;
use domain::incident::timeline::{EntryKind, Statement};
use domain::incident::{Actor, Command};
use engine::EngineError;

use crate::people::per;
use crate::sim::story::Story;
use crate::sim::watch::{Invariant, Violation, expect};

impl Story {
    fn pick_incident(&mut self) -> Option<IncidentId> {
        let ids: Vec<IncidentId> = self.watch.incidents.keys().cloned().collect();
        self.dice.pick(&ids).cloned()
    }

    fn pick_person(&mut self) -> PersonId {
        per(self.dice.pick(&self.names).unwrap())
    }

    /// Somebody who has something to say about it, most of the time.
    fn pick_actor(&mut self, id: &IncidentId) -> PersonId {
        let shadow = &self.watch.incidents[id].shadow;
        let mut people = domain::access::who_may_see(shadow);
        people.extend(shadow.escalation.iter().flat_map(|e| e.hand_over_to.clone()));
        let stranger = self.pick_person();
        if self.dice.chance(10) { stranger } else { self.dice.pick(&people).cloned().unwrap() }
    }

    pub(super) fn command(&mut self) -> Result<(), Violation> {
        let Some(id) = self.pick_incident() else { return self.go_on() };
        let reporter = self.watch.incidents[&id].shadow.report.received.reporter.clone();
        let mut actor = self.pick_actor(&id);
        let answer = |reply| Command::Answer { reply, via: Via::Link };
        let command = match self.dice.below(100) {
            0..8 => answer(Reply::Accept),
            8..24 => {
                let minutes = u32::try_from(self.dice.between(0, 40)).unwrap();
                answer(Reply::Promise { minutes })
            }
            24..40 => answer(Reply::Cannot),
            40..52 => answer(Reply::HandOver { to: self.pick_person() }),
            52..62 => {
                actor = reporter;
                Command::StateReached { person: self.pick_person(), how: How::Phone }
            }
            62..66 => {
                actor = reporter;
                Command::StandDown { why: "it was nothing".to_owned() }
            }
            66..72 => {
                actor = reporter;
                Command::AddWords { text: self.say() }
            }
            72..84 => Command::AddEntry { statement: self.statement() },
            84..94 => return self.redact(&id),
            94..98 => Command::BringIn { person: self.pick_person() },
            _ => Command::Close { note: String::new() },
        };
        self.give(&id, &Actor::Person(actor), &command).map(drop)
    }

    /// Gives a command. Whether it was carried out.
    pub(super) fn give(
        &mut self,
        id: &IncidentId,
        actor: &Actor,
        command: &Command,
    ) -> Result<bool, Violation> {
        let what = format!("{} to {id}: {command:?}", actor.as_str());
        let answer = self.life.ask(async |engine| engine.handle(id, actor, command).await);
        let is_done = matches!(answer, Some(Ok(_)));
        match answer {
            Some(Ok(_)) => self.note(&what)?,
            Some(Err(EngineError::Refused(why))) => self.note(&format!("{what}: no, {why}"))?,
            Some(Err(why)) => {
                let is_excused = self.life.is_store_broken;
                expect(is_excused, Invariant::State, || format!("{what}: {why}"))?;
                self.note(&format!("{what}: cannot be stored"))?;
            }
            None => self.fall(&format!("{what}, and falls over before the commit"))?,
        }
        Ok(is_done)
    }

    fn say(&mut self) -> String {
        self.words += 1;
        format!("said-{:05}", self.words)
    }

    fn statement(&mut self) -> Statement {
        Statement {
            kind: *self.dice.pick(&EntryKind::CHOICES).unwrap(),
            text: self.say(),
            happened: None,
            source: None,
            source_ref: None,
            chip: None,
        }
    }

    /// The writer of an entry corrects or redacts it.
    fn redact(&mut self, id: &IncidentId) -> Result<(), Violation> {
        let entries = self.watch.incidents[id].shadow.timeline.entries.clone();
        let Some(entry) = self.dice.pick(&entries).cloned() else { return self.go_on() };
        let actor = Actor::Person(entry.author.clone());
        let why = "better so".to_owned();
        let entry_id = entry.id.clone();
        if self.dice.chance(40) {
            let statement = self.statement();
            let command = Command::CorrectEntry { entry: entry_id, statement, why };
            return self.give(id, &actor, &command).map(drop);
        }
        let command = Command::RedactEntry { entry: entry_id, why };
        let words = entry.statement.as_ref().map(|statement| statement.text.clone());
        if self.give(id, &actor, &command)? {
            // The words of a report may stand in other reports as well; those of entries are each said once.
            self.erased.extend(words.filter(|words| words.starts_with("said-")));
        }
        Ok(())
    }
}
