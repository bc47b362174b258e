//! The channels against real sockets on this machine: scripted servers that answer, refuse, hang and break off.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod mail_config;
#[cfg(test)]
mod mail_connection;
#[cfg(test)]
mod mail_tls;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod smtpd;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod webhook_config;
