//! Only a human being stops the calling: machines that fetch, preview and scan links change nothing.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::http::{Request, Response};
use crate::support::receiver::Receiver;
use crate::support::site::{Server, Settings, Site, person};
use crate::whole::ledger::Ledger;

/// What machines call themselves.
const MACHINES: [&str; 6] = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23",
    "curl/8.0",
];

/// Attributes that lead somewhere.
const LEADS: [&str; 5] = ["href=\"", "src=\"", "action=\"", "formaction=\"", "data-live=\""];

/// Every place of this site that a page leads to, forms included.
fn list_links(page: &Response) -> BTreeSet<String> {
    let text = page.text();
    let mut found = BTreeSet::new();
    for lead in LEADS {
        for (at, _) in text.match_indices(lead) {
            let rest = &text[at + lead.len()..];
            let link = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
            let link = link.strip_prefix("http://ippo.example.test").unwrap_or(&link);
            if link.starts_with('/') && !link.starts_with("//") {
                found.insert(link.to_owned());
            }
        }
    }
    found
}

/// Fetches a link as a machine does. Streams of news are begun and left again.
async fn fetch(server: &Server, method: &str, path: &str, machine: &str) -> Option<Response> {
    let request = Request::new(method, path).header("user-agent", machine);
    if path.contains("/live") || path.contains("/events") {
        let mut stream = crate::support::http::Connection::open(server.address).await.ok()?;
        return stream.open_stream(&request).await.ok();
    }
    Some(server.send(&request).await)
}

#[tokio::test]
async fn machines_that_follow_every_link_two_levels_deep_change_nothing_and_a_person_does() {
    let receiver = Receiver::start().await;
    let directory = person("per_suzuki", "", &[])
        + &person("per_sato", "per_suzuki", &[("webhook", &receiver.url("/ok/sato"))])
        + &person("per_tanaka", "per_sato", &[]);
    let site = Site::new(&Settings { directory, ..Settings::default() });
    let token = site.token("per_tanaka");
    let server = site.start().await;
    let incident = server.report(&token, &json!({"text": "顧客の表を消しました"})).await;
    receiver.wait_for_count(1).await;
    let link = receiver.hooks()[0].answer_path();
    assert!(link.starts_with("/a/"), "{link}");
    // The outcome of the message is the last thing that happens by itself.
    let outcome_of_first = async || {
        let ledger = Ledger::read(&server.export(&token, &incident).await);
        ledger.owed().is_empty().then_some(())
    };
    crate::support::patience::until("outcome", outcome_of_first).await;
    let before = server.export(&token, &incident).await;

    let mut seen = 0;
    for machine in MACHINES {
        let mut level = BTreeSet::from([link.clone(), format!("{link}?answer=accept&minutes=5")]);
        for _ in 0..3 {
            let mut next = BTreeSet::new();
            for path in &level {
                for method in ["HEAD", "GET"] {
                    let Some(page) = fetch(&server, method, path, machine).await else { continue };
                    seen += 1;
                    next.extend(list_links(&page));
                }
            }
            level = next;
        }
    }
    assert!(seen > MACHINES.len() * 4, "the answer page leads nowhere: {seen}");
    for method in ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
        let request = Request::new(method, &link).form("answer=accept");
        let answer = server.send(&request).await;
        assert!(matches!(answer.status, 404 | 405), "{method}: {}", answer.status);
    }
    for form in ["", "answer=", "answer=maybe", "answer=promise", "answer=promise&minutes=x", "a"] {
        let answer = server.send(&Request::post(&link).form(form)).await;
        assert!((400..500).contains(&answer.status), "{form}: {}", answer.status);
    }
    assert_eq!(server.export(&token, &incident).await, before);

    let answer = server.send(&Request::post(&link).form("answer=accept")).await;
    assert!(answer.status < 400, "{}", answer.text());
    let after = Ledger::read(&server.export(&token, &incident).await);
    assert!(after.accepted_seq().is_some());
}
