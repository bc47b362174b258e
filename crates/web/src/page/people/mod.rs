//! People, teams and projects: everybody signed in sees them, admins set them up.

pub(crate) mod check;
mod group;
mod list;
mod person;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use store::StoreError;

use crate::page::Visit;
use crate::page::form::Form;
use crate::page::show::either;
use crate::view::problem::Problem;

/// Everybody and everything, by name.
pub(crate) async fn show(visit: Visit) -> Response {
    match visit.signed_in() {
        Ok(_) => visit.ok(&list::people(&visit)),
        Err(early) => *early,
    }
}

/// One person.
pub(crate) async fn person_show(visit: Visit, Path(id): Path<String>) -> Response {
    either(list::show_person(&visit, &id))
}

/// The empty form for a person.
pub(crate) async fn person_new(visit: Visit) -> Response {
    either(person::form(&visit, None))
}

/// The form with what is known of a person.
pub(crate) async fn person_edit(visit: Visit, Path(id): Path<String>) -> Response {
    either(person::form(&visit, Some(&id)))
}

/// Adds a person.
pub(crate) async fn person_create(visit: Visit, body: Bytes) -> Response {
    either(person::save(&visit, None, &Form::read(&body)).await)
}

/// Changes a person.
pub(crate) async fn person_update(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    either(person::save(&visit, Some(&id), &Form::read(&body)).await)
}

/// Removes a person, with everything that lets them in.
pub(crate) async fn person_delete(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    either(person::delete(&visit, &id, &Form::read(&body)).await)
}

/// The empty form for a team.
pub(crate) async fn team_new(visit: Visit) -> Response {
    either(group::form(&visit, group::Kind::Team, None))
}

/// The form with what is known of a team.
pub(crate) async fn team_edit(visit: Visit, Path(id): Path<String>) -> Response {
    either(group::form(&visit, group::Kind::Team, Some(&id)))
}

/// Adds a team.
pub(crate) async fn team_create(visit: Visit, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::save(&visit, group::Kind::Team, None, &form).await)
}

/// Changes a team.
pub(crate) async fn team_update(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::save(&visit, group::Kind::Team, Some(&id), &form).await)
}

/// Removes a team that nothing needs any more.
pub(crate) async fn team_delete(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::delete(&visit, group::Kind::Team, &id, &form).await)
}

/// The empty form for a project.
pub(crate) async fn project_new(visit: Visit) -> Response {
    either(group::form(&visit, group::Kind::Project, None))
}

/// The form with what is known of a project.
pub(crate) async fn project_edit(visit: Visit, Path(id): Path<String>) -> Response {
    either(group::form(&visit, group::Kind::Project, Some(&id)))
}

/// Adds a project.
pub(crate) async fn project_create(visit: Visit, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::save(&visit, group::Kind::Project, None, &form).await)
}

/// Changes a project.
pub(crate) async fn project_update(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::save(&visit, group::Kind::Project, Some(&id), &form).await)
}

/// Removes a project.
pub(crate) async fn project_delete(visit: Visit, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    either(group::delete(&visit, group::Kind::Project, &id, &form).await)
}

/// What somebody else has removed meanwhile is removed as well.
fn forget_gone(visit: &Visit, deleted: Result<u64, StoreError>) -> Result<(), Box<Response>> {
    match deleted {
        Ok(_) | Err(StoreError::RowsAffected { .. }) => Ok(()),
        Err(why) => visit.stored(Err(why), ""),
    }
}

/// The page that says why something cannot be removed.
fn still_needed(visit: &Visit, happened: String, back_to: String) -> Response {
    let w = visit.w;
    let title = w.t("error-still_needed-title");
    let page = visit.page(crate::view::Section::People, title);
    let problem = Problem {
        w,
        page,
        happened,
        kept: w.t("error-still_needed-kept"),
        remedy: w.t("error-still_needed-remedy"),
        code: "still_needed".to_owned(),
        typed: String::new(),
        phones: Vec::new(),
        onward: Some((back_to, w.t("form-back"))),
    };
    visit.respond(StatusCode::CONFLICT, &problem)
}

#[cfg(test)]
mod tests;
