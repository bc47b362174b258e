//! What goes wrong in a run: channels, crashes, clocks, disks, and a directory that changes meanwhile.

use std::time::Duration;

use domain::incident::{Actor, Command};
use domain::port::{Outcome, Proof, Why};

use crate::channel::Behaviour;
use crate::people::per;
use crate::sim::setup;
use crate::sim::story::Story;
use crate::sim::watch::Violation;

impl Story {
    /// An address begins to behave in some way.
    pub(super) fn misbehave(&mut self) -> Result<(), Violation> {
        let address = setup::address(&mut self.dice, &self.names);
        let not_before = self.dice.chance(50).then(|| {
            let amount = self.dice.below(900);
            self.life.now().after(Duration::from_secs(amount))
        });
        let why = *self.dice.pick(&Why::ALL).unwrap();
        let behaviour = match self.dice.below(10) {
            0..2 => Behaviour::TryAgain { not_before, why },
            2..4 => Behaviour::Refuse(why),
            4 => Behaviour::Misconfigure,
            5 => Behaviour::Panic,
            6 => Behaviour::Lie,
            7 => Behaviour::HangUnsent,
            _ => Behaviour::Hang,
        };
        match self.dice.below(6) {
            0 => self.life.outside().heal(),
            1 | 2 => self.life.outside().always(&address, behaviour),
            _ => self.life.outside().next(&address, behaviour),
        }
        self.note(&format!("{address} behaves: {behaviour:?}"))
    }

    fn outcome(&mut self) -> Outcome {
        let why = *self.dice.pick(&Why::ALL).unwrap();
        let proofs = [Proof::HandedOver, Proof::Delivered, Proof::Seen, Proof::PickedUp];
        match self.dice.below(4) {
            0 => Outcome::TryAgain { not_before: None, why },
            1 => Outcome::Refused { why },
            _ => {
                let proof = *self.dice.pick(&proofs).unwrap();
                Outcome::Accepted { provider_ref: None, proof }
            }
        }
    }

    /// A channel that kept somebody waiting answers at last.
    pub(super) fn release(&mut self) -> Result<(), Violation> {
        let hanging = self.life.outside().hanging();
        let Some(hanging) = self.dice.pick(&hanging).cloned() else { return self.misbehave() };
        let outcome = self.outcome();
        let what = format!("{} comes to {outcome:?}", hanging.attempt);
        if self.dice.chance(5) {
            self.life.entropy.panic_at_next_draw();
        }
        assert!(self.life.outside().release(&hanging.attempt, outcome));
        if !self.life.settle() {
            return self.fall(&format!("{what}, and falls over before the commit"));
        }
        self.note(&what)
    }

    /// Word of a message that left earlier: once more, or from somebody else who knows more.
    pub(super) fn late_outcome(&mut self) -> Result<(), Violation> {
        let sent = self.life.outside().sent();
        let Some(sent) = self.dice.pick(&sent).cloned() else { return self.go_on() };
        let command = Command::Settle { attempt: sent.message.attempt, outcome: self.outcome() };
        self.give(&sent.message.incident, &Actor::System, &command).map(drop)
    }

    pub(super) fn step_clock(&mut self) -> Result<(), Violation> {
        let longest = *self.dice.pick(&[2, 60, 600, 7_200, 100_000]).unwrap();
        let amount = Duration::from_secs(self.dice.between(1, longest));
        let is_back = self.dice.chance(60);
        if is_back {
            self.watch.step_back(&self.life, amount);
        }
        self.life.step_clock(amount, is_back);
        self.note(&format!(
            "the clock is set {} by {amount:?}",
            if is_back { "back" } else { "on" }
        ))
    }

    /// Setup changes the directory beside the running engine.
    pub(super) fn edit(&mut self) -> Result<(), Violation> {
        let name = *self.dice.pick(&self.names).unwrap();
        let store = self.life.store().clone();
        if self.dice.chance(15) {
            // Gone already is fine.
            drop(self.life.aside(store.delete_person(&per(name))));
        } else {
            let person = setup::somebody(&mut self.dice, name, &self.names).build();
            self.life.aside(store.upsert_person(&person)).unwrap();
        }
        if let Some(read) = self.life.ask(async |engine| engine.reload_directory().await) {
            read.unwrap();
        }
        self.note(&format!("the directory changes at {name}"))
    }

    pub(super) fn crash(&mut self) -> Result<(), Violation> {
        if self.dice.chance(40) {
            return self.fall("falls over");
        }
        // It falls over in the middle of whatever it does next.
        self.life.entropy.panic_at_next_draw();
        match self.dice.below(3) {
            0 => self.command(),
            1 => self.report(),
            _ => self.go_on(),
        }
    }

    pub(super) fn break_or_mend(&mut self) -> Result<(), Violation> {
        if self.life.is_store_broken {
            return self.mend();
        }
        self.life.sabotage.break_ledger();
        self.life.is_store_broken = true;
        self.note("the store breaks")
    }

    pub(super) fn mend(&mut self) -> Result<(), Violation> {
        self.life.sabotage.mend_ledger();
        self.life.is_store_broken = false;
        self.watch.begin_anew(&self.life);
        self.note("the store works again")
    }
}
