//! The demonstration, from the press to the answer, with the command line as the reporter.

use std::io::Read as _;

use crate::command::place::{Place, Running};

/// A demonstration that runs, and a browser without JavaScript.
pub(crate) struct Demo {
    pub(crate) address: String,
    pub(crate) running: Running,
    http: reqwest::Client,
}

impl Demo {
    pub(crate) fn start(place: &Place, more: &[&str]) -> Self {
        let arguments = [&["demo", "--listen", "127.0.0.1:0", "--data", "demo"], more].concat();
        let mut running = place.start(&arguments);
        let line = running.line();
        let address = line.strip_prefix("ippo demo: ").and_then(|url| url.strip_suffix("/demo"));
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        assert!(address.starts_with("http://127.0.0.1:") && !address.ends_with(":0"), "{address}");
        channels::http::install_tls_provider();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { address, running, http }
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.http.get(format!("{}{path}", self.address)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// Waits until a telephone rings on the page.
    async fn wait_until_ringing(&self) {
        while !self.page("/demo").await.contains("device is-ringing") {
            tokio::task::yield_now().await;
        }
    }

    /// The newest answer link on a person's phone; waits until there is one.
    async fn answer_link(&self, person: &str) -> String {
        loop {
            let page = self.page("/demo").await;
            let card = page.split_once(&format!("id=\"device-{person}\"")).unwrap().1;
            let card = card.split("</section>").next().unwrap();
            if let Some((_, rest)) = card.split_once("/a/") {
                return format!("/a/{}", rest.split('"').next().unwrap());
            }
            tokio::task::yield_now().await;
        }
    }

    /// A token for somebody of the company.
    pub(crate) fn token(&self, place: &Place, person: &str) -> String {
        let url = format!("sqlite:{}", place.path("demo/ippo-demo.db").display());
        let arguments = ["token", "create", "--person", person];
        place.ippo_with(&arguments, &[("IPPO_STORE__URL", &url)]).expect(0).out.trim().to_owned()
    }
}

#[tokio::test]
async fn a_newcomer_can_be_anybody_of_the_company() {
    let place = Place::empty();
    let mut demo = Demo::start(&place, &[]);
    let page = demo.page("/demo").await;
    for part in [
        "田中 花子",
        "Priya Nair",
        "value=\"per_sato\"",
        "action=\"/demo/sign-in\"",
        "<html lang=\"ja\"",
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    assert!(page.find("田中 花子") < page.find("佐藤 健一"), "the suggested reporter stands first");
    let sign_in = |person: &'static str| {
        let url = format!("{}/demo/sign-in", demo.address);
        demo.http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("person={person}"))
    };
    let answer = sign_in("per_tanaka").send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/");
    let cookie =
        answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let url = format!("{}/demo", demo.address);
    let page = demo
        .http
        .get(url)
        .header("cookie", cookie)
        .header("accept-language", "en")
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("You are using ippo as this person"), "the reader is signed in");
    let answer = sign_in("per_gone").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let answer = sign_in("per_tanaka").header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(answer.status(), 403, "no other site signs anybody in");
    assert_eq!(demo.running.stop(), Some(0));
}

#[tokio::test]
async fn a_report_from_a_terminal_is_called_out_until_somebody_takes_it() {
    let place = Place::empty();
    let demo = Demo::start(&place, &["--fast"]);
    let token = demo.token(&place, "per_tanaka");
    let arguments = [
        "report",
        "--server",
        &demo.address,
        "--token",
        &token,
        "--project",
        "prj_checkout",
        "本番DBを消しました",
    ];
    let mut report = place.start(&arguments);
    assert!(
        report.line().starts_with("Sent at "),
        "the report is on disk before anything else is shown"
    );
    let link = demo.answer_link("per_mori").await;
    demo.wait_until_ringing().await;
    let page = demo.page(&link).await;
    assert!(page.contains("本番DBを消しました") || page.contains("田中"), "{page}");
    let answer = demo.http.post(format!("{}{link}", demo.address));
    let answer =
        answer.header("content-type", "application/x-www-form-urlencoded").body("answer=accept");
    let status = answer.send().await.unwrap().status();
    assert!(status.is_success() || status.is_redirection(), "{status}");
    assert!(
        !demo.page("/demo").await.contains("device is-ringing"),
        "a telephone rings although somebody has it"
    );
    let mut shown = String::new();
    report.out.read_to_string(&mut shown).unwrap();
    assert_eq!(report.wait(), Some(0));
    assert!(shown.contains("森 大輔さん") || shown.contains("森 大輔"), "{shown}");
    assert!(shown.contains("Delivered") || shown.contains("Sent"), "{shown}");
    assert!(shown.contains("森 大輔 has it."), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no control codes where nobody looks: {shown}");
}

#[tokio::test]
async fn without_a_folder_of_its_own_the_demonstration_leaves_nothing_behind() {
    let place = Place::empty();
    let temporary = place.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = place.command(&["demo", "--listen", "127.0.0.1:0"]);
    command
        .env("TMPDIR", &temporary)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    assert!(line.starts_with("ippo demo: http://127.0.0.1:"), "{line}");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
    let asked = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}
