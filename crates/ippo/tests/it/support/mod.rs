//! What the tests of the whole program share: a site on which the real binary runs, and the outside world around
//! it: clients, webhook receivers, mail servers.

pub(crate) mod certificates;
pub(crate) mod http;
pub(crate) mod patience;
pub(crate) mod receiver;
pub(crate) mod site;
pub(crate) mod smtp;
