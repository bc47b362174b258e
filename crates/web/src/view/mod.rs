//! What the pages show: plain display data, one struct for each template, with sample data for review and tests.
//!
//! Nothing here loads, decides or knows the time: a handler fills a view and renders it. Texts come from the
//! catalogue through [`Words`]; people's own words stand in the fields as they are and are escaped by the
//! template. Every page holds a [`Page`] (what all pages share) and `w` (the reader's language).

pub mod answer;
pub mod calling;
pub mod demo;
pub mod entry;
pub mod home;
pub mod incident;
pub mod incidents;
pub mod lanes;
pub mod link;
pub mod page;
pub mod part;
pub mod people;
pub mod person_form;
pub mod problem;
pub mod qr;
pub mod rehearsal;
pub mod sample;
pub mod settings;
pub mod sign_in;

pub use page::{Flash, Page, Section};
pub use part::{Called, Choice, Guide, Moment, Phone};
pub use wording::Words;
