//! One run: what happens next, thrown with the dice.

use std::time::Duration;

use domain::incident::escalation::AttemptState;
use domain::incident::report::{FirstReport, Via};
use engine::Work;

use crate::entropy::Dice;
use crate::filing::first_report;
use crate::people::per;
use crate::sim::Run;
use crate::sim::life::Life;
use crate::sim::meddling::Meddling;
use crate::sim::setup;
use crate::sim::watch::{Invariant, Violation, Watch, expect};

/// The most reports in one run.
const REPORTS_MAX: u64 = 3;

/// A run under way.
pub(super) struct Story {
    pub(super) dice: Dice,
    pub(super) life: Life,
    pub(super) watch: Watch,
    pub(super) names: Vec<&'static str>,
    trace: Vec<String>,
    steps: usize,
    pub(super) meddling: Meddling,
    reports: u64,
    /// Reports whose reporters have had no answer, and will send them again.
    pub(super) owed: Vec<(FirstReport, String)>,
    /// Words that were redacted.
    pub(super) erased: Vec<String>,
    pub(super) words: u64,
}

impl Story {
    pub(super) fn begin(seed: u64, meddling: Meddling) -> Self {
        let mut dice = Dice::new(seed);
        let (office, names) = setup::office(&mut dice);
        let policy = setup::policy(&mut dice);
        Self {
            life: Life::begin(seed, &office, policy),
            watch: Watch::default(),
            dice,
            names,
            trace: Vec::new(),
            steps: 0,
            meddling,
            reports: 0,
            owed: Vec::new(),
            erased: Vec::new(),
            words: 0,
        }
    }

    pub(super) fn into_run(self, seed: u64, violation: Option<Violation>) -> Run {
        let sent = self.life.outside().sent().len();
        Run { seed, steps: self.steps, sent, violation, trace: self.trace }
    }

    pub(super) fn tell(&mut self) -> Result<(), Violation> {
        self.rise()?;
        self.report()?;
        for _ in 0..self.dice.between(25, 75) {
            self.act()?;
            if self.meddling != Meddling::None && self.dice.chance(20) {
                self.meddle()?;
            }
        }
        self.finish()
    }

    /// Writes down what was done, and looks whether everything is still as it must be.
    pub(super) fn note(&mut self, what: &str) -> Result<(), Violation> {
        self.steps += 1;
        self.trace.push(format!("{:>4} {} {what}", self.steps, self.life.stamp()));
        self.watch.check(&mut self.life)
    }

    fn act(&mut self) -> Result<(), Violation> {
        if self.life.engine().is_none() {
            if self.dice.chance(30) {
                let amount = self.dice.between(1, 900);
                self.life.pass(Duration::from_secs(amount));
            }
            return self.rise();
        }
        match self.dice.below(100) {
            0..50 => self.go_on(),
            50..56 => {
                let amount = self.dice.below(90_000);
                self.advance(Duration::from_millis(amount))
            }
            56..70 => self.command(),
            70..73 => self.report(),
            73..80 => self.misbehave(),
            80..86 => self.release(),
            86..88 => self.late_outcome(),
            88..91 => self.step_clock(),
            91..93 => self.edit(),
            93..98 => self.crash(),
            _ => self.break_or_mend(),
        }
    }

    /// Does the next thing that is due, after waiting for it if need be.
    pub(super) fn go_on(&mut self) -> Result<(), Violation> {
        if !self.life.queue.is_empty() {
            return self.work_one();
        }
        match self.life.next_due_in() {
            Some(wait) => self.advance(wait.min(Duration::from_secs(900))),
            None => self.advance(Duration::from_secs(60)),
        }
    }

    fn work_one(&mut self) -> Result<(), Violation> {
        let place = self.dice.below(u64::try_from(self.life.queue.len()).unwrap());
        let work = self.life.queue.remove(usize::try_from(place).unwrap()).unwrap();
        let what = match &work {
            Work::Tick(id) => format!("looks at {id}"),
            Work::Deliver(row) => format!("sends {} to {}", row.attempt, row.address),
            Work::Record(row, outcome) => format!("records {outcome:?} of {}", row.attempt),
        };
        if !self.life.work(work) {
            return self.fall(&format!("{what}, and falls over before the commit"));
        }
        self.note(&what)
    }

