//! Linking a computer (`ippo login`): its owner compares the code that it shows and confirms it here.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;

use crate::page::Visit;
use crate::page::form::Form;
use crate::page::show::query;
use crate::view::Section;
use crate::view::link::{Link, State};

/// The longest code that is shown again, in characters.
const CODE_CHARS_MAX: usize = 20;

/// The page that shows which device asks.
pub(crate) async fn show(visit: Visit) -> Response {
    if let Err(early) = visit.signed_in() {
        return *early;
    }
    let query = query(&visit);
    let code = query.given("code").unwrap_or_default();
    let state = if code.is_empty() { State::Asking } else { look(&visit, code) };
    visit.ok(&view(&visit, code, state))
}

/// Links the device to the reader.
pub(crate) async fn confirm(visit: Visit, body: Bytes) -> Response {
    let form = Form::read(&body);
    let reader = visit.signed_in().and_then(|reader| {
        visit.check_form(form.csrf())?;
        Ok(reader)
    });
    let reader = match reader {
        Ok(reader) => reader,
        Err(early) => return *early,
    };
    let code = form.text("code").trim();
    let logins = &visit.app.0.device_logins;
    let device = logins.find_device(code, visit.now);
    match device.filter(|_| logins.confirm(code, &reader.person, visit.now)) {
        Some(device) => visit.ok(&view(&visit, code, State::Linked { device })),
        None => {
            visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &view(&visit, code, State::Unknown))
        }
    }
}

fn look(visit: &Visit, code: &str) -> State {
    match visit.app.0.device_logins.find_device(code, visit.now) {
        Some(device) => State::Found { device },
        None => State::Unknown,
    }
}

fn view(visit: &Visit, code: &str, state: State) -> Link {
    let w = visit.w;
    let mut page = visit.page(Section::Settings, w.t("link-title"));
    page.here = "/link".to_owned();
    Link { w, page, code: code.chars().take(CODE_CHARS_MAX).collect(), state }
}

#[cfg(test)]
mod tests;
