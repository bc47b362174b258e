//! The commands, each as somebody at a terminal meets it.

mod backup;
mod client;
mod config;
mod demo;
mod directory;
mod doctor;
mod help;
mod init;
mod place;
mod rehearse;
mod verify;
