//! Pages, API, live updates and sessions: how people reach ippo.
//!
//! Nothing here decides or sends. A handler reads what came in, gives one command to the engine or loads one view,
//! and writes the answer. Every route stands in one table (see [`rows`]) with a row that says who may use it.

mod api;
mod app;
mod assets;
mod device_login;
mod limit;
mod metrics;
mod page;
mod password;
mod routes;
mod session;
mod sse;
#[cfg(test)]
mod test_support;
pub mod view;

pub use api::v1::openapi_document;
pub use app::{App, WebConfig, digest};
pub use routes::{Access, ROLES, Row, Seen, router, rows};
pub use session::sign_in_cookie;
