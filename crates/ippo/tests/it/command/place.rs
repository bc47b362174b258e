//! A folder of its own in which the real binary is run, and what it said.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::id::{IncidentId, PersonId};
use domain::incident::report::{FirstReport, Via};
use domain::policy::Policy;
use domain::port::{Clock, Entropy};
use domain::time::Timestamp;
use engine::{Engine, EngineConfig, EngineParts, Receipt};
use store::{Store, StoreConfig};

/// A configuration in which everything is well.
pub(crate) const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8470"
[organisation]
name = "みらい商事"
domains = ["example.test"]
locale = "en"
timezone = "Asia/Tokyo"
last_resort = ["per_suzuki"]
[channels.webhook]
secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
allow = ["127.0.0.1/32"]
"#;

/// A directory in which everything is well.
pub(crate) const DIRECTORY: &str = r#"[[person]]
id = "per_tanaka"
name = "田中"
manager = "per_sato"
contact = [{ channel = "webhook", address = "http://127.0.0.1:9/tanaka" }]

[[person]]
id = "per_sato"
name = "佐藤"
contact = [{ channel = "webhook", address = "http://127.0.0.1:9/sato" }]

[[person]]
id = "per_suzuki"
name = "鈴木"
contact = [{ channel = "webhook", address = "http://127.0.0.1:9/suzuki" }]

[[team]]
id = "team_billing"
name = "決済"
lead = "per_sato"
members = ["per_tanaka"]

[[project]]
id = "prj_checkout"
name = "Checkout"
team = "team_billing"
"#;

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Ends the test unless it ended with `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "standard output:\n{}\nstandard error:\n{}",
            self.out, self.err
        );
        self
    }

    /// Its standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {}", self.out))
    }
}

/// A folder in which commands are run.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With a configuration in which everything is well.
    pub(crate) fn configured() -> Self {
        let place = Self::empty();
        place.write("ippo.toml", CONFIG);
        place
    }

    /// With a directory as well.
    pub(crate) fn with_people() -> Self {
        let place = Self::configured();
        place.write("people.toml", DIRECTORY);
        place.ippo(&["directory", "import", "people.toml"]).expect(0);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A command in the folder, with nothing of the surroundings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ippo"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("TZ", "Asia/Tokyo").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn ippo(&self, arguments: &[&str]) -> Ran {
        self.ippo_with(arguments, &[])
    }

    /// Runs a command to its end, with these variables.
    pub(crate) fn ippo_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments).envs(variables.iter().copied()).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a command that goes on.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        Running { child, out, err }
    }

    /// Files a report into the database of the folder, as a server would.
    pub(crate) async fn file_report(&self, text: &str) -> (IncidentId, Receipt) {
        let clock = Arc::new(Stopped);
        let store = self.open_store().await;
        let parts = EngineParts {
            store,
            clock: clock.clone(),
            entropy: Arc::new(Counting),
            channels: Vec::new(),
        };
        let config = EngineConfig {
            organisation: domain::directory::Organisation::default(),
            policy: Policy::default(),
            public_url: "http://127.0.0.1:1".to_owned(),
        };
        let engine = Engine::start(parts, config).await.unwrap();
        let report = FirstReport {
            reporter: PersonId::new("per_tanaka"),
            text: text.to_owned(),
            project: None,
            kind: None,
            happened: None,
            via: Via::Cli,
            is_sign_in_expired: false,
            is_text_repaired: false,
        };
        let reported = engine.report(report, None).await.unwrap();
        (reported.incident.id.clone(), reported.receipt)
    }

    /// The database of the folder.
    pub(crate) async fn open_store(&self) -> Store {
        let url = format!("sqlite:{}", self.path("ippo.db").display());
        Store::open(&StoreConfig::new(&url), Stopped.now()).await.unwrap()
    }
}

/// A process that goes on; it ends with the test.
pub(crate) struct Running {
    child: Child,
    pub(crate) out: BufReader<ChildStdout>,
    pub(crate) err: BufReader<ChildStderr>,
}

impl Running {
    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        read_line(&mut self.out)
    }

    /// The next line of standard error.
    pub(crate) fn note(&mut self) -> String {
        read_line(&mut self.err)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks for its end, and waits for it.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(asked.success());
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read_line(from: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// A clock that goes on by a second with every look, for events that are dated one after the other.
pub(crate) struct Stopped;

static SECONDS: AtomicI64 = AtomicI64::new(1_760_000_000);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(SECONDS.fetch_add(1, Ordering::Relaxed) * 1_000)
    }
}

/// Bytes that differ each time and are no secret.
struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(1);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = COUNT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}
