//! The pages. One file for each; this one holds what they share: who reads, in which language, what a failed action
//! answers, and how a view becomes a response.

pub(crate) mod answer;
pub(crate) mod calling;
pub(crate) mod error_pages;
pub(crate) mod form;
pub(crate) mod home;
pub(crate) mod incident;
pub(crate) mod incidents;
pub(crate) mod link;
pub(crate) mod people;
pub(crate) mod problem;
pub(crate) mod rehearsal;
pub(crate) mod settings;
pub(crate) mod show;
pub(crate) mod sign_in;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::time::Timestamp;
use engine::EngineError;
use store::StoreError;
use wording::{Locale, Words, time};

use crate::app::App;
use crate::session::{Reader, SignedIn, find_cookie, is_cross_site};
use crate::view::{Flash, Moment, Page, Section};

/// The cookie that holds the chosen language.
pub(crate) const LOCALE_COOKIE: &str = "ippo_locale";
/// The cookie that holds what the last action left to say.
pub(crate) const FLASH_COOKIE: &str = "ippo_flash";
/// The cookie that holds that the button need not be held.
pub(crate) const PRESS_COOKIE: &str = "ippo_press";

/// What a page is made with.
pub(crate) struct Visit {
    /// The application.
    pub(crate) app: App,
    /// Who reads.
    pub(crate) reader: Reader,
    /// In which language.
    pub(crate) w: Words,
    /// When.
    pub(crate) now: Timestamp,
    /// Path and query.
    pub(crate) here: String,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    flash: Option<Flash>,
}

impl FromRequestParts<App> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let reader = app.reader(&parts.headers).await;
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let w = words(app, &reader, &parts.headers);
        let flash = find_cookie(&parts.headers, FLASH_COOKIE).and_then(|key| read_flash(w, key));
        Ok(Self {
            app: app.clone(),
            reader,
            w,
            now: app.engine().now(),
            here,
            headers: parts.headers.clone(),
            flash,
        })
    }
}

/// The language: chosen on this device, else the person's, else the browser's, else the organisation's.
fn words(app: &App, reader: &Reader, headers: &HeaderMap) -> Words {
    let chosen = find_cookie(headers, LOCALE_COOKIE).and_then(Locale::parse);
    let world = app.engine().world();
    let organisation = Locale::parse(&world.directory.organisation.locale).unwrap_or(Locale::En);
    let own = || {
        let person = reader.may_report()?;
        Locale::parse(&world.directory.find_person(&person.person)?.locale)
    };
    let asked = || {
        let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Some(Locale::negotiate(text, organisation))
    };
    Words::of(chosen.or_else(own).or_else(asked).unwrap_or(organisation))
}

/// A flash is a key of the catalogue, so that nobody can put words of their own on a page.
fn read_flash(w: Words, key: &str) -> Option<Flash> {
    let (done, key) = key.split_once('.')?;
    let key = format!("flash-{key}");
    w.has(&key).then(|| Flash { is_done: done == "done", text: w.t(&key) })
}

impl Visit {
    /// The person signed in; the page that asks for it otherwise.
    pub(crate) fn signed_in(&self) -> Result<&SignedIn, Box<Response>> {
        match &self.reader {
            Reader::SignedIn(signed_in) => Ok(signed_in),
            Reader::Expired(_) | Reader::Nobody => Err(Box::new(self.to_sign_in())),
        }
    }

    /// The person signed in, when they are an admin; otherwise the page does not exist.
    pub(crate) fn admin(&self) -> Result<&SignedIn, Box<Response>> {
        let signed_in = self.signed_in()?;
        let world = self.app.engine().world();
        let is_admin = world.directory.find_person(&signed_in.person).is_some_and(|p| p.admin);
        if is_admin { Ok(signed_in) } else { Err(Box::new(self.not_found())) }
    }

    /// Whether an admin reads.
    pub(crate) fn is_admin(&self) -> bool {
        self.admin().is_ok()
    }

    /// To the sign-in page, and back here afterwards.
    pub(crate) fn to_sign_in(&self) -> Response {
        let then =
            percent_encoding::utf8_percent_encode(&self.here, percent_encoding::NON_ALPHANUMERIC);
        see_other(&format!("/sign-in?then={then}"))
    }