    /// Lets time pass, doing on the way whatever becomes due.
    pub(super) fn advance(&mut self, amount: Duration) -> Result<(), Violation> {
        let end = self.life.elapsed.saturating_add(amount);
        loop {
            while !self.life.queue.is_empty() {
                self.work_one()?;
            }
            let left = end.saturating_sub(self.life.elapsed);
            let next = self.life.next_due_in().filter(|wait| *wait <= left);
            self.life.pass(next.unwrap_or(left));
            self.life.take_due();
            if self.life.queue.is_empty() {
                return self.note("nothing is due");
            }
        }
    }

    /// The engine falls over.
    pub(super) fn fall(&mut self, what: &str) -> Result<(), Violation> {
        self.life.crash();
        self.note(what)
    }

    /// The engine starts again.
    pub(super) fn rise(&mut self) -> Result<(), Violation> {
        self.watch.check(&mut self.life)?;
        self.life.start();
        self.life.take_due();
        if self.meddling == Meddling::ForgetOutbox {
            self.life.queue.retain(|work| !matches!(work, Work::Deliver(_)));
        }
        self.watch.begin_anew(&self.life);
        self.watch.check_folds(&mut self.life)?;
        self.note("starts")
    }

    /// Somebody files a report, or sends an earlier one again.
    pub(super) fn report(&mut self) -> Result<(), Violation> {
        let is_repeat = self.reports > 0 && (self.reports >= REPORTS_MAX || self.dice.chance(40));
        let number = if is_repeat { self.dice.below(self.reports) } else { self.reports };
        if !is_repeat {
            self.reports += 1;
        }
        let words = if is_repeat && self.dice.chance(70) { 0 } else { self.dice.below(4) };
        // The reporter belongs to the key; the words may be others the next time.
        let reporter = usize::try_from(number).unwrap() % self.names.len();
        let mut report = first_report(&format!("report {number} words {words}"));
        report.reporter = per(self.names[reporter]);
        report.project = self.dice.chance(30).then(|| "prj_shop".to_owned());
        report.via = Via::Api;
        self.file(report, &format!("key-{number}"))
    }

    /// Files it, and remembers it for later when there is no answer.
    pub(super) fn file(&mut self, report: FirstReport, key: &str) -> Result<(), Violation> {
        let (draft, again) = (report.clone(), key.to_owned());
        let answer = self.life.ask(async |engine| engine.report(draft, Some(&again)).await);
        let what = format!("{} reports {:?} under {key}", report.reporter, report.text);
        match answer {
            Some(Ok(reported)) => {
                if self.dice.chance(3) {
                    // Stored, and the answer got lost with the engine.
                    self.owed.push((report, key.to_owned()));
                    return self.fall(&format!("{what}, and falls over before it answers"));
                }
                self.watch.keep(key, &reported.incident.id)?;
                self.note(&format!("{what}: {}", reported.incident.id))
            }
            Some(Err(why)) => {
                let is_excused = self.life.is_store_broken;
                expect(is_excused, Invariant::Kept, || format!("a report was refused: {why}"))?;
                self.owed.push((report, key.to_owned()));
                self.note(&format!("{what}, which cannot be stored"))
            }
            None => {
                self.owed.push((report, key.to_owned()));
                self.fall(&format!("{what}, and falls over before the commit"))
            }
        }
    }

    /// Whether anything is still planned.
    pub(super) fn has_planned(&self) -> bool {
        let shadows = self.watch.incidents.values().filter_map(|w| w.shadow.escalation.as_ref());
        shadows
            .flat_map(|escalation| &escalation.attempts)
            .any(|attempt| attempt.state == AttemptState::Planned)
    }
}
