//! Who calls the API: the person whose token it is.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::id::PersonId;
use engine::EngineError;

use crate::api::problem::{CallError, Problem};
use crate::app::App;

/// The person whose token the call carries.
pub(crate) struct Caller {
    /// Who.
    pub(crate) person: PersonId,
    /// With what the call can be answered.
    pub(crate) app: App,
}

impl Caller {
    /// The answer to an engine's error.
    pub(crate) fn problem(&self, error: &EngineError) -> Problem {
        Problem::from_engine(error, &self.app.engine().world().directory)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let given = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = given.filter(|token| !token.is_empty() && token.len() <= 200) else {
            return Err(CallError::Unauthorized.into());
        };
        let world = app.engine().world();
        match app.find_token(token).await {
            Ok(Some(person)) if world.directory.find_person(&person).is_some() => {
                Ok(Self { person, app: app.clone() })
            }
            Ok(_) => Err(CallError::Unauthorized.into()),
            Err(why) => Err(Problem::from_engine(&why, &world.directory)),
        }
    }
}
