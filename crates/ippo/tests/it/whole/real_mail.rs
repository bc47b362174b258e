//! A report, through the whole program and a real mail server (OpenSMTPD), into a mailbox; and the answer link in
//! the letter works.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mail_parser::MessageParser;
use serde_json::json;
use tempfile::TempDir;

use crate::support::http::Request;
use crate::support::patience::until;
use crate::support::site::{Settings, Site, person};
use crate::support::smtp::MailServer;
use crate::whole::ledger::Ledger;

const REAL_SERVER: &str = "/usr/sbin/smtpd";

/// It runs with its own `/run` and `/var/spool`, so that it meets no other server on this machine.
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
        // It cannot be asked for a free port; the one that was free a moment ago nearly always still is.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut config = String::new();
        writeln!(config, "table domains {{ \"example.test\" }}").unwrap();
        writeln!(config, "table users {{ \"@\" = \"nobody\" }}").unwrap();
        writeln!(config, "listen on 127.0.0.1 port {port} hostname mx.example.test").unwrap();
        let action = format!("lmtp \"127.0.0.1:{mailbox_port}\" rcpt-to virtual <users>");
        writeln!(config, "action \"box\" {action}").unwrap();
        writeln!(config, "match from any for domain <domains> action \"box\"").unwrap();
        let file = folder.path().join("smtpd.conf");
        std::fs::write(&file, config).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", START]).arg(&file);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self { child: command.spawn().unwrap(), folder, port }
    }

    async fn wait(&mut self) {
        let port = self.port;
        until("mail server", async || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "smtpd ended (it has to run as root): {}", self.log());
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
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

#[expect(
    clippy::disallowed_methods,
    reason = "whether a test may be skipped is asked of the caller"
)]
fn is_skipped() -> bool {
    std::env::var("TEST_WITHOUT_SMTPD").is_ok_and(|value| value == "1")
}

#[tokio::test]
async fn a_report_arrives_in_a_mailbox_behind_a_real_mail_server_and_its_link_answers() {
    if is_skipped() {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!(
                "SKIPPED: no report goes through a real mail server, because TEST_WITHOUT_SMTPD=1"
            );
        }
        return;
    }
    assert!(
        Path::new(REAL_SERVER).exists(),
        "{REAL_SERVER} is missing: install the package opensmtpd, or set TEST_WITHOUT_SMTPD=1 to skip this test"
    );
    let mailbox = MailServer::start(None).await;
    let mut smtpd = Smtpd::start(mailbox.address.port());
    smtpd.wait().await;
    let directory = person("per_suzuki", "", &[])
        + &person("per_sato", "per_suzuki", &[("mail", "sato@example.test")])
        + &person("per_tanaka", "per_sato", &[("voice", "+819000000001")]);
    let mail = format!(
        "[channels.mail]\nsmtp = \"smtp://127.0.0.1:{}\"\nfrom = \"ippo@example.test\"",
        smtpd.port
    );
    let site = Site::new(&Settings { directory, more: mail, ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = site.start().await;
    let text = "顧客の表を消してしまいました。";
    let incident = server.report(&token, &json!({ "text": text })).await;

    let letter = mailbox.wait_for_letters(1).await.remove(0);
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    let subject = parsed.subject().unwrap();
    assert!(subject.starts_with("【緊急】"), "{subject}");
    let header = |name: &'static str| {
        parsed.header(name).and_then(|value| value.as_text()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("X-Ippo-Incident"), incident);
    let attempt = header("X-Ippo-Attempt");
    let attempts = server.attempts(&token, &incident).await;
    assert_eq!(attempts[0]["id"], attempt.as_str());
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(parsed.message_id().unwrap().starts_with(&attempt));
    assert_eq!(
        parsed.to().and_then(|to| to.first()).and_then(|to| to.address()),
        Some("sato@example.test")
    );
    let body = parsed.body_text(0).unwrap();
    assert!(body.contains(text) && body.contains("+819000000001"), "{body}");
    let (_, link) = body.split_once("http://ippo.example.test/a/").unwrap();
    let link = format!("/a/{}", link.split_whitespace().next().unwrap());
    let html = parsed.body_html(0).unwrap();
    assert!(html.contains(&link), "{html}");

    let page = server.send(&Request::get(&link)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(text), "{}", page.text());
    let answer = server.send(&Request::post(&link).form("answer=accept")).await;
    assert!(answer.status < 400, "{}", answer.text());
    let ledger = Ledger::read(&server.export(&token, &incident).await);
    assert!(ledger.accepted_seq().is_some());
}
