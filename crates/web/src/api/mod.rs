//! The API: JSON in, JSON out, the same commands as the pages.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod problem;
pub(crate) mod v1;
