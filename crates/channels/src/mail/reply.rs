//! What went wrong with a letter, and what that means for the attempt.
//!
//! SMTP has a basic code of three digits and, from most servers, an enhanced one (RFC 3463), which is the more
//! precise. Only codes are kept: the server's words may repeat the address.

use std::error::Error as _;
use std::io;

use domain::port::{Outcome, Why};
use lettre::transport::smtp::Error as SmtpError;

use crate::http::classify_io;
use crate::mail::config::{FROM, SMTP};

/// Where in the conversation it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Resolving the name and connecting.
    Connect,
    /// The server's first words, our greeting, and TLS from the start.
    Greeting,
    /// Switching to TLS.
    StartTls,
    /// User and password.
    SignIn,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before any of the message is sent.
    Data,
    /// The message itself and the server's last word on it.
    Content,
}

/// What happened there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    UnknownHost,
    Unreachable,
    TimedOut,
    Closed,
    /// The certificate does not fit or is not trusted.
    Certificate,
    /// TLS failed in another way.
    Tls,
    /// The server does not offer what the configuration asks for.
    NotOffered,
    /// What came back is not SMTP.
    Garbled,
    /// The server said no.
    Reply {
        code: u16,
        enhanced: Option<Enhanced>,
    },
}

/// The last two parts of an enhanced code: 1 and 1 of `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enhanced {
    subject: u16,
    detail: u16,
}

/// A letter that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Failure {
    /// Reads what the SMTP client reports.
    pub(super) fn from_smtp(stage: Stage, error: &SmtpError) -> Self {
        let words = || error.source().map(ToString::to_string).unwrap_or_default();
        let cause = if let Some(code) = error.status() {
            Cause::Reply { code: code.into(), enhanced: read_enhanced(&words()) }
        } else if error.is_response() {
            // The client has no kind of its own for a connection that ends in the middle of an answer.
            if words() == "incomplete response" { Cause::Closed } else { Cause::Garbled }
        } else if error.is_client() {
            Cause::NotOffered
        } else if error.is_tls() {
            Cause::Tls
        } else {
            find_io(error).map_or(Cause::Closed, from_io)
        };
        Self { stage, cause }
    }

    /// Reads what the operating system reports.
    pub(super) fn from_io(stage: Stage, error: &io::Error) -> Self {
        Self { stage, cause: from_io(error) }
    }

    /// Whether the connection was no longer alive, and none of the message had been sent over it.
    pub(super) const fn is_dead_connection(self) -> bool {
        let is_dead =
            matches!(self.cause, Cause::Closed | Cause::TimedOut | Cause::Reply { code: 421, .. });
        is_dead && !matches!(self.stage, Stage::Content)
    }

    /// What this means for the attempt.
    pub(super) fn into_outcome(self) -> Outcome {
        let again = |why| Outcome::TryAgain { not_before: None, why };
        match self.cause {
            Cause::UnknownHost => again(Why::UnknownHost),
            Cause::Unreachable => again(Why::Unreachable),
            Cause::TimedOut => again(Why::TimedOut),
            Cause::Closed => again(Why::Closed),
            Cause::Tls => again(Why::Tls),
            Cause::Garbled => again(Why::Busy),
            Cause::Certificate => Outcome::Misconfigured { field: SMTP, why: Why::Tls },
            Cause::NotOffered => {
                let why = if self.stage == Stage::SignIn { Why::Authentication } else { Why::Tls };
                Outcome::Misconfigured { field: SMTP, why }
            }
            Cause::Reply { code, enhanced } if code < 500 => {
                again(explain_temporary(self.stage, code, enhanced))
            }
            Cause::Reply { code, enhanced } => judge_permanent(self.stage, code, enhanced),
        }
    }

    /// One English sentence for setup: what failed, at which step, and the key to look at.
    pub(super) fn describe(self) -> String {
        let (why, field) = match self.into_outcome() {
            Outcome::TryAgain { why, .. } | Outcome::Refused { why } => (why, SMTP),
            Outcome::Misconfigured { field, why } => (why, field),
            Outcome::Accepted { .. } => return "the mail server answers".to_owned(),
        };
        let code = match self.cause {
            Cause::Reply { code, .. } => format!(", reply {code}"),
            _ => String::new(),
        };
        format!(
            "the mail server cannot be used: {} while {}{code}; look at {field}",
            why.code(),
            self.stage.describe(),
        )
    }

    /// As [`Failure::describe`], when the limit on the whole ran out.
    pub(super) fn describe_timeout() -> String {
        Self { stage: Stage::Greeting, cause: Cause::TimedOut }.describe()
    }
}

