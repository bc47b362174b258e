//! Incident: what we know, what we guess and do not know, the time line, the people (C1, C2, C4, D1).

mod act;
mod look;

pub(crate) use act::{add_entry, circle, close, correct, hand_over, redact};
pub(crate) use look::{correct_form, export, redact_form, show};

#[cfg(test)]
mod tests;
