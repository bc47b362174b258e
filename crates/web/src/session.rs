//! Who is asking: the session cookie, what it allows, and the proof that a form came from our own page.
//!
//! A session is an opaque random token; the store holds its digest. It lasts long and slides, because the person
//! who needs it needs it at the worst moment. A session that has run out still lets its device send a first report,
//! and nothing else.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::id::PersonId;
use domain::time::Timestamp;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use store::{Session, StoreError};

use crate::app::{App, digest};

/// How long a device stays signed in after its last use.
pub(crate) const SESSION_LASTS: Duration = Duration::from_secs(180 * 86_400);
/// How long a device that ran out may still send a first report.
const REPORT_ONLY_LASTS: Duration = Duration::from_secs(2 * 365 * 86_400);
/// How often the use of a session is written down.
const TOUCH_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody signed in.
    SignedIn(SignedIn),
    /// A device whose sign-in has run out: it may send a first report.
    Expired(SignedIn),
    /// Nobody we know.
    Nobody,
}

/// A person on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) person: PersonId,
    /// The digest of the device's token.
    pub(crate) token_hash: domain::ledger::Hash,
    /// What forms on pages for this device carry.
    pub(crate) csrf: String,
}

impl Reader {
    /// The person, when signed in.
    pub(crate) const fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Expired(_) | Self::Nobody => None,
        }
    }

    /// The person who may send a first report.
    pub(crate) const fn may_report(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) | Self::Expired(signed_in) => Some(signed_in),
            Self::Nobody => None,
        }
    }
}

impl App {
    /// The name of the session cookie; over https one that no other host can set.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-ippo" } else { "ippo" }
    }

    /// Reads who is asking. A store that cannot be read counts as nobody: pages then say so themselves.
    pub(crate) async fn reader(&self, headers: &HeaderMap) -> Reader {
        let Some(token) = find_cookie(headers, self.cookie_name()) else { return Reader::Nobody };
        let token_hash = digest(token);
        let now = self.engine().now();
        let Ok(Some(session)) = self.engine().store().find_session(&token_hash).await else {
            return Reader::Nobody;
        };
        if self.engine().world().directory.find_person(&session.person).is_none() {
            return Reader::Nobody;
        }
        let signed_in =
            SignedIn { person: session.person.clone(), token_hash, csrf: csrf_of(token) };
        if now < session.expires_at {
            self.touch(&session, now).await;
            Reader::SignedIn(signed_in)
        } else if now < session.expires_at.after(REPORT_ONLY_LASTS) {
            Reader::Expired(signed_in)
        } else {
            Reader::Nobody
        }
    }

    async fn touch(&self, session: &Session, now: Timestamp) {
        if now.since(session.seen_at) < TOUCH_EVERY {
            return;
        }
        let until = now.after(SESSION_LASTS);
        if let Err(why) = self.engine().store().touch_session(&session.token_hash, now, until).await
        {
            tracing::debug!(code = why.code(), "the use of a session was not written down");
        }
    }

    /// A new session for `person`, not yet stored, and the cookie that holds it.
    pub(crate) fn new_session(&self, person: &PersonId, device: &str) -> (Session, String) {
        let token = self.new_token();
        let now = self.engine().now();
        let session = Session {
            token_hash: digest(&token),
            person: person.clone(),
            created_at: now,
            seen_at: now,
            expires_at: now.after(SESSION_LASTS),
            device: device.chars().filter(|c| !c.is_control()).take(120).collect(),
        };
        let cookie = self.cookie(&token, REPORT_ONLY_LASTS.saturating_add(SESSION_LASTS));
        (session, cookie)
    }

    fn cookie(&self, value: &str, lasts: Duration) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let name = self.cookie_name();
        let lasts = lasts.as_secs();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lasts}{secure}")
    }

    /// The cookie that ends the session on the device.
    pub(crate) fn no_cookie(&self) -> String {
        self.cookie("", Duration::ZERO)
    }
}

/// Signs `person` in on a device and gives back the `Set-Cookie` value.
///
/// # Errors
/// When the session cannot be stored.
pub async fn sign_in_cookie(
    app: &App,
    person: &PersonId,
    device: &str,
) -> Result<String, StoreError> {
    let (session, cookie) = app.new_session(person, device);
    app.engine().store().insert_session(&session).await?;
    Ok(cookie)
}

/// The value of a cookie.
pub(crate) fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// What forms carry to show that they came from a page made for this device.
fn csrf_of(token: &str) -> String {
    Hmac::<Sha256>::new_from_slice(token.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(b"form");
            hex::encode(mac.finalize().into_bytes())
        },
    )
}

/// Whether the browser says that the request came from another site.
pub(crate) fn is_cross_site(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => false,
        Some(_) => true,
        None => text("origin").is_some_and(|origin| {
            let host = text("host").unwrap_or_default();
            let own = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
            origin != public_url && !own
        }),
    }
}

impl SignedIn {
    /// Whether the form's token is the one of this device.
    pub(crate) fn is_own_form(&self, given: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.csrf.as_bytes(), given.as_bytes()).into()
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(app.reader(&parts.headers).await)
    }
}
