//! Version 1 of the API. One file for each kind of thing; the calls stand in `crate::routes`.

pub(crate) mod answers;
pub(crate) mod attempts;
pub(crate) mod entries;
pub(crate) mod events;
pub(crate) mod incidents;
pub(crate) mod login;
pub(crate) mod openapi;
pub(crate) mod rehearsal;
pub(crate) mod reports;
pub(crate) mod shape;

pub use openapi::document as openapi_document;