    /// Whether a form came from a page of ours, made for this device.
    pub(crate) fn check_form(&self, csrf: &str) -> Result<(), Box<Response>> {
        let is_cross = is_cross_site(&self.headers, self.app.engine().public_url());
        let is_own = self.reader.may_report().is_none_or(|device| device.is_own_form(csrf));
        if is_own && !is_cross { Ok(()) } else { Err(Box::new(self.form_is_stale())) }
    }

    /// The time zone of the reader.
    pub(crate) fn zone(&self) -> String {
        let world = self.app.engine().world();
        match self.reader.may_report() {
            Some(device) => world.directory.timezone_of(&device.person).to_owned(),
            None => world.directory.organisation.timezone.clone(),
        }
    }

    /// A page with everything that pages share.
    pub(crate) fn page(&self, section: Section, title: String) -> Page {
        let world = self.app.engine().world();
        let device = self.reader.may_report();
        let person = self.reader.signed_in();
        Page {
            csrf: device.map(|device| device.csrf.clone()).unwrap_or_default(),
            here: self.here.clone(),
            person: person.map(|p| world.directory.name_of(&p.person).to_owned()),
            organisation: world.directory.organisation.name.clone(),
            flash: self.flash.clone(),
            now_ms: self.now.as_millisecond(),
            printed_at: time::exact(self.w, self.now, &self.zone()),
            css: crate::assets::SITE_CSS.url().to_owned(),
            js: crate::assets::APP_JS.url().to_owned(),
            is_demo: self.app.0.config.demo,
            ..Page::new(self.w, section, title)
        }
    }

    /// A moment as hour and minute, in the reader's zone.
    pub(crate) fn clock(&self, at: Timestamp) -> Moment {
        Moment::clock(self.w, at, self.now, &self.zone())
    }

    /// A page as a response. A flash that was shown is forgotten.
    pub(crate) fn respond(&self, status: StatusCode, template: &impl Template) -> Response {
        match template.render() {
            Ok(html) => {
                let mut response = (status, Html(html)).into_response();
                if self.flash.is_some() {
                    add_cookie(&mut response, &format!("{FLASH_COOKIE}=; Path=/; Max-Age=0"));
                }
                response
            }
            Err(_) => {
                tracing::error!("a page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// A page that went well.
    pub(crate) fn ok(&self, template: &impl Template) -> Response {
        self.respond(StatusCode::OK, template)
    }

    /// What the store gave; the page that says why it gave nothing otherwise, with what was typed.
    pub(crate) fn stored<T>(
        &self,
        given: Result<T, StoreError>,
        typed: &str,
    ) -> Result<T, Box<Response>> {
        given.map_err(|why| Box::new(self.refused(&EngineError::from(why), typed, Vec::new())))
    }

    /// Lets the engine see a change of the directory at once.
    pub(crate) async fn reload(&self) -> Result<(), Box<Response>> {
        let reloaded = self.app.engine().reload_directory().await;
        reloaded.map_err(|why| Box::new(self.refused(&why, "", Vec::new())))
    }

    /// To another page, which says once what was done.
    pub(crate) fn done(&self, to: &str, flash: &str) -> Response {
        let mut response = see_other(to);
        let cookie =
            format!("{FLASH_COOKIE}=done.{flash}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        add_cookie(&mut response, &cookie);
        response
    }
}

/// To another page, by GET.
pub(crate) fn see_other(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// Adds a `Set-Cookie` header.
pub(crate) fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = header::HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A place on this site that a form may lead back to; anything else leads home.
pub(crate) fn own_place(given: &str) -> &str {
    let is_own = given.starts_with('/')
        && !given.starts_with("//")
        && !given.starts_with("/\\")
        && !given.chars().any(char::is_control);
    if is_own { given } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_never_leads_away_from_this_site() {
        for own in ["/", "/incidents/inc_1?x=1"] {
            assert_eq!(own_place(own), own);
        }
        for other in ["https://evil.test", "//evil.test", "/\\evil.test", "x", "", "/a\nb"] {
            assert_eq!(own_place(other), "/", "{other}");
        }
    }
}
