//! Filing a report in a story.

use domain::id::IncidentId;
use domain::incident::report::{FirstReport, Kind, Via};
use engine::Reported;

use crate::people::per;
use crate::world::World;

/// A report with nothing but words, by nobody yet.
pub(crate) fn first_report(text: &str) -> FirstReport {
    FirstReport {
        reporter: per("nobody"),
        text: text.to_owned(),
        project: None,
        kind: None,
        happened: None,
        via: Via::Web,
        is_sign_in_expired: false,
        is_text_repaired: false,
    }
}

/// A report about to be filed.
pub struct Filing<'a> {
    world: &'a mut World,
    report: FirstReport,
    key: Option<String>,
}

impl<'a> Filing<'a> {
    pub(crate) const fn new(world: &'a mut World, report: FirstReport) -> Self {
        Self { world, report, key: None }
    }

    /// On that project, as the reporter names it.
    #[must_use]
    pub fn on(mut self, project: &str) -> Self {
        self.report.project = Some(project.to_owned());
        self
    }

    /// Of that kind.
    #[must_use]
    pub const fn of(mut self, kind: Kind) -> Self {
        self.report.kind = Some(kind);
        self
    }

    /// Under that key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// The report, to be filed in some other way.
    #[must_use]
    pub fn draft(mut self, name: &str) -> FirstReport {
        self.report.reporter = per(name);
        self.report
    }

    /// Files it, and does what follows at once.
    #[track_caller]
    pub fn by(self, name: &str) -> IncidentId {
        self.filed_by(name).incident.id.clone()
    }

    /// The same, for stories that look at what the reporter is told.
    #[track_caller]
    pub fn filed_by(mut self, name: &str) -> Reported {
        self.report.reporter = per(name);
        let reported = self.world.file(self.report, self.key.as_deref()).unwrap();
        self.world.work();
        reported
    }
}
