//! What a person or a script reads: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use wording::Words;

use crate::failure::Failure;

/// The two outputs, and the language in which we speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// The texts.
    pub(crate) words: Words,
}

impl Terminal {
    /// One line of the result, on standard output.
    ///
    /// # Errors
    /// When it cannot be written. A reader who has gone away (`| head`) ends the command without a complaint.
    pub(crate) fn line(self, text: &str) -> Result<(), Failure> {
        self.write(&format!("{text}\n"))
    }

    /// Text of the result as it stands, on standard output, at once.
    ///
    /// # Errors
    /// As [`Terminal::line`].
    pub(crate) fn write(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Err(Failure::nobody_reads()),
            Err(why) => Err(Failure::not_now(format!("standard output: {why}"))),
        }
    }

    /// One line for a person, on standard error. That it cannot be written stops nothing.
    pub(crate) fn note(self, text: &str) {
        drop(writeln!(io::stderr().lock(), "{text}"));
    }

    /// Whether a person looks at standard output as it is written.
    pub(crate) fn is_watched(self) -> bool {
        io::stdout().is_terminal()
    }
}
