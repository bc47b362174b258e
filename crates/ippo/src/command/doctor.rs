//! `ippo doctor`: everything that has to be right, looked at one by one, each with what to do.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use channels::Registry;
use domain::directory::{Directory, Project};
use domain::id::PersonId;
use domain::rehearsal::{HORIZON, Problem, Question, rehearse};
use domain::route::{Channels, routes};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{ListFilter, Store};

use crate::cli::ConfigOption;
use crate::command::rehearse::describe;
use crate::config::{self, Config, Problem as ConfigProblem};
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};

/// The time before which this program did not exist: a clock that shows it is wrong.
const EARLIEST: Timestamp = Timestamp::from_millisecond(1_735_689_600_000);
/// The time after which a clock is more likely wrong than right.
const LATEST: Timestamp = Timestamp::from_millisecond(4_102_444_800_000);
/// How far the newest event may lie in the future.
const AHEAD_MAX: Duration = Duration::from_secs(60);

/// Options of `ippo doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
    /// Stable JSON on standard output
    #[arg(long)]
    json: bool,
}

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// Should be looked at; ippo works all the same.
    Warning,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// Looks at everything that can be looked at.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let mut report = Report::default();
    let mut terminal = context.terminal;
    if let Some((config, registry)) = report.config(context, args.config.config.as_deref()) {
        terminal = context.terminal_for(&config);
        report.organisation(&config);
        report.channels(&registry).await;
        if let Some(store) = report.database(context, &config).await {
            report.clock(context.clock.now(), newest(&store).await?);
            let directory = context.load_directory(&store, &config).await?;
            report.directory(&directory, &config, &registry, context.clock.now());
        }
    }
    let is_well = report.checks.iter().all(|check| check.state != State::Problem);
    if args.json {
        terminal.line(&json!({ "ok": is_well, "checks": report.checks }).to_string())?;
    } else {
        for check in &report.checks {
            let mark = terminal.words.t(match check.state {
                State::Ok => "cli-doctor-ok",
                State::Warning => "cli-doctor-warning",
                State::Problem => "cli-doctor-problem",
            });
            terminal.line(&format!("{mark:<4} {}: {}", check.check, check.what))?;
            if let Some(remedy) = &check.remedy {
                terminal.line(&format!("       -> {remedy}"))?;
            }
        }
        terminal.line(&terminal.words.t(if is_well {
            "cli-doctor-well"
        } else {
            "cli-doctor-not-well"
        }))?;
    }
    Ok(if is_well { Exit::Done } else { Exit::No })
}

#[derive(Default)]
struct Report {
    checks: Vec<Check>,
}

impl Report {
    fn ok(&mut self, check: &'static str, what: impl Into<String>) {
        self.checks.push(Check { check, state: State::Ok, what: what.into(), remedy: None });
    }

    fn problem(&mut self, check: &'static str, what: impl Into<String>, remedy: impl Into<String>) {
        let remedy = Some(remedy.into());
        self.checks.push(Check { check, state: State::Problem, what: what.into(), remedy });
    }

    fn warning(&mut self, check: &'static str, what: impl Into<String>, remedy: impl Into<String>) {
        let remedy = Some(remedy.into());
        self.checks.push(Check { check, state: State::Warning, what: what.into(), remedy });
    }

    fn failure(&mut self, check: &'static str, failure: Failure) {
        let Failure { what, remedy, .. } = failure;
        self.checks.push(Check { check, state: State::Problem, what, remedy });
    }

    fn config(&mut self, context: &Context, file: Option<&Path>) -> Option<(Config, Registry)> {
        match config::load_with_channels(file, &context.environment, &context.clock) {
            Ok((config, registry)) => {
                let file = config.file.as_ref().map(|file| file.display().to_string());
                self.ok(
                    "config",
                    file.unwrap_or_else(|| "no file: defaults and environment".to_owned()),
                );
                Some((config, registry))
            }
            Err(problems) => {
                for problem in problems.0 {
                    let ConfigProblem { place, key, what, remedy } = problem;
                    self.problem(
                        "config",
                        format!("{place} {key} {what}").trim().to_owned(),
                        remedy,
                    );
                }
                None
            }
        }
    }

