//! Pages: a long incident, and what a first look at Home weighs.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::figures::{Samples, print_at_most, print_figure, print_section, print_target, shown};
use crate::http::{Connection, Request, Response};
use crate::receiver::Receiver;
use crate::site::{Server, Settings, Site, person};

const ENTRIES: usize = 2_000;
const VIEWS: usize = 100;
const VIEW_MAX: Duration = Duration::from_millis(30);
const HOME_BYTES_MAX: usize = 40_000;

/// The middle of many times that a request takes on a connection kept open.
async fn time(connection: &mut Connection, request: &Request) -> (Duration, Response) {
    let mut samples = Samples::default();
    let mut last = connection.send(request).await.unwrap();
    for _ in 0..VIEWS {
        let start = Instant::now();
        last = connection.send(request).await.unwrap();
        samples.add(start.elapsed());
    }
    assert_eq!(last.status, 200, "{}", last.text());
    (samples.p50(), last)
}

async fn view_incident(server: &Server, token: &str, cookie: &str) {
    let incident = server.report(token, &json!({"text": "止まりました"})).await;
    let mut connection = Connection::open(server.address).await.unwrap();
    let path = format!("/api/v1/incidents/{incident}/entries");
    let kinds = ["fact", "guess", "unknown", "action"];
    for number in 0..ENTRIES {
        let text = format!("{number} 番目の記録。決済の画面が開かないと連絡がありました。");
        let body = json!({"kind": kinds[number % kinds.len()], "text": text, "source": "saw"});
        let request = Request::post(&path).bearer(token).json(&body);
        let answer = connection.send(&request).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let page = Request::get(&format!("/incidents/{incident}")).header("cookie", cookie);
    let (plain, response) = time(&mut connection, &page).await;
    let (packed, _) = time(&mut connection, &page.clone().header("accept-encoding", "gzip")).await;
    let (bare, _) = time(&mut connection, &Request::get("/healthz")).await;
    print_section(&format!("the page of an incident with {ENTRIES} entries ({VIEWS} views)"));
    let what = "page less a bare request, p50";
    print_at_most(what, plain.saturating_sub(bare), VIEW_MAX);
    let what = "page as browsers ask for it (gzip) less a bare request, p50";
    print_at_most(what, packed.saturating_sub(bare), VIEW_MAX);
    print_figure("a bare request (/healthz), p50", &shown(bare));
    print_figure("the page", &format!("{} kB", response.body.len() / 1_000));
}

/// The addresses of style sheets and scripts that a page names.
fn list_assets(page: &str) -> Vec<String> {
    let marks = ["href=\"/assets/", "src=\"/assets/"];
    let mut found = Vec::new();
    for mark in marks {
        for (at, _) in page.match_indices(mark) {
            let rest = page[at..].split('"').nth(1).unwrap_or_default();
            found.push(rest.replace("&amp;", "&"));
        }
    }
    found
}

async fn weigh_home(server: &Server, cookie: &str) {
    let plain = server.send(&Request::get("/").header("cookie", cookie)).await;
    assert_eq!(plain.status, 200, "{}", plain.text());
    let mut total = 0;
    print_section("the first load of Home, compressed");
    let mut paths = vec!["/".to_owned()];
    paths.extend(list_assets(&plain.text()));
    for path in paths {
        let request =
            Request::get(&path).header("cookie", cookie).header("accept-encoding", "gzip");
        let answer = server.send(&request).await;
        assert_eq!(answer.status, 200, "{path}");
        let name = path.split('?').next().unwrap_or_default();
        print_figure(name, &format!("{:.1} kB", answer.body.len() as f64 / 1e3));
        total += answer.body.len();
    }
    let shown = format!("{:.1} kB", total as f64 / 1e3);
    print_target("all of it", &shown, "<= 40 kB", total <= HOME_BYTES_MAX);
}

/// Sections 8 and 9.
pub(crate) async fn run() {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[("webhook", &receiver.url("/ok/suzuki"))])
        + &person("per_sato", "per_suzuki", &[("webhook", &receiver.url("/ok/sato"))])
        + &person("per_tanaka", "per_sato", &[("voice", "+819000000001")]);
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let token = site.token("per_tanaka");
    let cookie = site.sign_in("per_tanaka").await;
    let server = site.start().await;
    weigh_home(&server, &cookie).await;
    view_incident(&server, &token, &cookie).await;
}
