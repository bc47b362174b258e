//! What is sent over channels: one subject line and one plain text for each message.
//!
//! Promises: the subject begins with what it is (urgent or drill); the text says who, when, where to call back,
//! and that details are being checked; the reporter's own words come last and are marked as theirs. The answer
//! link is not in the text: channels add it in their own way, with [`answer_label`].

use domain::port::Purpose;

use crate::Words;

/// A message as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// One line, without line breaks.
    pub subject: String,
    /// The whole text, without the answer link.
    pub text: String,
}

/// What a call for an answer says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summon<'a> {
    /// Whether this is a drill.
    pub is_drill: bool,
    /// The organisation's name; empty when it has none.
    pub organisation: &'a str,
    /// The reporter's name.
    pub reporter: &'a str,
    /// When they reported, with the zone.
    pub reported_at: &'a str,
    /// The number to call back.
    pub call_back: Option<&'a str>,
    /// The project's name.
    pub project: Option<&'a str>,
    /// What the reporter wrote first. Empty counts as nothing.
    pub first_words: Option<&'a str>,
    /// The how-manieth reminder this is; 0 for the first message.
    pub reminder: u32,
}

/// What the request to confirm says: the reporter stated that they reached this person.
#[derive(Debug, Clone, Copy, Default)]
pub struct Confirm<'a> {
    /// Whether this is a drill.
    pub is_drill: bool,
    /// The reporter's name.
    pub reporter: &'a str,
    /// When they stated it, with the zone.
    pub stated_at: &'a str,
    /// The number to call back.
    pub call_back: Option<&'a str>,
    /// When calling resumes if nothing is confirmed, with the zone.
    pub resumes_at: &'a str,
}

/// What is said to those whose calls have stopped because somebody has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accepted<'a> {
    /// Whether this is a drill.
    pub is_drill: bool,
    /// The reporter's name.
    pub reporter: &'a str,
    /// Who has it.
    pub lead: &'a str,
    /// Since when, with the zone.
    pub accepted_at: &'a str,
}

/// What is said to those who were called when it is over.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoodDown<'a> {
    /// Whether this is a drill.
    pub is_drill: bool,
    /// The reporter's name.
    pub reporter: &'a str,
    /// Who stood it down.
    pub by: &'a str,
    /// When, with the zone.
    pub stood_down_at: &'a str,
    /// Why, in their own words. Empty counts as nothing.
    pub why: &'a str,
}

/// The call for an answer, and its reminders.
#[must_use]
pub fn summon(words: Words, facts: &Summon<'_>) -> Written {
    let reminder = i64::from(facts.reminder);
    let mut subject = words.tn("message-summon-subject", &[("reporter", facts.reporter)]);
    let mut lines = Vec::new();
    if facts.reminder > 0 {
        subject = words.tc("message-reminder-subject", reminder, &[("subject", &subject)]);
        lines.push(words.tc("message-reminder", reminder, &[]));
    }
    lines.push(words.t(if facts.is_drill { "message-is-drill" } else { "message-is-real" }));
    lines.push(if facts.organisation.is_empty() {
        words.tn("message-summon-who", &[("reporter", facts.reporter)])
    } else {
        let values = [("reporter", facts.reporter), ("organisation", facts.organisation)];
        words.tn("message-summon-who-where", &values)
    });
    lines.push(String::new());
    lines.push(words.tn("message-reported-at", &[("time", facts.reported_at)]));
    lines.extend(call_back(words, facts.call_back));
    lines.extend(facts.project.map(|name| words.tn("message-project", &[("name", name)])));
    lines.push(words.t("message-being-checked"));
    lines.push(words.t("message-summon-ask"));
    lines.extend(own_words(words, facts.reporter, facts.first_words.unwrap_or_default()));
    written(words, facts.is_drill, &subject, &lines)
}

/// The request to confirm that the reporter reached this person.
#[must_use]
pub fn confirm(words: Words, facts: &Confirm<'_>) -> Written {
    let values = [("reporter", facts.reporter), ("time", facts.stated_at)];
    let mut lines = vec![
        words.t(if facts.is_drill { "message-is-drill" } else { "message-is-real" }),
        words.tn("message-confirm-stated", &values),
        words.tn("message-confirm-ask", &[("time", facts.resumes_at)]),
    ];
    lines.extend(call_back(words, facts.call_back));
    let subject = words.tn("message-confirm-subject", &[("reporter", facts.reporter)]);
    written(words, facts.is_drill, &subject, &lines)
}

/// Somebody has it: calls to this person have stopped.
#[must_use]
pub fn accepted(words: Words, facts: &Accepted<'_>) -> Written {
    let subject = words.tn("message-accepted-subject", &[("lead", facts.lead)]);
    let values = [("lead", facts.lead), ("time", facts.accepted_at), ("reporter", facts.reporter)];
    let lines = [words.tn("message-accepted", &values), words.t("message-nothing-to-do")];
    written(words, facts.is_drill, &subject, &lines)
}