    fn organisation(&mut self, config: &Config) {
        let organisation = &config.organisation;
        if organisation.domains.is_empty() {
            self.warning(
                "organisation",
                "organisation.domains is empty: mail to any domain counts as inside",
                "list your mail domains, so that news cannot go outside by a slip",
            );
        } else {
            self.ok("organisation", format!("inside: {}", organisation.domains.join(", ")));
        }
        match config.public_url.as_deref() {
            None => self.warning(
                "public_url",
                "server.public_url is not set: answer links lead to the address listened on",
                "set it to the address under which people reach ippo",
            ),
            Some(url) if url.starts_with("http://") && !is_local(url) => self.warning(
                "public_url",
                "server.public_url is not https: sign-ins and answers can be read on the way",
                "put ippo behind a reverse proxy with a certificate",
            ),
            Some(url) => self.ok("public_url", url),
        }
    }

    async fn channels(&mut self, registry: &Registry) {
        if registry.channels().is_empty() {
            self.problem(
                "channels",
                "no channel is set up: nobody can be reached",
                "add [channels.mail] or [channels.webhook] to the configuration",
            );
        }
        for channel in registry.channels() {
            let id = channel.info().id;
            match channel.check().await {
                Ok(()) => self.ok("channel", format!("{id} can work now")),
                Err(why) => self.problem(
                    "channel",
                    format!("{id} cannot work now: {why}"),
                    format!("check [channels.{id}] and the server that it names"),
                ),
            }
        }
    }

    async fn database(&mut self, context: &Context, config: &Config) -> Option<Store> {
        let store = match context.open_existing(config).await {
            Ok(store) => store,
            Err(failure) => {
                self.failure("database", failure);
                return None;
            }
        };
        let faults = match store.integrity_check().await {
            Ok(faults) => faults,
            Err(why) => {
                self.failure("database", why.into());
                return None;
            }
        };
        for fault in &faults {
            self.problem(
                "database",
                fault.clone(),
                "stop ippo, keep a copy of the file, and restore the latest backup",
            );
        }
        match store.check_statements().await {
            Ok(count) if faults.is_empty() => {
                self.ok(
                    "database",
                    format!("{} is whole; {count} statements fit", config.store_url),
                );
            }
            Ok(_) => {}
            Err(why) => self.failure("database", why.into()),
        }
        match store.count_admin_accounts().await {
            Ok(0) => self.warning(
                "admin",
                "no admin can sign in",
                "ippo init --new-link prints a link for the first one",
            ),
            Ok(count) => self.ok("admin", format!("{count} can sign in")),
            Err(why) => self.failure("admin", why.into()),
        }
        Some(store)
    }

    fn clock(&mut self, now: Timestamp, newest: Option<Timestamp>) {
        let shown = now.to_jiff().to_string();
        if !(EARLIEST..LATEST).contains(&now) {
            self.problem("clock", format!("it shows {shown}"), "set the clock of this machine");
        } else if newest.is_some_and(|newest| newest.since(now) > AHEAD_MAX) {
            let newest = newest.map(|newest| newest.to_jiff().to_string()).unwrap_or_default();
            self.problem(
                "clock",
                format!("it shows {shown}, but the newest event is of {newest}"),
                "set the clock of this machine, and keep it in step (chrony, systemd-timesyncd)",
            );
        } else {
            self.ok("clock", shown);
        }
    }

