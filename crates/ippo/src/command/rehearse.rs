//! `ippo rehearse`: who would be called when. Sends nothing.

use domain::directory::Directory;
use domain::id::PersonId;
use domain::rehearsal::{HORIZON, Problem, Question, Rehearsal, rehearse};
use domain::time::{Timestamp, millis};
use serde_json::json;
use wording::time::span;

use crate::cli::ConfigOption;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::terminal::Terminal;

/// Options of `ippo rehearse`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
    /// Who would report
    #[arg(long, value_name = "ID")]
    reporter: String,
    /// On which project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// When, as RFC 3339; without it now
    #[arg(long, value_name = "RFC3339")]
    at: Option<jiff::Timestamp>,
    /// Stable JSON on standard output
    #[arg(long)]
    json: bool,
}

/// Plays the calling through.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let (config, registry) = context.load_with_channels(args.config.config.as_deref())?;
    let store = context.open_existing(&config).await?;
    let directory = context.load_directory(&store, &config).await?;
    let reporter = PersonId::new(&args.reporter);
    let question = Question {
        reporter: &reporter,
        project: args.project.as_deref(),
        at: args.at.map_or_else(|| context.clock.now(), Timestamp::from),
        horizon: HORIZON,
    };
    let manners = engine::manners(registry.channels());
    let rehearsal = rehearse(&directory, &manners, &config.policy, &question);
    let terminal = context.terminal_for(&config);
    if args.json {
        terminal.line(&to_json(&rehearsal, &directory).to_string())?;
    } else {
        print(terminal, &rehearsal, &directory)?;
    }
    let is_unknown = |problem: &Problem| {
        matches!(problem, Problem::UnknownReporter(_) | Problem::UnknownProject(_))
    };
    Ok(if rehearsal.problems.iter().any(is_unknown) { Exit::No } else { Exit::Done })
}

/// The same shape as the API's.
fn to_json(rehearsal: &Rehearsal, directory: &Directory) -> serde_json::Value {
    let person = |id: &PersonId| json!({ "id": id.as_str(), "name": directory.name_of(id) });
    let line = rehearsal.line.iter().map(|found| {
        json!({
            "person": person(&found.member.person),
            "because": found.member.because.word(),
            "joins_after_ms": found.joins_after.map(millis),
        })
    });
    let steps = rehearsal.steps.iter().map(|step| {
        json!({
            "after_ms": millis(step.after),
            "person": person(&step.person),
            "channel": step.channel,
            "because": step.because.word(),
        })
    });
    let problems = rehearsal.problems.iter().map(|problem| {
        let mut shape = json!({ "code": problem.word() });
        if let (Some(found), Some(shape)) = (problem.person(), shape.as_object_mut()) {
            shape.insert("person".to_owned(), person(found));
        }
        shape
    });
    json!({
        "line": line.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn print(terminal: Terminal, rehearsal: &Rehearsal, directory: &Directory) -> Result<(), Failure> {
    let w = terminal.words;
    terminal.line(&w.t("cli-rehearse-line"))?;
    for (place, found) in rehearsal.line.iter().enumerate() {
        let joins = match found.joins_after {
            Some(after) if after.is_zero() => w.t("cli-at-once"),
            Some(after) => span(w, after),
            None => w.t("cli-rehearse-later"),
        };
        let name = directory.name_of(&found.member.person);
        let number = place.saturating_add(1);
        terminal.line(&format!("  {number}. {name} ({}) {joins}", found.member.because.word()))?;
    }
    for away in &rehearsal.passed_over {
        let name = directory.name_of(&away.person);
        let until = away.until.to_string();
        terminal.line(&format!(
            "  - {}",
            w.tn("line-passed-over", &[("name", name), ("date", &until)])
        ))?;
    }
    terminal.line(&w.t("cli-rehearse-steps"))?;
    for step in &rehearsal.steps {
        let after = step.after.as_secs();
        let channel = w.t(&format!("channel-{}", step.channel));
        let name = directory.name_of(&step.person);
        terminal.line(&format!(
            "  {:02}:{:02}  {name}  {channel} {}",
            after / 60,
            after % 60,
            step.hint
        ))?;
    }
    terminal.line(&w.t("rehearsal-goes-on"))?;
    if rehearsal.problems.is_empty() {
        return terminal.line(&w.t("rehearsal-no-problems"));
    }
    terminal.line(&w.t("problems-title"))?;
    for problem in &rehearsal.problems {
        terminal.line(&format!("  {}", describe(problem, directory)))?;
    }
    Ok(())
}

/// What a hole in the line means, for whoever runs ippo.
pub(crate) fn describe(problem: &Problem, directory: &Directory) -> String {
    let name =
        problem.person().map(|id| format!("{} ({id})", directory.name_of(id))).unwrap_or_default();
    let what = match problem {
        Problem::NoRoute(_) => {
            "cannot be reached by any channel: add a contact that a channel can use"
        }
        Problem::NoVoice(_) => {
            "has no telephone that would ring: add a voice contact, or a channel for it"
        }
        Problem::UnusableContact(_, domain::route::Unusable::NoChannel) => {
            "has a contact whose channel is not set up"
        }
        Problem::UnusableContact(_, domain::route::Unusable::NotInPolicy) => {
            "has a contact whose channel is not in escalation.silent"
        }
        Problem::UnusableContact(_, domain::route::Unusable::Outside) => {
            "has a contact outside organisation.domains, to which nothing is sent"
        }
        Problem::OneDeep => "only one person can be reached: add a deputy or a last resort",
        Problem::EverybodyAway => "everybody in the line is away; they are called all the same",
        Problem::NobodyToCall => "the directory knows nobody else to call",
        Problem::OnlyLastResort => "only the last resort is in the line: name a manager or a lead",
        Problem::UnknownProject(_) => {
            "the project is not in the directory; the reporter's own line is called"
        }
        Problem::UnknownReporter(_) => "is not in the directory",
    };
    let text = format!("{name} {what}");
    format!("{} [{}]", text.trim_start(), problem.word())
}
