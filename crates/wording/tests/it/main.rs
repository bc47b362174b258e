//! The catalogue as a whole: both languages agree, and both keep the product's voice.

#[cfg(test)]
mod catalogue;
