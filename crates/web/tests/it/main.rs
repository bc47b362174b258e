//! The web room from outside.

mod access;
mod templates;
