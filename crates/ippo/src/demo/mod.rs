//! The demonstration: a made-up company, and the page on which its telephones ring and its mailboxes fill.
//!
//! Nothing here knows a rule of the product. The people are directory entries like any other, the phones are
//! simulated channels, and the page only shows what they received.

mod company;
mod page;

pub(crate) use company::{company, organisation};
pub(crate) use page::{Stage, router};
