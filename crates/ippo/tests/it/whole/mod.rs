//! The whole program from outside: the real binary on a database of its own, clients on loopback, and an outside
//! world that hangs, refuses, floods and breaks off.

mod bad_form;
mod bad_input;
mod bad_people;
mod full_disk;
mod ledger;
mod mail;
mod never_lost;
mod only_humans;
mod real_mail;
mod stopping;
mod webhooks;
