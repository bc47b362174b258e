//! A site: a folder with a configuration, a directory and a database, on which the real binary runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use domain::id::PersonId;
use domain::time::Timestamp;
use serde_json::Value;
use store::{Session, Store, StoreConfig};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use super::http::{self, Request, Response};
use super::patience::in_time;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ippo");

/// What the server says once it takes requests.
const READY: &str = "ippo: ready on http://";

/// A moment that does not come while anything here runs: the year 2096.
const FAR_MS: i64 = 4_000_000_000_000;

/// What a site is made of, as TOML.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The inside of `[escalation]`.
    pub(crate) escalation: String,
    /// How long a webhook may take.
    pub(crate) webhook_timeout: &'static str,
    /// Further sections.
    pub(crate) more: String,
    /// The directory.
    pub(crate) directory: String,
}

impl Default for Settings {
    fn default() -> Self {
        let (escalation, more, directory) = Default::default();
        Self { escalation, webhook_timeout: "2s", more, directory }
    }
}

impl Settings {
    fn config(&self) -> String {
        // 32 bytes that only this test knows.
        let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://ippo.example.test\"\n\
             [store]\nurl = \"sqlite:ippo.db\"\n\
             [organisation]\nname = \"みらい商事\"\ndomains = [\"example.test\"]\nlocale = \"ja\"\n\
             timezone = \"Asia/Tokyo\"\nlast_resort = [\"per_suzuki\"]\n\
             [escalation]\n{}\n\
             [channels.webhook]\nsecret = \"{secret}\"\nallow = [\"127.0.0.1/32\"]\ntimeout = \"{}\"\n\
             [log]\nlevel = \"warn\"\n{}\n",
            self.escalation, self.webhook_timeout, self.more
        )
    }
}

/// One person of a directory. `manager` may be empty; each contact is a channel and an address.
pub(crate) fn person(id: &str, manager: &str, contacts: &[(&str, &str)]) -> String {
    let mut text = format!("[[person]]\nid = \"{id}\"\nname = \"{id}\"\n");
    if !manager.is_empty() {
        text.push_str(&format!("manager = \"{manager}\"\n"));
    }
    let contacts: Vec<String> = contacts
        .iter()
        .map(|(channel, address)| format!("{{ channel = \"{channel}\", address = \"{address}\" }}"))
        .collect();
    text + &format!("contact = [{}]\n", contacts.join(", "))
}

/// A site that is set up.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    /// Writes the configuration and imports the directory, through the real commands.
    pub(crate) fn new(settings: &Settings) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(folder.path().join("ippo.toml"), settings.config()).unwrap();
        let site = Self { folder };
        site.import(&settings.directory);
        site
    }

    /// Takes this directory.
    pub(crate) fn import(&self, directory: &str) {
        let file = self.path().join("directory.toml");
        std::fs::write(&file, directory).unwrap();
        self.run(&["directory", "import", file.to_str().unwrap()]);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.path().join("ippo.toml")
    }

    /// Where the database is, as the store is told.
    pub(crate) fn store_url(&self) -> String {
        format!("sqlite:{}", self.path().join("ippo.db").display())
    }

    /// Runs a command on this site.
    pub(crate) fn try_run(&self, arguments: &[&str]) -> Output {
        let mut command = std::process::Command::new(PROGRAM);
        command.args(arguments).arg("--config").arg(self.config_file());
        command.current_dir(self.path()).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that must go well, and gives back what it wrote.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ippo {arguments:?}: {}\n{complaint}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// A token for the API.
    pub(crate) fn token(&self, person: &str) -> String {
        self.run(&["token", "create", "--person", person, "--label", "test"]).trim().to_owned()
    }

    /// Signs a person in on a device, beside a running server as well as without one; gives back the cookie.
    pub(crate) async fn sign_in(&self, who: &str) -> String {
        let token = format!("a-token-that-only-tests-know-{who}");
        let config = StoreConfig::new(&self.store_url());
        let store = Store::open(&config, Timestamp::from_millisecond(0)).await.unwrap();
        let session = Session {
            token_hash: web::digest(&token),
            person: PersonId::new(who),
            created_at: Timestamp::from_millisecond(0),
            seen_at: Timestamp::from_millisecond(FAR_MS),
            expires_at: Timestamp::from_millisecond(FAR_MS),
            device: "test".to_owned(),
        };
        store.insert_session(&session).await.unwrap();
        format!("ippo={token}")
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn start(&self) -> Server {
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg("--config").arg(self.config_file()).current_dir(self.path());
        Server::start(command).await
    }
}

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Runs `command` and waits until it says that it is ready.
    pub(crate) async fn start(command: Command) -> Self {
        let mut starting = Starting::spawn(command);
        let address = starting.wait().await;
        Self { address, child: starting.child, said: starting.said }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Everything it has said on standard error.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM; waits until it has ended.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
        assert!(sent.success(), "kill: {sent}");
        in_time("end of the server", self.child.wait()).await.unwrap()
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) async fn send(&self, request: &Request) -> Response {
        let answer = in_time("answer", http::send(self.address, request)).await;
        answer.unwrap_or_else(|why| panic!("{why} on {request:?}\n{}", self.said()))
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Response {
        self.send(&Request::get(path).bearer(token)).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Response {
        self.send(&Request::post(path).bearer(token).json(body)).await
    }

    /// Files a report that must be taken, and gives back the incident's id.
    pub(crate) async fn report(&self, token: &str, body: &Value) -> String {
        let answer = self.post(token, "/api/v1/reports", body).await;
        assert_eq!(answer.status, 201, "{}\n{}", answer.text(), self.said());
        answer.json()["incident"]["id"].as_str().unwrap().to_owned()
    }

    /// Every attempt of an incident.
    pub(crate) async fn attempts(&self, token: &str, incident: &str) -> Vec<Value> {
        let answer = self.get(token, &format!("/api/v1/incidents/{incident}/attempts")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].as_array().unwrap().clone()
    }

    /// The ledger of an incident, one event a line.
    pub(crate) async fn export(&self, token: &str, incident: &str) -> String {
        let answer = self.get(token, &format!("/api/v1/incidents/{incident}/export")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }
}

/// A server that may not be ready yet.
pub(crate) struct Starting {
    child: Child,
    said: Arc<Mutex<String>>,
    lines: Option<BufReader<ChildStderr>>,
}

impl Starting {
    pub(crate) fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let lines = child.stderr.take().map(BufReader::new);
        Self { child, said: Arc::default(), lines }
    }

    /// Reads what it says until it is ready, and goes on reading beside.
    async fn wait(&mut self) -> SocketAddr {
        let mut lines = self.lines.take().unwrap();
        let said = Arc::clone(&self.said);
        let reading = async {
            let mut line = String::new();
            loop {
                line.clear();
                let read = lines.read_line(&mut line).await.unwrap();
                said.lock().unwrap().push_str(&line);
                if let Some(address) = line.trim().strip_prefix(READY) {
                    return address.trim_end_matches('/').parse().unwrap();
                }
                assert!(read > 0, "the server ended:\n{}", said.lock().unwrap());
            }
        };
        let address = in_time("ready server", reading).await;
        tokio::spawn(async move {
            let mut line = String::new();
            while lines.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                said.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        address
    }

    /// SIGKILL before it is ready.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
