//! Tests of what the room decides: tables of decisions, the public format, and properties over random callings.

#[cfg(test)]
mod access;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod calling;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod format;
#[cfg(test)]
mod line;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reached;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod report;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod world;
