//! A mail through a real mail server: OpenSMTPD takes it over SMTP and passes it on to a mailbox over LMTP.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::port::Channel;
use mail_parser::MessageParser;
use serde_json::json;
use tempfile::TempDir;

use crate::mail::mail;
use crate::support::smtp::{Script, SmtpServer};
use crate::support::{PATIENCE, in_time, is_accepted, send};

const PROGRAM: &str = "/usr/sbin/smtpd";

/// The server runs with its own `/run` and `/var/spool`, so that it meets no other server on this machine.
const START: &str = "mount -t tmpfs tmpfs /var/spool && mount -t tmpfs tmpfs /run && exec /usr/sbin/smtpd -d -f \"$0\"";

/// A running OpenSMTPD; dropping it stops it.
struct Smtpd {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Smtpd {
    fn start(mailbox_port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut config = String::new();
        writeln!(config, "table domains {{ \"example.test\" }}").unwrap();
        writeln!(config, "table users {{ \"@\" = \"nobody\" }}").unwrap();
        writeln!(config, "listen on 127.0.0.1 port {port} hostname mx.example.test").unwrap();
        writeln!(
            config,
            "action \"box\" lmtp \"127.0.0.1:{mailbox_port}\" rcpt-to virtual <users>"
        )
        .unwrap();
        writeln!(config, "match from any for domain <domains> action \"box\"").unwrap();
        let file = folder.path().join("smtpd.conf");
        std::fs::write(&file, config).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", START])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, folder, port }
    }

    /// Waits until the server answers on its port.
    async fn wait(&mut self) {
        let mut beat = tokio::time::interval(Duration::from_millis(10));
        let waiting = async {
            loop {
                beat.tick().await;
                if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                    return;
                }
                let ended = self.child.try_wait().unwrap();
                assert!(ended.is_none(), "smtpd ended (it has to run as root): {}", self.log());
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("smtpd does not answer: {}", self.log());
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        // Its children end when the parent does.
        let stopped = self.child.kill().and_then(|()| self.child.wait());
        assert!(stopped.is_ok(), "smtpd cannot be stopped: {stopped:?}");
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether a test may be skipped is asked of the caller"
)]
fn is_skipped() -> bool {
    std::env::var("TEST_WITHOUT_SMTPD").is_ok_and(|value| value == "1")
}

#[tokio::test]
async fn a_real_mail_server_takes_a_mail_in_japanese_and_delivers_it() {
    if is_skipped() {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED: no mail goes through a real server, because TEST_WITHOUT_SMTPD=1");
        }
        return;
    }
    assert!(
        Path::new(PROGRAM).exists(),
        "{PROGRAM} is missing: install the package opensmtpd, or set TEST_WITHOUT_SMTPD=1 to skip this test"
    );
    let mailbox = SmtpServer::start(Script::default()).await;
    let mut smtpd = Smtpd::start(mailbox.address.port());
    smtpd.wait().await;

    let channel = mail(&format!("smtp://127.0.0.1:{}", smtpd.port), &json!({}));
    assert_eq!(in_time(channel.check()).await, Ok(()));
    let outcome = send(&channel, "sato@example.test").await;
    assert!(is_accepted(&outcome), "{outcome:?}: {}", smtpd.log());

    let letter = mailbox.wait_for_letters(1).await.remove(0);
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("【緊急】田中さんがあなたを呼んでいます"));
    assert_eq!(parsed.message_id(), Some("att_01test_3@example.co.jp"));
    let header = |name: &'static str| parsed.header(name).and_then(|value| value.as_text());
    assert_eq!(header("X-Ippo-Incident"), Some("inc_01test"));
    assert_eq!(header("X-Ippo-Attempt"), Some("att_01test_3"));
    assert_eq!(header("Auto-Submitted"), Some("auto-generated"));
    let to = parsed.to().and_then(|to| to.first()).unwrap();
    assert_eq!(to.name(), Some("佐藤 健"));
    assert_eq!(to.address(), Some("sato@example.test"));
    let text = parsed.body_text(0).unwrap();
    assert!(text.contains("顧客の表を消してしまいました。"), "{text}");
    assert!(text.contains("https://ippo.example.co.jp/a/token123"), "{text}");
    assert!(parsed.body_html(0).unwrap().contains(">返事をする</a>"));
}

#[tokio::test]
async fn a_real_mail_server_refuses_a_stranger_and_we_say_so() {
    if is_skipped() || !Path::new(PROGRAM).exists() {
        // The test above is the one that insists.
        return;
    }
    let mailbox = SmtpServer::start(Script::default()).await;
    let mut smtpd = Smtpd::start(mailbox.address.port());
    smtpd.wait().await;
    let channel = mail(&format!("smtp://127.0.0.1:{}", smtpd.port), &json!({}));
    let outcome = send(&channel, "sato@elsewhere.test").await;
    let domain::port::Outcome::Refused { .. } = outcome else {
        panic!("{outcome:?}: {}", smtpd.log());
    };
}
