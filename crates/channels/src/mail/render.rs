//! Writes a message out as a mail: headers, plain text and HTML.
//!
//! Everything in a header passes [`one_line`] and the encoder of the mail library, so that no text can begin a
//! header of its own. Everything in the HTML passes [`escape`].

use std::time::{Duration, SystemTime};

use domain::port::Message;
use domain::time::Timestamp;
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

const INCIDENT: HeaderName = HeaderName::new_from_ascii_str("X-Ippo-Incident");
const ATTEMPT: HeaderName = HeaderName::new_from_ascii_str("X-Ippo-Attempt");
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
/// How much of the digest the boundary between the parts repeats.
const BOUNDARY_CHARS: usize = 40;
/// The last second of the year 9999.
const DATE_SECONDS_MAX: u64 = 253_402_300_799;

/// The whole mail, ready for `DATA`. The same message and time give the same bytes.
///
/// # Errors
/// What the mail library cannot put together; nothing known leads there.
pub(super) fn render_letter(
    message: &Message,
    from: &Mailbox,
    to: Address,
    now: Timestamp,
) -> Result<Vec<u8>, lettre::error::Error> {
    let text = render_text(message);
    let html = render_html(message);
    let attempt = one_line(message.attempt.as_str());
    let parts = MultiPart::alternative()
        .boundary(boundary(&[&attempt, &text, &html]))
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::html(html));
    let name = Some(one_line(&message.person_name)).filter(|name| !name.is_empty());
    let letter = lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(name, to))
        .subject(one_line(&message.subject))
        .date(system_time(now))
        .message_id(Some(format!("<{attempt}@{}>", from.email.domain())))
        .raw_header(HeaderValue::new(INCIDENT, one_line(message.incident.as_str())))
        .raw_header(HeaderValue::new(ATTEMPT, attempt))
        .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
        .multipart(parts)?;
    Ok(letter.formatted())
}

fn render_text(message: &Message) -> String {
    let mut text = message.text.trim_end().to_owned();
    text.push('\n');
    if let Some(url) = &message.answer_url {
        text.push_str(&format!("\n{}:\n{}\n", message.answer_label, url));
    }
    if let Some(phone) = &message.reporter_phone {
        text.push_str(&format!("\n☎ {phone}\n"));
    }
    text
}

fn render_html(message: &Message) -> String {
    let subject = escape(&message.subject);
    let text = escape(message.text.trim_end()).replace('\n', "<br>\n");
    let answer = message
        .answer_url
        .as_deref()
        .map(|url| render_button(&escape(url), &escape(&message.answer_label)))
        .unwrap_or_default();
    let phone = message.reporter_phone.as_deref().map(render_phone).unwrap_or_default();
    format!(
        r#"<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
</head>
<body style="margin:0;padding:16px;font-family:sans-serif;font-size:16px;line-height:1.7">
<div style="max-width:560px;margin:0 auto">
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.4">{subject}</h1>
<p style="margin:0 0 24px">{text}</p>
{answer}{phone}</div>
</body>
</html>
"#,
        lang = escape(&message.locale),
    )
}

/// The button carries both its colours, so that it stands out alike on light and on dark.
fn render_button(url: &str, label: &str) -> String {
    format!(
        r#"<p style="margin:0 0 24px"><a href="{url}" style="display:block;padding:18px 24px;border-radius:8px;background-color:#b3261e;color:#ffffff;font-size:20px;font-weight:bold;text-align:center;text-decoration:none">{label}</a></p>
<p style="margin:0 0 24px;font-size:14px;word-break:break-all">{url}</p>
"#
    )
}

fn render_phone(phone: &str) -> String {
    let dialled: String =
        phone.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | '*')).collect();
    let shown = escape(phone);
    format!(
        r#"<p style="margin:0;font-size:18px">☎ <a href="tel:{dialled}" style="color:inherit">{shown}</a></p>
"#
    )
}

/// `text` without line breaks and other control characters, each replaced by a space.
fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A line that cannot occur in the parts it separates, since it depends on all of them.
fn boundary(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let digest = hex::encode(digest.finalize());
    format!("ippo-{}", digest.get(..BOUNDARY_CHARS).unwrap_or(&digest))
}

/// For the `Date` header, which has four digits for the year and nothing before 1970; held to that range.
fn system_time(moment: Timestamp) -> SystemTime {
    let seconds = u64::try_from(moment.as_millisecond() / 1000).unwrap_or(0).min(DATE_SECONDS_MAX);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
