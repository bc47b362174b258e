//! `ippo login`: links this computer to a person. The code is confirmed in a browser where they are signed in.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::client::{CallFailure, Client, Contacts, Credentials, ServerOptions};
use crate::clock::pause;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};

/// How often to ask whether the code was confirmed.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a code lasts when the server does not say.
const LASTS_SECS: u64 = 600;

/// Options of `ippo login`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server's address
    #[arg(long, env = "IPPO_SERVER", value_name = "URL", hide_env_values = true)]
    server: Option<String>,
    /// What this computer is called in the list of devices
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// Links this computer.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let options = ServerOptions { server: args.server, token: None };
    let client = Client::new(context, &options)?;
    let device = args.device.unwrap_or_else(|| device_name(context));
    let (_, begun) = client.post("/login/start", &json!({ "device": device }), &[]).await?;
    let text = |name: &str| begun.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (terminal, w) = (context.terminal, context.terminal.words);
    terminal.line(&w.t("cli-login-open"))?;
    terminal.line(&format!("  {}", text("verify_url")))?;
    terminal.line(&w.tn("cli-login-code", &[("code", &text("code"))]))?;
    let lasts = begun.get("valid_for_secs").and_then(Value::as_u64).unwrap_or(LASTS_SECS);
    let poll_token = text("poll_token");
    let confirmed =
        tokio::time::timeout(Duration::from_secs(lasts), poll(&client, &poll_token)).await;
    let confirmed = confirmed.map_err(|_| Failure::no(w.t("cli-login-too-late")))??;
    let part =
        |path: &str| confirmed.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    // The person is an object with a name, or the bare id.
    let person =
        Some(part("/person/id")).filter(|id| !id.is_empty()).unwrap_or_else(|| part("/person"));
    let kept = Credentials {
        server: client.server.clone(),
        token: part("/token"),
        person: person.clone(),
    };
    let path = kept.save(&context.environment)?;
    let name = Some(part("/person/name")).filter(|name| !name.is_empty()).unwrap_or(person);
    let path = path.display().to_string();
    terminal.line(&w.tn("cli-login-done", &[("name", &name), ("path", &path)]))?;
    keep_numbers(context, kept).await;
    Ok(Exit::Done)
}

async fn poll(client: &Client, poll_token: &str) -> Result<Value, Failure> {
    loop {
        pause(ASK_EVERY).await;
        match client.post("/login/poll", &json!({ "poll_token": poll_token }), &[]).await {
            Ok((StatusCode::ACCEPTED, _)) | Err(CallFailure::NotNow(_)) => {}
            Ok((_, confirmed)) => return Ok(confirmed),
            Err(refused) => return Err(refused.into()),
        }
    }
}

/// Who would be called, for the moment when no server answers. Not having it is no reason to fail.
async fn keep_numbers(context: &Context, kept: Credentials) {
    let options = ServerOptions { server: Some(kept.server), token: Some(kept.token) };
    if let Ok(client) = Client::new(context, &options)
        && let Ok(rehearsal) = client.get("/rehearsal").await
        && let Some(line) = rehearsal.get("line")
    {
        Contacts::of_line(line).save(&context.environment);
    }
}

/// The name of this computer, and who uses it.
fn device_name(context: &Context) -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host =
        context.environment.find("HOSTNAME").map_or_else(|| host.trim().to_owned(), str::to_owned);
    let parts = [context.environment.find("USER").unwrap_or_default(), host.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "ippo".to_owned() } else { parts.join("@") }
}
