//! Settings: the button, this person's devices, password and tokens, and invitations made by admins.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use store::{Account, ApiToken, Invitation, Session, StoreError};

use crate::api::v1::login::make_token;
use crate::app::{digest, digest_bytes};
use crate::page::form::Form;
use crate::page::people::check::person_choices;
use crate::page::show::either;
use crate::page::sign_in::check_password;
use crate::page::{PRESS_COOKIE, Visit, add_cookie};
use crate::session::{SignedIn, find_cookie};
use crate::view::qr::Qr;
use crate::view::settings::{Device, NewInvitation, Settings, Token};
use crate::view::{Flash, Moment, Section};

/// How long an invitation works.
const INVITATION_LASTS: Duration = Duration::from_secs(3 * 86_400);
/// How long the way of pressing is remembered on a device.
const PRESS_LASTS_SECS: u64 = 2 * 365 * 86_400;
/// What a token is called that was given no name.
const TOKEN_LABEL: &str = "API";

/// The page.
pub(crate) async fn show(visit: Visit) -> Response {
    let shown = async {
        let signed_in = visit.signed_in()?;
        Ok(visit.ok(&view(&visit, signed_in).await?))
    };
    either(shown.await)
}

/// Whether the button is held on this device.
pub(crate) async fn press(visit: Visit, body: Bytes) -> Response {
    let form = Form::read(&body);
    if let Err(early) = begin(&visit, &form) {
        return *early;
    }
    let (value, lasts) =
        if form.text("press") == "at_once" { ("at_once", PRESS_LASTS_SECS) } else { ("", 0) };
    let mut response = visit.done("/settings", "saved");
    let cookie = format!("{PRESS_COOKIE}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Lax");
    add_cookie(&mut response, &cookie);
    response
}

/// Changes the reader's password. Their devices stay signed in: the button must be there when it is needed.
pub(crate) async fn password(visit: Visit, body: Bytes) -> Response {
    either(change_password(&visit, &Form::read(&body)).await)
}

/// Signs one of the reader's devices out.
pub(crate) async fn session_revoke(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let revoked = async {
        let signed_in = begin(&visit, &Form::read(&body))?;
        let store = visit.app.engine().store();
        let sessions = visit.stored(store.list_sessions(&signed_in.person).await, "")?;
        // One that is gone already is signed out as well.
        if let Some(session) = sessions.iter().find(|session| session_id(session) == id) {
            visit.stored(store.delete_session(&session.token_hash).await, "")?;
        }
        Ok(visit.done("/settings", "device-signed-out"))
    };
    either(revoked.await)
}

/// Makes a token for the reader and shows it, this once.
pub(crate) async fn token_create(visit: Visit, body: Bytes) -> Response {
    let created = async {
        let form = Form::read(&body);
        let signed_in = begin(&visit, &form)?;
        let label = form.given("label").unwrap_or(TOKEN_LABEL);
        let token = make_token(&visit.app, &signed_in.person, label).await;
        let token = token.map_err(|why| Box::new(visit.refused(&why, label, Vec::new())))?;
        let page = Settings { new_token: Some(token), ..view(&visit, signed_in).await? };
        Ok(visit.ok(&page))
    };
    either(created.await)
}

/// Ends one of the reader's tokens.
pub(crate) async fn token_revoke(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let revoked = async {
        let signed_in = begin(&visit, &Form::read(&body))?;
        let store = visit.app.engine().store();
        match store.revoke_token(&signed_in.person, &id, visit.now).await {
            // One that is not there, or not theirs, does not work for them any more either.
            Ok(()) | Err(StoreError::RowsAffected { .. }) => {}
            Err(why) => visit.stored(Err(why), "")?,
        }
        visit.app.forget_tokens();
        Ok(visit.done("/settings", "token-revoked"))
    };
    either(revoked.await)
}

/// Makes an invitation and shows its link, this once.
pub(crate) async fn invitation_create(visit: Visit, body: Bytes) -> Response {
    either(invite(&visit, &Form::read(&body)).await)
}

fn begin<'a>(visit: &'a Visit, form: &Form) -> Result<&'a SignedIn, Box<Response>> {
    let signed_in = visit.signed_in()?;
    visit.check_form(form.csrf())?;
    Ok(signed_in)
}

