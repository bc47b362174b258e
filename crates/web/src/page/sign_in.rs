//! Signing in and out, accepting an invitation, and the language of the pages.

mod device;

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::directory::Directory;
use domain::id::PersonId;
use store::{Account, Invitation, StoreError};
use wording::Locale;

use crate::app::digest;
use crate::page::form::Form;
use crate::page::show::{either, query};
use crate::page::{LOCALE_COOKIE, Visit, add_cookie, own_place, see_other};
use crate::password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use crate::session::Reader;
use crate::view::Section;
use crate::view::problem::Problem;
use crate::view::sign_in::{Invitation as InvitationPage, SignIn};

/// How long the chosen language is remembered on a device.
const LOCALE_LASTS_SECS: u64 = 2 * 365 * 86_400;

/// From where a request came, when the server knows it.
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// The page that asks who is there.
pub(crate) async fn show(visit: Visit) -> Response {
    let query = query(&visit);
    let then = own_place(query.text("then"));
    match &visit.reader {
        Reader::SignedIn(_) => see_other(then),
        Reader::Expired(_) => {
            let problem = Some(visit.w.t("sign-in-again"));
            visit.ok(&view(&visit, String::new(), then, problem))
        }
        Reader::Nobody => visit.ok(&view(&visit, String::new(), then, None)),
    }
}

/// Signs in with a name and a password.
pub(crate) async fn create(visit: Visit, peer: Peer, body: Bytes) -> Response {
    let form = Form::read(&body);
    let peer = peer.map(|Extension(ConnectInfo(address))| address.ip());
    either(sign_in(&visit, peer, &form).await)
}

/// Ends the session of this device.
pub(crate) async fn sign_out(visit: Visit, body: Bytes) -> Response {
    let ended = async {
        visit.check_form(Form::read(&body).csrf())?;
        if let Some(device) = visit.reader.may_report() {
            let store = visit.app.engine().store();
            visit.stored(store.delete_session(&device.token_hash).await, "")?;
        }
        let mut response = visit.done("/", "signed-out");
        add_cookie(&mut response, &visit.app.no_cookie());
        Ok(response)
    };
    either(ended.await)
}

/// The page behind an invitation link.
pub(crate) async fn invite_show(visit: Visit, Path(token): Path<String>) -> Response {
    match find_invitation(&visit, &token).await {
        Ok(invitation) => visit.ok(&invitation_view(&visit, &token, &invitation.person, None)),
        Err(early) => *early,
    }
}

/// Sets the password of whoever was invited and signs the device in.
pub(crate) async fn invite_create(
    visit: Visit,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    either(accept(&visit, &token, &Form::read(&body)).await)
}

/// Chooses the language of this device.
pub(crate) async fn language(visit: Visit, body: Bytes) -> Response {
    let form = Form::read(&body);
    if let Err(early) = visit.check_form(form.csrf()) {
        return *early;
    }
    let mut response = see_other(own_place(form.text("return")));
    if let Some(locale) = Locale::parse(form.text("locale")) {
        let tag = locale.tag();
        let lasts = LOCALE_LASTS_SECS;
        let cookie =
            format!("{LOCALE_COOKIE}={tag}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Lax");
        add_cookie(&mut response, &cookie);
    }
    response
}

/// What is wrong with a new password, as a key of the catalogue.
pub(crate) fn check_password(password: &str) -> Result<(), &'static str> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err("password-short");
    }
    if password.len() > PASSWORD_BYTES_MAX { Err("password-long") } else { Ok(()) }
}

impl Visit {
    /// The hash of a new password; the page that says why there is none otherwise.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Box<Response>> {
        let hash = self.app.hash_password(password.to_owned()).await;
        hash.ok_or_else(|| {
            let why =
                StoreError::Unavailable { why: "the password could not be hashed".to_owned() };
            Box::new(self.refused(&why.into(), "", Vec::new()))
        })
    }
}

async fn sign_in(
    visit: &Visit,
    peer: Option<IpAddr>,
    form: &Form,
) -> Result<Response, Box<Response>> {
    visit.check_form(form.csrf())?;
    let (name, password) = (form.text("name").trim(), form.text("password"));
    let then = own_place(form.text("then"));
    let person = find_by_name(&visit.app.engine().world().directory, name);
    let limit = &visit.app.0.sign_in_limit;
    let by_name = match &person {
        Some(person) => format!("person {person}"),
        None => format!("name {}", name.to_lowercase().chars().take(100).collect::<String>()),
    };
    // Behind a proxy on this machine everybody has its address: counting that would shut everybody out at once.
    let by_peer = peer.filter(|ip| !ip.to_canonical().is_loopback()).map(|ip| format!("peer {ip}"));
    let waits = by_peer.iter().chain([&by_name]).filter_map(|who| limit.check(who, visit.now));
    if let Some(wait) = waits.max() {
        let until = visit.clock(visit.now.after(wait)).shown;
        let problem = visit.w.tn("sign-in-too-many", &[("time", &until)]);
        let page = view(visit, name.to_owned(), then, Some(problem));
        let mut response = visit.respond(StatusCode::TOO_MANY_REQUESTS, &page);
        let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        return Ok(response);
    }
    // Counted before the password is looked at, so that tries side by side are not all let through.
    limit.fail(&by_name, visit.now);
    let account = match &person {
        Some(person) => visit.stored(visit.app.engine().store().find_account(person).await, "")?,
        None => None,
    };
    let hash = account.and_then(|account| account.password_hash);
    let hash = hash.filter(|_| password.len() <= PASSWORD_BYTES_MAX);
    let given = password.chars().take(PASSWORD_BYTES_MAX).collect();
    let is_right = visit.app.is_password(given, hash).await;
    let Some(person) = person.filter(|_| is_right) else {
        by_peer.iter().for_each(|who| limit.fail(who, visit.now));
        let page = view(visit, name.to_owned(), then, Some(visit.w.t("sign-in-wrong")));
        return Ok(visit.respond(StatusCode::UNAUTHORIZED, &page));
    };
    limit.succeed(&by_name);
    let (session, cookie) = visit.app.new_session(&person, &device::name(&visit.headers));
    visit.stored(visit.app.engine().store().insert_session(&session).await, "")?;
    let mut response = see_other(then);
    add_cookie(&mut response, &cookie);
    Ok(response)
}

