//! What to say on the telephone in fifteen seconds (A7), made of what the reporter has chosen so far.
//!
//! The choices are the chips of "add what you know". Each choice has a stable code; the catalogue holds its label
//! as `chip-<group>-<code>` and the words for the script as `say-<group>-<code>`.

use crate::Words;

/// The choice that every group offers as an equal.
pub const CHECKING: &str = "checking";

/// The groups in the order in which they are said: conditions, actions, needs. Each with its choices.
pub const GROUPS: [(&str, &[&str]); 6] = [
    (
        "what",
        &[
            "mis_sent",
            "lost",
            "secret_exposed",
            "data_deleted",
            "outage",
            "mis_delivered",
            "money",
            "intrusion",
            "other",
            CHECKING,
        ],
    ),
    ("when", &["now", "within_hour", "today", "earlier", CHECKING]),
    ("ongoing", &["yes", "no", CHECKING]),
    ("outside", &["yes", "no", CHECKING]),
    ("done", &["nothing", "something", CHECKING]),
    ("need", &["instructions", "hands", "authority", "listen", CHECKING]),
];

/// What the reporter has chosen; `None` where nothing was chosen, which is said as "being checked".
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// The reporter's name.
    pub reporter: &'a str,
    /// What happened.
    pub what: Option<&'a str>,
    /// When it happened.
    pub when: Option<&'a str>,
    /// Whether it goes on.
    pub ongoing: Option<&'a str>,
    /// Whether something left the organisation.
    pub outside: Option<&'a str>,
    /// Whether anything was done already.
    pub done: Option<&'a str>,
    /// The line that goes with "something was done".
    pub done_text: Option<&'a str>,
    /// What is needed.
    pub need: Option<&'a str>,
    /// When the next report will be given, in words.
    pub next_report: &'a str,
}

/// Whether `code` is a choice of `group`. What a form sends is checked with this before it is kept.
#[must_use]
pub fn is_choice(group: &str, code: &str) -> bool {
    GROUPS.iter().any(|(name, codes)| *name == group && codes.contains(&code))
}

/// The script, one sentence for each line.
#[must_use]
pub fn telephone(words: Words, said: &Said<'_>) -> Vec<String> {
    let say = |group: &str, code: Option<&str>| {
        let code = code.filter(|code| is_choice(group, code)).unwrap_or(CHECKING);
        words.t(&format!("say-{group}-{code}"))
    };
    let done = match (said.done, said.done_text) {
        (Some("something"), Some(text)) if !text.trim().is_empty() => {
            words.tn("say-done-text", &[("text", text.trim())])
        }
        _ => say("done", said.done),
    };
    let is_open = |code: Option<&str>| code.is_none_or(|code| code == CHECKING);
    let happened = if is_open(said.what) && is_open(said.when) {
        words.t("say-happened-checking")
    } else {
        let (when, what) = (say("when", said.when), say("what", said.what));
        words.tn("say-happened", &[("when", &when), ("what", &what)])
    };
    let who = words.tn("say-who", &[("name", said.reporter)]);
    let mut lines = vec![who, happened, say("ongoing", said.ongoing)];
    if said.outside.is_some() {
        lines.push(say("outside", said.outside));
    }
    lines.extend([done, say("need", said.need)]);
    lines.push(words.tn("say-next", &[("time", said.next_report)]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locale;

    #[test]
    fn with_nothing_chosen_the_script_can_be_read_aloud_as_it_stands() {
        let said = Said { reporter: "田中 花子", next_report: "21:20", ..Said::default() };
        assert_eq!(
            telephone(Words::of(Locale::Ja), &said),
            [
                "緊急です。田中 花子です。",
                "重大な問題が起きました。時刻と内容は確認中です。",
                "いまも続いているかは、確認中です。",
                "私がしたことは、整理しています。",
                "指示をください。",
                "次の報告は21:20にします。",
            ]
        );
    }

    #[test]
    fn every_choice_has_a_label_and_can_be_said_in_both_languages() {
        for words in Locale::ALL.map(Words::of) {
            for (group, codes) in GROUPS {
                assert!(words.has(&format!("chip-{group}")), "chip-{group}");
                for code in codes {
                    assert!(words.has(&format!("chip-{group}-{code}")), "chip-{group}-{code}");
                    assert!(words.has(&format!("say-{group}-{code}")), "say-{group}-{code}");
                }
            }
        }
    }

    #[test]
    fn what_was_done_is_said_in_the_reporters_own_words() {
        let said = Said {
            reporter: "Hanako Tanaka",
            what: Some("data_deleted"),
            when: Some("within_hour"),
            ongoing: Some("no"),
            outside: Some("checking"),
            done: Some("something"),
            done_text: Some(" I stopped the batch job "),
            need: Some("hands"),
            next_report: "21:20",
        };
        assert_eq!(
            telephone(Words::of(Locale::En), &said).join(" "),
            "This is urgent. Hanako Tanaka speaking. \
            Within the last hour data was deleted or overwritten. It has stopped. Whether anything left the \
            company is being checked. What I did: I stopped the batch job. I need people to help. \
            My next report is at 21:20."
        );
        assert!(!is_choice("what", "<script>") && !is_choice("nothing", "yes"));
    }
}