async fn change_password(visit: &Visit, form: &Form) -> Result<Response, Box<Response>> {
    let signed_in = begin(visit, form)?;
    let person = &signed_in.person;
    let (old, new) = (form.text("old"), form.text("new"));
    let limit = &visit.app.0.sign_in_limit;
    let counted = format!("password {person}");
    let problem = if let Some(wait) = limit.check(&counted, visit.now) {
        let until = visit.clock(visit.now.after(wait));
        Some(visit.w.tn("sign-in-too-many", &[("time", &until.shown)]))
    } else if let Err(key) = check_password(new) {
        Some(visit.w.t(key))
    } else {
        limit.fail(&counted, visit.now);
        let account = visit.stored(visit.app.engine().store().find_account(person).await, "")?;
        let hash = account.and_then(|account: Account| account.password_hash);
        let is_right = visit.app.is_password(old.to_owned(), hash).await;
        (!is_right).then(|| visit.w.t("password-wrong"))
    };
    if problem.is_some() {
        let page = Settings { password_problem: problem, ..view(visit, signed_in).await? };
        return Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    limit.succeed(&counted);
    let hash = visit.hash(new).await?;
    let store = visit.app.engine().store();
    visit.stored(store.update_password(person, &hash, visit.now).await, "")?;
    Ok(visit.done("/settings", "password-changed"))
}

async fn invite(visit: &Visit, form: &Form) -> Result<Response, Box<Response>> {
    let signed_in = visit.admin()?;
    visit.check_form(form.csrf())?;
    let person = PersonId::new(form.text("person").trim());
    let mut page = view(visit, signed_in).await?;
    let engine = visit.app.engine();
    let world = engine.world();
    let Some(invited) = world.directory.find_person(&person) else {
        page.page.flash = Some(Flash { is_done: false, text: visit.w.t("form-choose-person") });
        return Ok(visit.respond(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let token = visit.app.new_token();
    let expires_at = visit.now.after(INVITATION_LASTS);
    let invitation = Invitation {
        token_hash: digest(&token),
        person,
        is_admin: false,
        created_at: visit.now,
        expires_at,
        used_at: None,
    };
    visit.stored(engine.store().insert_invitation(&invitation).await, "")?;
    let url = format!("{}/invite/{token}", engine.public_url());
    page.invitation = Some(NewInvitation {
        name: invited.name.clone(),
        qr: Qr::draw(&url, visit.w.t("settings-qr")),
        url,
        until: visit.clock(expires_at),
    });
    Ok(visit.ok(&page))
}

async fn view(visit: &Visit, signed_in: &SignedIn) -> Result<Settings, Box<Response>> {
    let w = visit.w;
    let store = visit.app.engine().store();
    let sessions = visit.stored(store.list_sessions(&signed_in.person).await, "")?;
    let tokens = visit.stored(store.list_tokens(&signed_in.person).await, "")?;
    let mut page = visit.page(Section::Settings, w.t("settings-title"));
    page.here = "/settings".to_owned();
    let world = visit.app.engine().world();
    let invitees = if visit.is_admin() {
        let mut everybody = person_choices(&world.directory);
        everybody.retain(|choice| choice.value != signed_in.person.as_str());
        everybody
    } else {
        Vec::new()
    };
    Ok(Settings {
        w,
        page,
        is_held: find_cookie(&visit.headers, PRESS_COOKIE).is_none(),
        devices: sessions.iter().map(|session| device(visit, session, signed_in)).collect(),
        tokens: tokens.iter().filter_map(|token| shown_token(visit, token)).collect(),
        new_token: None,
        invitees,
        invitation: None,
        password_problem: None,
    })
}

/// The name of a session in addresses; not secret, unlike what it is made from.
fn session_id(session: &Session) -> String {
    hex::encode(digest_bytes(&session.token_hash)).chars().take(16).collect()
}

fn device(visit: &Visit, session: &Session, signed_in: &SignedIn) -> Device {
    Device {
        id: session_id(session),
        name: session.device.clone(),
        used_at: visit.clock(session.seen_at),
        is_this: session.token_hash == signed_in.token_hash,
    }
}

fn shown_token(visit: &Visit, token: &ApiToken) -> Option<Token> {
    let clock = |at| -> Moment { visit.clock(at) };
    token.revoked_at.is_none().then(|| Token {
        id: token.id.clone(),
        label: token.label.clone(),
        made_at: clock(token.created_at),
        used_at: token.used_at.map(clock),
    })
}

#[cfg(test)]
mod tests;