/// Whom a name means: a person's id, or a mail address that is one person's alone.
fn find_by_name(directory: &Directory, name: &str) -> Option<PersonId> {
    let is_id = |id: &&PersonId| id.as_str().eq_ignore_ascii_case(name);
    if let Some(id) = directory.people.keys().find(is_id) {
        return Some(id.clone());
    }
    let has_address = |person: &&domain::directory::Person| {
        let mut mails = person.contact.iter().filter(|contact| contact.channel == "mail");
        mails.any(|contact| contact.address.eq_ignore_ascii_case(name))
    };
    let mut found = directory.people.values().filter(has_address);
    match (found.next(), found.next()) {
        (Some(person), None) => Some(person.id.clone()),
        (None | Some(_), _) => None,
    }
}

async fn accept(visit: &Visit, token: &str, form: &Form) -> Result<Response, Box<Response>> {
    visit.check_form(form.csrf())?;
    let invitation = find_invitation(visit, token).await?;
    let password = form.text("password");
    if let Err(key) = check_password(password) {
        let problem = Some(visit.w.t(key));
        let page = invitation_view(visit, token, &invitation.person, problem);
        return Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let account = Account {
        person: invitation.person.clone(),
        password_hash: Some(visit.hash(password).await?),
        created_at: visit.now,
        password_changed_at: Some(visit.now),
    };
    // First, so that the link of the first admin is not used up without making them one.
    if invitation.is_admin {
        make_admin(visit, &invitation.person).await?;
    }
    let (session, cookie) =
        visit.app.new_session(&invitation.person, &device::name(&visit.headers));
    let store = visit.app.engine().store();
    let redeemed =
        store.redeem_invitation(&invitation.token_hash, &account, &session, visit.now).await;
    if matches!(redeemed, Err(StoreError::RowsAffected { .. })) {
        return Ok(used(visit));
    }
    visit.stored(redeemed, "")?;
    let mut response = see_other("/");
    add_cookie(&mut response, &cookie);
    Ok(response)
}

async fn make_admin(visit: &Visit, person: &PersonId) -> Result<(), Box<Response>> {
    visit.reload().await?;
    let world = visit.app.engine().world();
    let Some(found) = world.directory.find_person(person).filter(|found| !found.admin) else {
        return Ok(());
    };
    let admin = domain::directory::Person { admin: true, ..found.clone() };
    visit.stored(visit.app.engine().store().upsert_person(&admin).await, "")?;
    visit.reload().await
}

/// The invitation, while it works. What was used, has run out or never was is one page, so that nobody who tries
/// tokens learns anything.
async fn find_invitation(visit: &Visit, token: &str) -> Result<Invitation, Box<Response>> {
    let engine = visit.app.engine();
    let found = visit.stored(engine.store().find_invitation(&digest(token)).await, "")?;
    let world = engine.world();
    found
        .filter(|invitation| invitation.used_at.is_none() && visit.now < invitation.expires_at)
        .filter(|invitation| world.directory.find_person(&invitation.person).is_some())
        .ok_or_else(|| Box::new(used(visit)))
}

fn used(visit: &Visit) -> Response {
    let w = visit.w;
    let mut page = visit.page(Section::None, w.t("invitation-used-title"));
    page.here = String::new();
    let problem = Problem {
        w,
        page,
        happened: w.t("invitation-used"),
        kept: String::new(),
        remedy: w.t("invitation-used-remedy"),
        code: "invitation_used".to_owned(),
        typed: String::new(),
        phones: Vec::new(),
        onward: Some(("/sign-in".to_owned(), w.t("sign-in-title"))),
    };
    visit.respond(StatusCode::GONE, &problem)
}

fn view(visit: &Visit, name: String, then: &str, problem: Option<String>) -> SignIn {
    let w = visit.w;
    let mut page = visit.page(Section::None, w.t("sign-in-title"));
    page.here = "/sign-in".to_owned();
    let may_report = matches!(visit.reader, Reader::Expired(_));
    SignIn { w, page, name, then: then.to_owned(), problem, may_report }
}

fn invitation_view(
    visit: &Visit,
    token: &str,
    person: &PersonId,
    problem: Option<String>,
) -> InvitationPage {
    let w = visit.w;
    let world = visit.app.engine().world();
    let found = world.directory.find_person(person);
    let mail = found.and_then(|found| found.contact.iter().find(|c| c.channel == "mail"));
    InvitationPage {
        w,
        page: visit.page(Section::None, w.t("invitation-title")),
        action: format!("/invite/{token}"),
        name: world.directory.name_of(person).to_owned(),
        sign_in_name: mail.map_or_else(|| person.to_string(), |mail| mail.address.clone()),
        password_chars_min: i64::try_from(PASSWORD_CHARS_MIN).unwrap_or(i64::MAX),
        problem,
    }
}

#[cfg(test)]
mod tests;
