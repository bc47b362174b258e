//! When something did not work: what happened, what was kept, what to do. Never a stack, never a blame.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::incident::Refusal;
use engine::EngineError;

use crate::api::problem::status_of;
use crate::page::Visit;
use crate::page::error_pages::{self, ErrorPage};
use crate::view::problem::Problem;
use crate::view::{Phone, Section};

/// How long to wait before sending again what could not be stored, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// The page for an address where nothing is.
pub(crate) async fn not_found(visit: Visit) -> Response {
    visit.not_found()
}

/// The page that explains an error code.
pub(crate) async fn explain(visit: Visit, Path(code): Path<String>) -> Response {
    let Some(text) = error_pages::find(&code) else { return visit.not_found() };
    let page = visit.page(Section::None, visit.w.t("error-explained"));
    visit.ok(&ErrorPage { page, blocks: error_pages::read(text) })
}

/// Says on the response when to try again.
pub(crate) fn retry_later(mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

impl Visit {
    /// Nothing is here, or nothing that the reader may see; the two are not told apart.
    pub(crate) fn not_found(&self) -> Response {
        let page = self.page(Section::None, String::new());
        self.respond(StatusCode::NOT_FOUND, &Problem::not_found(self.w, page))
    }

    /// The form did not come from a page that was made for this device.
    pub(crate) fn form_is_stale(&self) -> Response {
        let mut view = self.problem("form_expired", "error-form_expired");
        view.kept = self.w.t("error-form_expired-kept");
        self.respond(StatusCode::FORBIDDEN, &view)
    }

    /// What was sent is not what a page of ours sends.
    pub(crate) fn form_is_broken(&self, status: StatusCode) -> Response {
        self.respond(status, &self.problem("bad_form", "error-bad_form"))
    }

    /// The answer to an error of the engine. `typed` is shown to be copied; `phones` are who can be called instead.
    pub(crate) fn refused(
        &self,
        error: &EngineError,
        typed: &str,
        phones: Vec<(String, Phone)>,
    ) -> Response {
        let mut view = match error {
            EngineError::Refused(refusal) => self.refusal(refusal),
            EngineError::NotStored(_) => self.problem(error.code(), "error-not_stored"),
            EngineError::Inconsistent { .. } => {
                let mut view = self.problem(error.code(), "error-internal");
                view.kept = self.w.t("error-internal-kept");
                view
            }
        };
        let status = status_of(error);
        view.phones = phones;
        if !typed.trim().is_empty() && status != StatusCode::NOT_FOUND {
            typed.clone_into(&mut view.typed);
            if view.kept.is_empty() {
                view.kept = self.w.t("error-not_stored-kept");
            }
        }
        let response = self.respond(status, &view);
        match error {
            EngineError::NotStored(_) => retry_later(response),
            EngineError::Refused(_) | EngineError::Inconsistent { .. } => response,
        }
    }

    fn refusal(&self, refusal: &Refusal) -> Problem {
        let code = refusal.code();
        match refusal {
            Refusal::NotFound | Refusal::UnknownEntry | Refusal::UnknownAttempt => {
                Problem::not_found(self.w, self.page(Section::None, String::new()))
            }
            Refusal::NotYours { .. } | Refusal::NotAsked => self.problem(code, "error-not_allowed"),
            Refusal::Closed => self.problem(code, "error-closed"),
            Refusal::AlreadyAccepted { lead } => {
                let world = self.app.engine().world();
                let name = [("name", world.directory.name_of(lead))];
                let mut view = self.blank(code, "error-refused-title");
                view.happened = self.w.tn("error-already_accepted", &name);
                view.remedy = self.w.tn("error-already_accepted-remedy", &name);
                view
            }
            Refusal::StoodDown
            | Refusal::StillCalling
            | Refusal::UnknownPerson { .. }
            | Refusal::CannotHandOverTo { .. }
            | Refusal::EntryRedacted
            | Refusal::EntryCorrected
            | Refusal::EmptyText
            | Refusal::EmptyWhy
            | Refusal::TimeReversed => {
                let mut view = self.blank(code, "error-refused-title");
                view.happened = self.w.t(&format!("error-{code}"));
                view.remedy = self.w.t(&format!("error-{code}-remedy"));
                view
            }
        }
    }

    /// A problem whose texts are `key`, `key-title` and `key-remedy`.
    fn problem(&self, code: &str, key: &str) -> Problem {
        let mut view = self.blank(code, &format!("{key}-title"));
        view.happened = self.w.t(key);
        view.remedy = self.w.t(&format!("{key}-remedy"));
        view
    }

    fn blank(&self, code: &str, title: &str) -> Problem {
        Problem {
            w: self.w,
            page: self.page(Section::None, self.w.t(title)),
            happened: String::new(),
            kept: String::new(),
            remedy: String::new(),
            code: code.to_owned(),
            typed: String::new(),
            phones: Vec::new(),
            onward: Some(("/".to_owned(), self.w.t("error-to-home"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::test_support::Site;

    #[tokio::test]
    async fn an_address_where_nothing_is_says_so_and_leads_home() {
        let site = Site::new().await;
        let found = site.get("/nowhere", "carol").await;
        assert_eq!(found.status, StatusCode::NOT_FOUND);
        assert!(found.text.contains("Nothing is here"), "{}", found.text);
        assert!(found.text.contains("href=\"/\""));
    }

    #[tokio::test]
    async fn a_form_from_elsewhere_is_refused_and_changes_nothing() {
        let site = Site::new().await;
        let incident = site.report("it leaked").await;
        let path = format!("/incidents/{incident}/stand_down");
        let found = site.post_raw(&path, Some("carol"), "why=x&csrf=wrong").await;
        assert_eq!(found.status, StatusCode::FORBIDDEN);
        assert!(found.text.contains("form_expired"), "{}", found.text);
        assert!(site.incident(&incident).await.escalation.is_some_and(|e| e.is_open()));
    }

    #[tokio::test]
    async fn every_error_code_with_a_page_is_explained_to_anybody() {
        let site = Site::new().await;
        for (code, _) in super::error_pages::PAGES {
            let found = site.get_as_stranger(&format!("/docs/errors/{code}")).await;
            assert_eq!(found.status, StatusCode::OK, "{code}");
            assert!(found.text.contains(&format!("<h1>{code}</h1>")), "{code}: {}", found.text);
        }
        let found = site.get_as_stranger("/docs/errors/no_such_code").await;
        assert_eq!(found.status, StatusCode::NOT_FOUND);
    }
}
