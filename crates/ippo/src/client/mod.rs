//! The client side: calls to a running ippo over its API, for the commands that a person types on their own computer.
//!
//! One attempt is one request with a short time limit. What is tried again, and how often, the command decides.

mod contacts;
mod credentials;
mod live;
mod when;

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

pub(crate) use contacts::Contacts;
pub(crate) use credentials::Credentials;
pub(crate) use live::watch;
pub(crate) use when::{clock_here, read_when, zone_here};

use crate::context::Context;
use crate::failure::Failure;

/// How long connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long one call may take in all.
pub(crate) const CALL_WITHIN: Duration = Duration::from_secs(3);
/// Where `ippo demo` and `ippo serve` listen when nobody says otherwise.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8470";

/// Which server, and as whom.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServerOptions {
    /// The server's address; without it the one that ippo login kept
    #[arg(long, env = "IPPO_SERVER", value_name = "URL", hide_env_values = true)]
    pub(crate) server: Option<String>,
    /// The API token; without it the one that ippo login kept
    #[arg(long, env = "IPPO_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

/// A server, and who asks.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// The server's address, without a slash at the end.
    pub(crate) server: String,
    token: Option<String>,
    /// Who asks, when ippo login kept it.
    pub(crate) person: Option<String>,
}

/// What became of a call.
#[derive(Debug)]
pub(crate) enum CallFailure {
    /// No answer came, or one that may be different next time.
    NotNow(String),
    /// The server said no.
    Refused {
        /// The stable code, when the answer has one.
        code: String,
        /// What it said.
        what: String,
        /// What to do now.
        remedy: Option<String>,
    },
}

impl From<CallFailure> for Failure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::NotNow(what) => Self::not_now(what),
            CallFailure::Refused { code, what, remedy, .. } => {
                let what = if code.is_empty() { what } else { format!("{what} ({code})") };
                Self { exit: crate::failure::Exit::No, what, remedy }
            }
        }
    }
}

impl Client {
    /// A client for the server of `options`, else the one that was logged in to.
    ///
    /// # Errors
    /// When the address is none, or HTTP cannot be set up at all.
    pub(crate) fn new(context: &Context, options: &ServerOptions) -> Result<Self, Failure> {
        let kept = Credentials::load(&context.environment);
        let server =
            options.server.clone().or_else(|| kept.as_ref().map(|kept| kept.server.clone()));
        let server =
            server.unwrap_or_else(|| DEFAULT_SERVER.to_owned()).trim_end_matches('/').to_owned();
        let url =
            url::Url::parse(&server).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(url) = url else {
            return Err(Failure::usage(format!("{server} is not the address of a server"))
                .with_remedy("write --server https://ippo.example.co.jp"));
        };
        // A token is for the server it was made by, and is never sent to another.
        let kept = kept.filter(|kept| kept.server == server);
        let mut http = reqwest::Client::builder();
        if is_this_machine(&url) {
            // A proxy elsewhere would look for the server on itself.
            http = http.no_proxy();
        }
        let http = http
            .user_agent(concat!("ippo/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|why| Failure::not_now(format!("HTTP cannot be set up: {}", explain(&why))))?;
        Ok(Self {
            http,
            server,
            token: options.token.clone().or_else(|| kept.as_ref().map(|kept| kept.token.clone())),
            person: kept.map(|kept| kept.person),
        })
    }

    /// Whether there is a token to send.
    pub(crate) const fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// A call with a JSON body. `headers` are added as they stand.
    ///
    /// # Errors
    /// [`CallFailure`].
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Result<(StatusCode, Value), CallFailure> {
        let mut request =
            self.request(self.http.post(self.url(path))).timeout(CALL_WITHIN).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await).await
    }

    /// A call that changes nothing.
    ///
    /// # Errors
    /// [`CallFailure`].
    pub(crate) async fn get(&self, path: &str) -> Result<Value, CallFailure> {
        let request = self.request(self.http.get(self.url(path))).timeout(CALL_WITHIN);
        Ok(read(request.send().await).await?.1)
    }

    /// Begins to listen to live updates. Has no time limit but the one for connecting.
    ///
    /// # Errors
    /// [`CallFailure`].
    pub(crate) async fn listen(&self, path: &str) -> Result<Response, CallFailure> {
        let request = self.request(self.http.get(self.url(path)));
        let request = request.header("accept", "text/event-stream");
        let response = request.send().await.map_err(|why| CallFailure::NotNow(explain(&why)))?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server)
    }

    fn request(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("x-ippo-via", "cli");
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn is_this_machine(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

async fn read(sent: Result<Response, reqwest::Error>) -> Result<(StatusCode, Value), CallFailure> {
    let response = sent.map_err(|why| CallFailure::NotNow(explain(&why)))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(response).await);
    }
    let bytes = response.bytes().await.map_err(|why| CallFailure::NotNow(explain(&why)))?;
    if bytes.is_empty() {
        return Ok((status, Value::Null));
    }
    let value = serde_json::from_slice(&bytes);
    value
        .map(|value| (status, value))
        .map_err(|_| CallFailure::NotNow("the answer is not one of ippo's".to_owned()))
}

async fn refusal(response: Response) -> CallFailure {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let what = text("title").unwrap_or_else(|| format!("the server answered {status}"));
    let may_pass = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    // An answer without our code comes from something in between, a proxy without its server for example.
    let is_ours = body.get("code").is_some();
    if may_pass || !is_ours {
        return CallFailure::NotNow(what);
    }
    CallFailure::Refused { code: text("code").unwrap_or_default(), what, remedy: text("remedy") }
}

/// What kept a call from being answered, down to its first cause, without the address.
fn explain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
