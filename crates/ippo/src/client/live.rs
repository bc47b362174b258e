//! The calling as it happens, line by line in a terminal, until somebody accepts.
//!
//! Live updates only say that something is new; what is shown is read from the incident itself. Without them the
//! incident is simply asked for again and again, so that a proxy that eats event streams costs two seconds at most.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::time::Timestamp;
use serde_json::Value;
use wording::time::relative;

use crate::client::when::clock_here;
use crate::client::{CallFailure, Client};
use crate::clock::pause;
use crate::context::Context;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// How long to wait for news before looking anyway.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long no news may come for a burst to be over, and how many pieces one has at most.
const BURST_GAP: Duration = Duration::from_millis(20);
const BURST_MAX: usize = 64;
/// How long to wait before a stream that broke is opened again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Shows the calling of `incident` until it is accepted, stood down or closed. A server that goes away meanwhile is
/// waited for: the report is on its disk.
///
/// # Errors
/// When nobody reads any more, or the incident is refused.
pub(crate) async fn watch(
    context: &Context,
    client: &Client,
    incident: &str,
) -> Result<(), Failure> {
    let terminal = context.terminal;
    let mut view =
        View { terminal, shown: BTreeMap::new(), state: String::new(), has_status: false };
    let mut news: Option<reqwest::Response> = None;
    let mut is_away = false;
    loop {
        if news.is_none() {
            news = client.listen(&format!("/incidents/{incident}/events")).await.ok();
        }
        match look(client, incident).await {
            Ok((standing, attempts)) => {
                is_away = false;
                if view.show(context, &standing, &attempts)? {
                    return Ok(());
                }
            }
            Err(CallFailure::NotNow(_)) if is_away => {}
            Err(CallFailure::NotNow(_)) => {
                is_away = true;
                view.line(&terminal.words.t("cli-watch-away"))?;
            }
            Err(refused) => return Err(refused.into()),
        }
        wait(&mut news).await;
    }
}

async fn look(client: &Client, incident: &str) -> Result<(Value, Value), CallFailure> {
    let standing = client.get(&format!("/incidents/{incident}")).await?;
    let attempts = client.get(&format!("/incidents/{incident}/attempts")).await?;
    Ok((standing, attempts))
}

/// Until something is new, or it is time to look anyway. A stream that ends is opened again next time.
async fn wait(news: &mut Option<reqwest::Response>) {
    let Some(mut response) = news.take() else { return pause(LOOK_EVERY).await };
    match tokio::time::timeout(LOOK_EVERY, response.chunk()).await {
        Ok(Ok(Some(_))) => {
            // Events come in bursts: one look for all that are already here.
            for _ in 0..BURST_MAX {
                let more = tokio::time::timeout(BURST_GAP, response.chunk()).await;
                if !matches!(more, Ok(Ok(Some(_)))) {
                    break;
                }
            }
            *news = Some(response);
        }
        Ok(Ok(None) | Err(_)) => pause(AGAIN_AFTER).await,
        Err(_) => *news = Some(response),
    }
}

struct View {
    terminal: Terminal,
    /// The last state shown of each attempt.
    shown: BTreeMap<String, String>,
    state: String,
    /// Whether the last line is the one that is written over.
    has_status: bool,
}

impl View {
    /// Shows what is new; whether it is over.
    fn show(
        &mut self,
        context: &Context,
        standing: &Value,
        attempts: &Value,
    ) -> Result<bool, Failure> {
        for attempt in attempts.get("items").and_then(Value::as_array).into_iter().flatten() {
            self.show_attempt(attempt)?;
        }
        let w = self.terminal.words;
        let is_closed = text(standing, "/state") == "closed";
        let state = if is_closed { "closed" } else { text(standing, "/escalation/state") };
        if state != self.state {
            self.state = state.to_owned();
            let lead = text(standing, "/lead/name");
            let promised =
                standing.pointer("/escalation/promised_until_ms").and_then(Value::as_i64);
            match (state, promised) {
                ("accepted", _) => self.line(&w.tn("cli-watch-accepted", &[("name", lead)]))?,
                ("promised", Some(until)) => {
                    let until = clock_here(until);
                    self.line(&w.tn("cli-watch-promised", &[("time", &until)]))?;
                }
                ("calling", _) => {}
                (other, _) if w.has(&format!("state-{other}")) => {
                    self.line(&w.t(&format!("state-{other}")))?
                }
                (other, _) => self.line(other)?,
            }
        }
        let is_over = matches!(state, "accepted" | "stood_down" | "closed");
        let next = standing.pointer("/escalation/next_attempt_at_ms").and_then(Value::as_i64);
        if let Some(next) = next.filter(|_| !is_over && self.terminal.is_watched()) {
            let when = relative(w, Timestamp::from_millisecond(next), context.clock.now());
            self.terminal
                .write(&format!("\r\x1b[2K{}", w.tn("cli-watch-next", &[("when", &when)])))?;
            self.has_status = true;
        }
        Ok(is_over)
    }

    fn show_attempt(&mut self, attempt: &Value) -> Result<(), Failure> {
        let (id, state) = (text(attempt, "/id"), text(attempt, "/state"));
        if self.shown.get(id).map(String::as_str) == Some(state) {
            return Ok(());
        }
        self.shown.insert(id.to_owned(), state.to_owned());
        // What has not been sent yet is what the last line counts down to.
        if state == "planned" {
            return Ok(());
        }
        let w = self.terminal.words;
        let word = |prefix: &str, word: &str| {
            let key = format!("{prefix}-{word}");
            if w.has(&key) { w.t(&key) } else { word.to_owned() }
        };
        let at = ["/handed_over_at_ms", "/settled_at_ms", "/planned_at_ms"];
        let at = at.iter().find_map(|path| attempt.pointer(path).and_then(Value::as_i64));
        let name = match text(attempt, "/person/name") {
            "" => text(attempt, "/person"),
            name => name,
        };
        let mut mark = word("mark", state);
        let why = text(attempt, "/why");
        if state == "failed" && w.has(&format!("why-{why}")) {
            mark = format!("{mark} ({})", w.t(&format!("why-{why}")));
        }
        let channel = word("channel", text(attempt, "/channel"));
        let time = at.map(clock_here).unwrap_or_default();
        let values = [
            ("time", time.as_str()),
            ("name", name),
            ("channel", channel.as_str()),
            ("state", mark.as_str()),
        ];
        self.line(&w.tn("cli-attempt", &values))
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        if std::mem::take(&mut self.has_status) {
            self.terminal.write("\r\x1b[2K")?;
        }
        self.terminal.line(line)
    }
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}