    fn directory(
        &mut self,
        directory: &Directory,
        config: &Config,
        registry: &Registry,
        now: Timestamp,
    ) {
        for problem in directory.problems() {
            self.problem(
                "directory",
                problem.to_string(),
                "correct it with ippo directory import, or on the page People",
            );
        }
        if directory.people.len() < 2 {
            self.problem(
                "directory",
                format!(
                    "it knows {} people: nobody can be called for anybody else",
                    directory.people.len()
                ),
                "import your people with ippo directory import",
            );
        }
        let manners = engine::manners(registry.channels());
        let before = self.checks.len();
        self.routes(directory, &manners, config, registry);
        if self.checks.len() == before {
            self.ok("routes", format!("each of {} people can be reached", directory.people.len()));
        }
        let lines = Lines { directory, manners: &manners, config, now };
        for team in directory.teams.values() {
            if let Some(reporter) =
                team.members.iter().find(|id| directory.people.contains_key(*id))
            {
                self.line(&lines, &format!("{} ({})", team.name, team.id), reporter, None);
            }
        }
        for project in directory.projects.values() {
            if let Some(reporter) = find_reporter(directory, project) {
                let about = format!("{} ({})", project.name, project.id);
                self.line(&lines, &about, reporter, Some(project.id.as_str()));
            }
        }
    }

    fn routes(
        &mut self,
        directory: &Directory,
        manners: &Channels,
        config: &Config,
        registry: &Registry,
    ) {
        for person in directory.people.values() {
            let who = format!("{} ({})", person.name, person.id);
            let ways = routes(directory, manners, &config.policy, &person.id);
            if ways.is_empty() {
                self.problem(
                    "routes",
                    format!("{who} cannot be reached by any channel"),
                    "add a contact that a channel can use",
                );
            }
            for contact in &person.contact {
                let channel = registry.find(&contact.channel);
                if let Some(Err(why)) =
                    channel.map(|channel| channel.check_address(&contact.address))
                {
                    self.problem(
                        "routes",
                        format!("{who}: {}: {why}", contact.channel),
                        "correct the address",
                    );
                }
            }
        }
    }

    fn line(&mut self, lines: &Lines<'_>, about: &str, reporter: &PersonId, project: Option<&str>) {
        let question = Question { reporter, project, at: lines.now, horizon: HORIZON };
        let rehearsal = rehearse(lines.directory, lines.manners, &lines.config.policy, &question);
        // Contacts were looked at person by person; here it is the line that counts.
        let own = rehearsal.problems.iter().filter(|problem| match problem {
            Problem::OneDeep
            | Problem::EverybodyAway
            | Problem::NobodyToCall
            | Problem::OnlyLastResort
            | Problem::UnknownProject(_)
            | Problem::UnknownReporter(_) => true,
            Problem::NoRoute(_) | Problem::NoVoice(_) | Problem::UnusableContact(..) => false,
        });
        let found: BTreeSet<String> =
            own.map(|problem| describe(problem, lines.directory)).collect();
        if found.is_empty() {
            self.ok("line", format!("{about}: {} people", rehearsal.line.len()));
        }
        for what in found {
            self.problem("line", format!("{about}: {what}"), "ippo rehearse shows the whole line");
        }
    }
}

struct Lines<'a> {
    directory: &'a Directory,
    manners: &'a Channels,
    config: &'a Config,
    now: Timestamp,
}

/// Somebody who could report on the project without standing in its line: its own people first.
fn find_reporter<'a>(directory: &'a Directory, project: &'a Project) -> Option<&'a PersonId> {
    let team = project.team.as_ref().and_then(|team| directory.teams.get(team));
    let leads = project.lead.iter().chain(&project.deputies);
    let leads: BTreeSet<&PersonId> =
        leads.chain(team.iter().flat_map(|team| team.lead.iter().chain(&team.deputies))).collect();
    let own = team.into_iter().flat_map(|team| &team.members);
    let known = own.filter(|id| directory.people.contains_key(*id)).chain(directory.people.keys());
    known.into_iter().find(|id| !leads.contains(id))
}

fn is_local(url: &str) -> bool {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// When something was last recorded.
async fn newest(store: &Store) -> Result<Option<Timestamp>, Failure> {
    let filter = ListFilter { limit: 50, ..ListFilter::default() };
    let rows = store.list_incidents(&filter).await?;
    Ok(rows.iter().map(|row| row.summary.updated_at).max())
}
