//! The web room from outside.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod access;
mod templates;
