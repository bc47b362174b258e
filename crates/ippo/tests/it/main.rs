//! The program from outside: its commands, and the whole of it on a database of its own.

#[cfg(test)]
mod command;
#[cfg(test)]
mod support;
#[cfg(test)]
mod whole;
