//! `ippo report`: the first report from a terminal (A2). Nothing said is the urgent line.
//!
//! Its promise is the page's: "sent" is said only once the report is on the server's disk, a retry can never make
//! a second incident, and when no server answers the numbers to call are on the screen at once.

use std::time::Duration;

use serde_json::{Map, Value, json};
use wording::time::span;

use crate::client::{CallFailure, Client, Contacts, ServerOptions, clock_here, watch};
use crate::clock::pause;
use crate::context::Context;
use crate::entropy::new_name;
use crate::failure::{Exit, Failure, Outcome};

/// How long to wait before each try. Every try is the same report under the same key.
const TRIES: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_millis(700)];

/// Options of `ippo report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    server: ServerOptions,
    /// What has happened, in a line; nothing at all is a valid report
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// On which project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// What kind of thing
    #[arg(long, value_parser = ["leak", "data_loss", "outage"])]
    kind: Option<String>,
    /// Do not show the calling; end as soon as the report is on disk
    #[arg(long)]
    no_wait: bool,
}

/// Reports, and shows the calling.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let client = Client::new(context, &args.server)?;
    let w = context.terminal.words;
    if !client.has_token() {
        print_numbers(context);
        return Err(Failure::not_now(w.t("cli-no-token")).with_remedy(w.t("cli-no-token-remedy")));
    }
    let answer = send(context, &client, &body(&args)).await?;
    let line = answer.get("line").cloned().unwrap_or_default();
    Contacts::of_line(&line).save(&context.environment);
    let incident =
        answer.pointer("/incident/id").and_then(Value::as_str).unwrap_or_default().to_owned();
    // The report is on disk. Whatever happens from here on, the command has done what it was for.
    let watched = (!args.no_wait).then_some(incident.as_str());
    match show(context, &client, &answer, &line, watched).await {
        Ok(()) => Ok(Exit::Done),
        Err(failure) => {
            if !failure.what.is_empty() {
                context.terminal.note(&format!("ippo: {failure}"));
            }
            Ok(Exit::Done)
        }
    }
}

fn body(args: &Args) -> Value {
    let mut body = Map::new();
    body.insert("text".to_owned(), json!(args.text.join(" ")));
    body.extend(args.project.as_ref().map(|project| ("project".to_owned(), json!(project))));
    body.extend(args.kind.as_ref().map(|kind| ("kind".to_owned(), json!(kind))));
    Value::Object(body)
}

async fn send(context: &Context, client: &Client, body: &Value) -> Result<Value, Failure> {
    let key = new_name(context.entropy.as_ref(), "cli_");
    let headers = [("idempotency-key", key.as_str())];
    let mut last = String::new();
    for wait in TRIES {
        pause(wait).await;
        match client.post("/reports", body, &headers).await {
            Ok((_, answer)) => return Ok(answer),
            Err(CallFailure::NotNow(why)) => last = why,
            Err(refused) => {
                print_numbers(context);
                return Err(refused.into());
            }
        }
    }
    let w = context.terminal.words;
    context.terminal.note(&w.t("cli-report-not-sent"));
    print_numbers(context);
    Err(Failure::not_now(format!("{}: {last}", client.server)))
}

/// Whom to call oneself, from the last time that a server answered.
fn print_numbers(context: &Context) {
    let kept = Contacts::load(&context.environment).contacts;
    let w = context.terminal.words;
    context.terminal.note(&w.t("cli-report-call"));
    for contact in &kept {
        context.terminal.note(&format!("  {}  {}", contact.phone, contact.name));
    }
    if kept.is_empty() {
        context.terminal.note(&format!("  {}", w.t("cli-report-no-numbers")));
    }
}

/// Says what became of the report; then the calling of `incident`, when there is one to show.
async fn show(
    context: &Context,
    client: &Client,
    answer: &Value,
    line: &Value,
    incident: Option<&str>,
) -> Result<(), Failure> {
    let (terminal, w) = (context.terminal, context.terminal.words);
    let opened = answer.pointer("/incident/opened_at_ms").and_then(Value::as_i64);
    let opened =
        opened.map_or_else(|| context.clock.now(), domain::time::Timestamp::from_millisecond);
    let time = clock_here(opened.as_millisecond());
    terminal.line(&w.tn("cli-report-sent", &[("time", &time)]))?;
    terminal.line(&w.t("cli-report-done"))?;
    let url = answer.pointer("/incident/url").and_then(Value::as_str).unwrap_or_default();
    terminal.line(url)?;
    for member in line.as_array().into_iter().flatten() {
        let text = |path: &str| member.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let joins = member.get("joins_after_ms").and_then(Value::as_u64).unwrap_or(0);
        let joins =
            if joins == 0 { w.t("cli-at-once") } else { span(w, Duration::from_millis(joins)) };
        terminal
            .line(format!("  {}  {joins}  {}", text("/person/name"), text("/phone")).trim_end())?;
    }
    for note in answer.get("notes").and_then(Value::as_array).into_iter().flatten() {
        let detail = note.get("detail").and_then(Value::as_str).unwrap_or_default();
        terminal.note(&format!("ippo: {detail}"));
    }
    let Some(incident) = incident else { return Ok(()) };
    if terminal.is_watched() {
        terminal.line(&w.t("cli-report-stop-watching"))?;
    }
    tokio::select! {
        watched = watch(context, client, incident) => watched?,
        () = crate::server::asked_to_end() => return terminal.line(""),
    }
    terminal.line(&w.t("cli-add-more"))
}