impl Stage {
    const fn describe(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Greeting => "greeting",
            Self::StartTls => "switching to TLS",
            Self::SignIn => "signing in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "announcing the message",
            Self::Content => "sending the message",
        }
    }
}

fn explain_temporary(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Why {
    match (stage, code, enhanced.map(|e| (e.subject, e.detail))) {
        (Stage::StartTls, ..) => Why::Tls,
        (_, _, Some((2, 2))) => Why::MailboxFull,
        // Greylisting and limits on how much one sender may send.
        (_, _, Some((7, _) | (5, 3))) => Why::RateLimited,
        (_, _, Some((3 | 4, _))) => Why::Busy,
        (_, 452, _) => Why::MailboxFull,
        _ => Why::Busy,
    }
}

/// A permanent no blames the recipient only where the recipient or the message was being talked about.
fn judge_permanent(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Outcome {
    if stage == Stage::SignIn || matches!(code, 530 | 534 | 535 | 538) {
        return Outcome::Misconfigured { field: SMTP, why: Why::Authentication };
    }
    match stage {
        Stage::Connect | Stage::Greeting | Stage::SignIn => {
            Outcome::Misconfigured { field: SMTP, why: Why::Rejected }
        }
        Stage::StartTls => Outcome::Misconfigured { field: SMTP, why: Why::Tls },
        Stage::Sender => Outcome::Misconfigured { field: FROM, why: Why::Rejected },
        Stage::Recipient | Stage::Data | Stage::Content => {
            Outcome::Refused { why: explain_permanent(stage, code, enhanced) }
        }
    }
}

fn explain_permanent(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Why {
    match (enhanced.map(|e| (e.subject, e.detail)), code) {
        (Some((1, 3)), _) => Why::BadAddress,
        (Some((1, _) | (2, 1)), _) => Why::UnknownAddress,
        (Some((2, 2)), _) => Why::MailboxFull,
        (None | Some((0 | 2, _)), 552) => Why::MailboxFull,
        (None | Some((0 | 2, _)), 550 | 551) if stage == Stage::Recipient => Why::UnknownAddress,
        (None, 501 | 553) if stage == Stage::Recipient => Why::BadAddress,
        _ => Why::Rejected,
    }
}

/// The code at the start of the server's words, `5.1.1` for example.
fn read_enhanced(words: &str) -> Option<Enhanced> {
    let first = words.split_whitespace().next()?;
    let mut parts = first.split('.');
    let class: u16 = parts.next()?.parse().ok()?;
    let subject = parts.next()?.parse().ok()?;
    let detail = parts.next()?.parse().ok()?;
    (matches!(class, 2 | 4 | 5) && parts.next().is_none()).then_some(Enhanced { subject, detail })
}

fn find_io(error: &SmtpError) -> Option<&io::Error> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<io::Error>() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn from_io(error: &io::Error) -> Cause {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(tls) = tls {
        let is_certificate = matches!(tls, rustls::Error::InvalidCertificate(_));
        return if is_certificate { Cause::Certificate } else { Cause::Tls };
    }
    match classify_io(error) {
        Some(Why::TimedOut) => Cause::TimedOut,
        Some(Why::Unreachable) => Cause::Unreachable,
        Some(Why::Closed) => Cause::Closed,
        _ if error.kind() == io::ErrorKind::InvalidData => Cause::Garbled,
        _ => Cause::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stage: Stage, reply: &str) -> Outcome {
        let (code, words) = reply.split_once(' ').unwrap_or((reply, ""));
        let cause = Cause::Reply { code: code.parse().unwrap(), enhanced: read_enhanced(words) };
        Failure { stage, cause }.into_outcome()
    }

    #[test]
    fn a_temporary_no_says_try_again_and_why() {
        let cases = [
            (Stage::Greeting, "421 4.3.2 closing", Why::Busy),
            (Stage::Sender, "421 4.7.0 too many connections", Why::RateLimited),
            (Stage::Sender, "451 4.3.0 later", Why::Busy),
            (Stage::Recipient, "450 4.2.1 mailbox busy", Why::Busy),
            (Stage::Recipient, "450 4.7.1 greylisted", Why::RateLimited),
            (Stage::Recipient, "450 4.2.2 over quota", Why::MailboxFull),
            (Stage::Recipient, "452 no room", Why::MailboxFull),
            (Stage::Recipient, "452 4.2.2 over quota", Why::MailboxFull),
            (Stage::Recipient, "452 4.5.3 too many recipients", Why::RateLimited),
            (Stage::Content, "452 4.3.1 disk full", Why::Busy),
            (Stage::Content, "451", Why::Busy),
            (Stage::StartTls, "454 4.7.0 no TLS now", Why::Tls),
        ];
        for (stage, reply, why) in cases {
            let expected = Outcome::TryAgain { not_before: None, why };
            assert_eq!(outcome(stage, reply), expected, "{reply}");
        }
    }

    #[test]
    fn a_permanent_no_to_the_recipient_or_the_message_is_a_refusal() {
        let cases = [
            (Stage::Recipient, "550 5.1.1 no such user", Why::UnknownAddress),
            (Stage::Recipient, "550 no such user", Why::UnknownAddress),
            (Stage::Recipient, "551 5.1.6 moved", Why::UnknownAddress),
            (Stage::Recipient, "550 5.2.1 disabled", Why::UnknownAddress),
            (Stage::Recipient, "550 5.7.1 blocked", Why::Rejected),
            (Stage::Recipient, "552 5.2.2 over quota", Why::MailboxFull),
            (Stage::Recipient, "552 full", Why::MailboxFull),
            (Stage::Recipient, "553 5.1.3 bad syntax", Why::BadAddress),
            (Stage::Recipient, "553 not allowed", Why::BadAddress),
            (Stage::Recipient, "554 5.7.1 relay denied", Why::Rejected),
            (Stage::Content, "552 5.3.4 too big", Why::Rejected),
            (Stage::Content, "554 5.6.0 spam", Why::Rejected),
            (Stage::Content, "550 spam", Why::Rejected),
            (Stage::Data, "554 no valid recipients", Why::Rejected),
        ];
        for (stage, reply, why) in cases {
            assert_eq!(outcome(stage, reply), Outcome::Refused { why }, "{reply}");
        }
    }

    #[test]
    fn a_permanent_no_to_us_blames_the_configuration_and_not_the_recipient() {
        let cases = [
            (Stage::SignIn, "535 5.7.8 wrong", SMTP, Why::Authentication),
            (Stage::SignIn, "504 unknown mechanism", SMTP, Why::Authentication),
            (Stage::Sender, "530 5.7.0 sign in first", SMTP, Why::Authentication),
            (Stage::Recipient, "530 sign in first", SMTP, Why::Authentication),
            (Stage::Greeting, "554 5.7.1 your network is blocked", SMTP, Why::Rejected),
            (Stage::StartTls, "501 no", SMTP, Why::Tls),
            (Stage::Sender, "550 5.1.8 sender unknown", FROM, Why::Rejected),
        ];
        for (stage, reply, field, why) in cases {
            let expected = Outcome::Misconfigured { field, why };
            assert_eq!(outcome(stage, reply), expected, "{reply}");
        }
    }

    #[test]
    fn a_dead_connection_is_replaced_only_before_the_message_was_sent() {
        let failure = |stage, cause| Failure { stage, cause };
        let reply = |code| Cause::Reply { code, enhanced: None };
        assert!(failure(Stage::Sender, Cause::Closed).is_dead_connection());
        assert!(failure(Stage::Sender, Cause::TimedOut).is_dead_connection());
        assert!(failure(Stage::Data, reply(421)).is_dead_connection());
        assert!(!failure(Stage::Content, Cause::Closed).is_dead_connection());
        assert!(!failure(Stage::Content, reply(421)).is_dead_connection());
        assert!(!failure(Stage::Recipient, reply(550)).is_dead_connection());
    }
}