/// It is over; the record stays.
#[must_use]
pub fn stood_down(words: Words, facts: &StoodDown<'_>) -> Written {
    let subject = words.tn("message-stood-down-subject", &[("reporter", facts.reporter)]);
    let values = [("by", facts.by), ("time", facts.stood_down_at), ("reporter", facts.reporter)];
    let mut lines = vec![words.tn("message-stood-down", &values)];
    lines.extend(own_words(words, facts.by, facts.why));
    lines.push(words.t("message-stood-down-stays"));
    written(words, facts.is_drill, &subject, &lines)
}

/// The label of the link under which the person answers.
#[must_use]
pub fn answer_label(words: Words, purpose: Purpose) -> String {
    words.t(match purpose {
        Purpose::Summon => "message-answer-summon",
        Purpose::Confirm => "message-answer-confirm",
        Purpose::Accepted | Purpose::StoodDown => "message-answer-look",
    })
}

fn call_back(words: Words, number: Option<&str>) -> Option<String> {
    number.map(|number| words.tn("message-call-back", &[("phone", number)]))
}

/// What a person wrote, line by line behind a mark, under their name.
fn own_words(words: Words, name: &str, text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let heading = words.tn("message-own-words", &[("name", name)]);
    let quoted = text.trim().lines().map(|line| format!("> {line}"));
    [String::new(), heading].into_iter().chain(quoted).collect()
}

fn written(words: Words, is_drill: bool, subject: &str, lines: &[String]) -> Written {
    let mark = words.t(if is_drill { "message-mark-drill" } else { "message-mark-urgent" });
    let subject = one_line(&words.tn("message-subject", &[("mark", &mark), ("subject", subject)]));
    Written { subject, text: lines.join("\n") }
}

/// The same text on one line: a name with a line break in it must not become a header of its own.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locale;

    const JA: Words = Words::of(Locale::Ja);
    const EN: Words = Words::of(Locale::En);

    fn facts() -> Summon<'static> {
        Summon {
            organisation: "みらい商事",
            reporter: "田中 花子",
            reported_at: "21:04 JST",
            call_back: Some("+819000000001"),
            project: Some("Checkout"),
            first_words: Some("本番DBを消しました\n戻し方が分かりません"),
            ..Summon::default()
        }
    }

    #[test]
    fn the_first_message_says_who_when_where_to_call_and_that_details_are_being_checked() {
        let message = summon(JA, &facts());
        assert_eq!(message.subject, "【緊急】田中 花子さんから緊急の連絡です");
        assert_eq!(
            message.text,
            "これは訓練ではありません。\n\
            みらい商事の緊急連絡です。田中 花子さんが、重大な問題が起きたと知らせています。\n\n\
            連絡した時刻: 21:04 JST\n\
            折り返し: +819000000001\n\
            プロジェクト: Checkout\n\
            詳細は確認中です。\n\
            連絡のページを開いて、引き受けられるかどうかを知らせてください。\n\n\
            田中 花子さんのことば:\n\
            > 本番DBを消しました\n\
            > 戻し方が分かりません"
        );
    }

    #[test]
    fn a_reminder_says_that_nobody_has_accepted_yet() {
        let ja = summon(JA, &Summon { reminder: 2, ..facts() });
        assert!(ja.subject.starts_with("【緊急】【再通知 2回目】"), "{}", ja.subject);
        assert!(
            ja.text.starts_with("【再通知 2回目】まだ誰も引き受けていません。\n"),
            "{}",
            ja.text
        );
        let en = summon(EN, &Summon { reminder: 2, ..facts() });
        assert!(en.subject.starts_with("[URGENT] [Reminder 2] "), "{}", en.subject);
        assert!(en.text.starts_with("[Reminder 2] Nobody has accepted yet.\n"), "{}", en.text);
    }

    #[test]
    fn a_drill_is_marked_in_every_message_of_both_languages() {
        for (words, mark) in [(JA, "【訓練】"), (EN, "[DRILL] ")] {
            let all = [
                summon(words, &Summon { is_drill: true, ..facts() }),
                confirm(words, &Confirm { is_drill: true, ..Confirm::default() }),
                accepted(words, &Accepted { is_drill: true, ..Accepted::default() }),
                stood_down(words, &StoodDown { is_drill: true, ..StoodDown::default() }),
            ];
            for message in all {
                assert!(message.subject.starts_with(mark), "{}", message.subject);
            }
        }
    }

    #[test]
    fn an_empty_report_quotes_nothing_and_a_name_cannot_break_the_subject() {
        let bare = Summon { first_words: Some("  "), reporter: "Eve\r\nBcc: all", ..facts() };
        let message = summon(EN, &bare);
        assert!(!message.text.contains('>'), "{}", message.text);
        assert_eq!(message.subject, "[URGENT] Urgent report from Eve Bcc: all");
    }
}
