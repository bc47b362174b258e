//! The catalogue as a whole: both languages agree, and both keep the product's voice.

mod catalogue;
