//! `ippo log`: an entry for the time line, from a terminal (C1).

use serde_json::{Map, Value, json};

use crate::client::{Client, ServerOptions, read_when, zone_here};
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};

/// Options of `ippo log`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    server: ServerOptions,
    /// What it is: there is no default, because a guess is not a fact
    #[arg(value_name = "KIND", value_parser = ["fact", "guess", "unknown", "action", "decision"])]
    kind: String,
    /// In words
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
    /// Which incident; without it your newest open one
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
    /// When it happened: RFC 3339, HH:MM, "10m ago", "about HH:MM", HH:MM-HH:MM
    #[arg(long, value_name = "WHEN")]
    happened: Option<String>,
    /// How you know: saw, log, told or did, and after a colon what or who ("log: nginx", "told: Sato")
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
}

/// Adds the entry.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let w = context.terminal.words;
    let client = Client::new(context, &args.server)?;
    if !client.has_token() {
        return Err(Failure::not_now(w.t("cli-no-token")).with_remedy(w.t("cli-no-token-remedy")));
    }
    let body = body(context, &args)?;
    let incident = match args.incident {
        Some(incident) => incident,
        None => find_newest(context, &client).await?,
    };
    let (_, written) = client.post(&format!("/incidents/{incident}/entries"), &body, &[]).await?;
    context.terminal.note(&w.tn("cli-log-done", &[("incident", &incident)]));
    for mark in written.get("marks").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| mark.get(name).and_then(Value::as_str).unwrap_or_default();
        context.terminal.note(&format!("  {}: {}", part("kind"), part("cue")));
    }
    if let Some(id) = written.pointer("/entry/id").and_then(Value::as_str) {
        context.terminal.line(id)?;
    }
    Ok(Exit::Done)
}

fn body(context: &Context, args: &Args) -> Result<Value, Failure> {
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!(args.kind));
    body.insert("text".to_owned(), json!(args.text.join(" ")));
    if let Some(happened) = &args.happened {
        let now = context.clock.now().to_jiff();
        let when = read_when(happened, now, &zone_here()).ok_or_else(|| {
            Failure::usage(format!("--happened {happened:?} is not a time"))
                .with_remedy("write 14:32, \"about 14:30\", 14:00-14:30, \"10m ago\" or RFC 3339")
        })?;
        body.insert("happened".to_owned(), when);
    }
    if let Some(source) = &args.source {
        let (word, more) = source.split_once(':').unwrap_or((source, ""));
        if !matches!(word.trim(), "saw" | "log" | "told" | "did") {
            return Err(Failure::usage(format!("--source {source:?} does not say how you know"))
                .with_remedy("begin with saw, log, told or did: \"log: nginx\", \"told: Sato\""));
        }
        body.insert("source".to_owned(), json!(word.trim()));
        if !more.trim().is_empty() {
            body.insert("source_ref".to_owned(), json!(more.trim()));
        }
    }
    Ok(Value::Object(body))
}

/// The newest open incident that the person reported, else the newest that they may see.
async fn find_newest(context: &Context, client: &Client) -> Result<String, Failure> {
    let listed = client.get("/incidents?state=open").await?;
    let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_own = |item: &&Value| {
        let reporter = item.pointer("/reporter/id").and_then(Value::as_str);
        reporter.is_some() && reporter == client.person.as_deref()
    };
    let found = items.iter().find(is_own).or_else(|| items.first());
    let id = found.and_then(|item| item.get("id")).and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| Failure::no(context.terminal.words.t("cli-log-no-incident")))
}
