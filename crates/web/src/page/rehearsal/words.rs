//! The holes that a rehearsal found, in words.

use domain::directory::Directory;
use domain::id::PersonId;
use domain::rehearsal::Problem;
use domain::route::Unusable;
use wording::Words;

/// A hole in the line, in words.
pub(crate) fn problem_words(w: Words, directory: &Directory, problem: &Problem) -> String {
    let of = |key: &str, person: &PersonId| w.tn(key, &[("person", directory.name_of(person))]);
    match problem {
        Problem::NoRoute(person) => of("problem-no_contact", person),
        Problem::NoVoice(person) => of("problem-no_voice", person),
        Problem::UnknownReporter(person) => of("problem-unknown_reporter", person),
        Problem::UnusableContact(person, why) => {
            let why = w.t(unusable_key(*why));
            w.tn("problem-contact", &[("person", directory.name_of(person)), ("why", &why)])
        }
        Problem::OneDeep => w.t("problem-one_person"),
        Problem::EverybodyAway => w.t("problem-everybody_away"),
        Problem::NobodyToCall => w.t("problem-nobody_to_call"),
        Problem::OnlyLastResort => w.t("problem-last_resort_only"),
        Problem::UnknownProject(project) => {
            w.tn("problem-unknown_project", &[("project", project)])
        }
    }
}

/// The key of why a contact cannot be used.
pub(crate) const fn unusable_key(why: Unusable) -> &'static str {
    match why {
        Unusable::NoChannel => "unusable-no_channel",
        Unusable::NotInPolicy => "unusable-not_in_policy",
        Unusable::Outside => "unusable-outside",
    }
}
