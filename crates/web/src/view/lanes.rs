//! The figure of the line of people: one lane each, attempts as marks on a time axis running towards now.
//!
//! The same figure serves Calling (the past and the next attempt) and Rehearsal (the future). It is laid out here
//! from plain times into percentages and pixels, so that it needs no script, fits any width and prints. Every
//! mark is a shape of its own, named in the legend; colour only repeats what shape and word say.

use std::collections::BTreeSet;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;
use wording::{Words, time};

/// Marks nearer than this many hundredths of the width are drawn as one with a number.
const CLUSTER_WIDTH: f64 = 4.5;
/// Height of one lane, in pixels.
const LANE_HEIGHT: u32 = 68;
/// At most this many labels on the axis, so that they fit on a phone.
const TICKS_MAX: i64 = 5;
/// The amounts of time between two labels, in seconds.
const TICK_STEPS: [i64; 14] =
    [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];

/// What has become of an attempt, or what a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Not made yet.
    Planned,
    /// Was not made, because it was no longer needed.
    Cancelled,
    /// The next machine has it.
    HandedOver,
    /// It is on the person's device or in their mailbox.
    Delivered,
    /// The person opened it.
    Seen,
    /// The telephone was picked up.
    PickedUp,
    /// It did not arrive.
    Failed,
    /// The person cannot.
    Cannot,
    /// The person will be there at a named time.
    Promised,
    /// The reporter says they reached the person.
    Stated,
    /// The person has it.
    Accepted,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 11] = [
        Self::Planned,
        Self::Cancelled,
        Self::HandedOver,
        Self::Delivered,
        Self::Seen,
        Self::PickedUp,
        Self::Failed,
        Self::Cannot,
        Self::Promised,
        Self::Stated,
        Self::Accepted,
    ];

    /// The stable code, as in the API; also the end of the symbol's and the text's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Cancelled => "cancelled",
            Self::HandedOver => "handed_over",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::PickedUp => "picked_up",
            Self::Failed => "failed",
            Self::Cannot => "cannot",
            Self::Promised => "promised",
            Self::Stated => "stated",
            Self::Accepted => "accepted",
        }
    }

    /// The key of its word in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Planned => "mark-planned",
            Self::Cancelled => "mark-cancelled",
            Self::HandedOver => "mark-handed_over",
            Self::Delivered => "mark-delivered",
            Self::Seen => "mark-seen",
            Self::PickedUp => "mark-picked_up",
            Self::Failed => "mark-failed",
            Self::Cannot => "mark-cannot",
            Self::Promised => "mark-promised",
            Self::Stated => "mark-stated",
            Self::Accepted => "mark-accepted",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self, w: Words) -> String {
        w.t(self.key())
    }
}

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Has not been asked yet.
    Waiting,
    /// Is being called.
    Calling,
    /// Will be there at a named time; calling rests until then.
    Promised,
    /// Has it.
    Accepted,
    /// Cannot.
    Cannot,
    /// The reporter says they reached them; they have not confirmed it.
    Stated,
    /// Is no longer called, because it was not needed any more.
    Stopped,
    /// No channel works for them.
    Unreachable,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Calling,
        Self::Promised,
        Self::Accepted,
        Self::Cannot,
        Self::Stated,
        Self::Stopped,
        Self::Unreachable,
    ];

    /// The stable code; also the end of the class's and the text's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Calling => "calling",
            Self::Promised => "promised",
            Self::Accepted => "accepted",
            Self::Cannot => "cannot",
            Self::Stated => "stated",
            Self::Stopped => "stopped",
            Self::Unreachable => "unreachable",
        }
    }

    /// The key of its word in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "standing-waiting",
            Self::Calling => "standing-calling",
            Self::Promised => "standing-promised",
            Self::Accepted => "standing-accepted",
            Self::Cannot => "standing-cannot",
            Self::Stated => "standing-stated",
            Self::Stopped => "standing-stopped",
            Self::Unreachable => "standing-unreachable",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self, w: Words) -> String {
        w.t(self.key())
    }
}

/// One attempt or answer.
#[derive(Debug, Clone)]
pub struct Point {
    /// When, in milliseconds UTC.
    pub at_ms: i64,
    /// What became of it.
    pub mark: Mark,
    /// The channel in words; empty for answers.
    pub channel: String,
}

/// One person and what was tried.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Who.
    pub name: String,
    /// Where they stand.
    pub standing: Standing,
    /// When they join or joined, in milliseconds UTC.
    pub joins_at_ms: i64,
    /// Attempts and answers, in any order.
    pub points: Vec<Point>,
}

/// What the figure is made from.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When the report was sent, in milliseconds UTC.
    pub start_ms: i64,
    /// Now, for the figure of a calling; `None` for a rehearsal.
    pub now_ms: Option<i64>,
    /// The last moment to be shown; later ones widen the figure.
    pub end_ms: i64,
    /// People in order.
    pub lanes: Vec<Lane>,
}

/// A mark, placed.
#[derive(Debug, Clone)]
pub struct PlacedMark {
    /// From the left, in hundredths.
    pub x: String,
    /// From the top, in pixels.
    pub y: u32,
    /// Which.
    pub code: &'static str,
    /// How many attempts it stands for; empty for one.
    pub count: String,
    /// What it says on hover.
    pub title: String,
}

/// A lane, placed.
#[derive(Debug, Clone)]
pub struct PlacedLane {
    /// Who.
    pub name: String,
    /// The word for where they stand.
    pub word: String,
    /// The code for where they stand.
    pub standing: &'static str,
    /// Base line of the name, in pixels.
    pub name_y: u32,
    /// The lane's own line, in pixels.
    pub line_y: u32,
    /// Where the solid line begins and ends, in hundredths.
    pub solid: (String, String),
    /// Attempts and answers.
    pub marks: Vec<PlacedMark>,
}

/// A label on the axis.
#[derive(Debug, Clone)]
pub struct Tick {
    /// From the left, in hundredths.
    pub x: String,
    /// What it says.
    pub label: String,
}

/// The figure, laid out.
#[derive(Debug, Clone, Template)]
#[template(path = "part/lanes.html")]
pub struct Figure {
    /// The reader's language.
    pub w: Words,
    /// Height in pixels.
    pub height: u32,
    /// Where the axis lies, in pixels.
    pub axis_y: u32,
    /// People in order.
    pub lanes: Vec<PlacedLane>,
    /// Labels of the axis.
    pub ticks: Vec<Tick>,
    /// Where now is, in hundredths.
    pub now_x: Option<String>,
    /// Shapes in use: code and word.
    pub legend: Vec<(&'static str, String)>,
    /// The figure in one sentence for each person.
    pub summary: String,
}

impl HtmlSafe for Figure {}

impl Figure {
    /// Lays the figure out.
    #[must_use]
    pub fn lay_out(w: Words, facts: &Facts) -> Self {
        let scale = Scale::of(facts);
        let lanes: Vec<PlacedLane> = facts
            .lanes
            .iter()
            .zip(0u32..)
            .map(|(lane, index)| {
                place_lane(w, facts, &scale, lane, index.saturating_mul(LANE_HEIGHT))
            })
            .collect();
        let used: BTreeSet<Mark> = facts
            .lanes
            .iter()
            .flat_map(|lane| lane.points.iter().map(|point| point.mark))
            .collect();
        let axis_y =
            LANE_HEIGHT.saturating_mul(u32::try_from(lanes.len()).unwrap_or(0)).saturating_add(6);
        let sentence = |lane: &PlacedLane| {
            w.tn("lanes-summary-one", &[("name", &lane.name), ("standing", &lane.word)])
        };
        Self {
            w,
            height: axis_y.saturating_add(26),
            axis_y,
            summary: lanes.iter().map(sentence).collect::<Vec<_>>().join(" "),
            ticks: scale.ticks(w),
            now_x: facts.now_ms.map(|now| scale.x(now)),
            legend: used.into_iter().map(|mark| (mark.code(), mark.word(w))).collect(),
            lanes,
        }
    }
}

/// From moments to hundredths of the width.
struct Scale {
    start_ms: i64,
    span_ms: i64,
}

impl Scale {
    fn of(facts: &Facts) -> Self {
        let points =
            facts.lanes.iter().flat_map(|lane| lane.points.iter().map(|point| point.at_ms));
        let last = points.chain(facts.now_ms).fold(facts.end_ms, i64::max);
        Self { start_ms: facts.start_ms, span_ms: last.saturating_sub(facts.start_ms).max(1000) }
    }

    fn hundredths(&self, at_ms: i64) -> f64 {
        let share = at_ms.saturating_sub(self.start_ms) as f64 / self.span_ms as f64;
        4.0 + share.clamp(0.0, 1.0) * 91.0
    }

    fn x(&self, at_ms: i64) -> String {
        percent(self.hundredths(at_ms))
    }

    fn ticks(&self, w: Words) -> Vec<Tick> {
        let span = self.span_ms / 1000;
        let step = TICK_STEPS
            .into_iter()
            .find(|step| span / step < TICKS_MAX)
            .unwrap_or(span / (TICKS_MAX - 1) + 1);
        (0..TICKS_MAX)
            .map(|index| index * step)
            .take_while(|seconds| *seconds <= span)
            .map(|seconds| Tick {
                x: self.x(self.start_ms.saturating_add(seconds * 1000)),
                label: time::span(w, Duration::from_secs(seconds.unsigned_abs())),
            })
            .collect()
    }
}

fn percent(hundredths: f64) -> String {
    format!("{hundredths:.2}%")
}

fn place_lane(w: Words, facts: &Facts, scale: &Scale, lane: &Lane, top: u32) -> PlacedLane {
    let joined = lane.standing != Standing::Waiting;
    let end = facts.now_ms.unwrap_or(facts.end_ms).max(lane.joins_at_ms);
    let solid_end = if joined || facts.now_ms.is_none() { end } else { lane.joins_at_ms };
    let line_y = top.saturating_add(38);
    PlacedLane {
        name: lane.name.clone(),
        word: lane.standing.word(w),
        standing: lane.standing.code(),
        name_y: top.saturating_add(18),
        line_y,
        solid: (scale.x(lane.joins_at_ms), scale.x(solid_end)),
        marks: place_marks(w, scale, &lane.points, line_y),
    }
}

/// Marks that would lie on each other become one, the furthest of them, with a number. Failures keep a row of
/// their own beneath the line, so that none is covered.
fn place_marks(w: Words, scale: &Scale, points: &[Point], line_y: u32) -> Vec<PlacedMark> {
    let mut placed = Vec::new();
    let (mut failed, mut others): (Vec<&Point>, Vec<&Point>) =
        points.iter().partition(|point| point.mark == Mark::Failed);
    for (row, y) in [(&mut others, line_y), (&mut failed, line_y.saturating_add(18))] {
        row.sort_by_key(|point| point.at_ms);
        let mut cluster: Vec<&Point> = Vec::new();
        for point in row.iter().copied() {
            let is_apart = cluster.first().is_some_and(|first| {
                let distance = scale.hundredths(point.at_ms) - scale.hundredths(first.at_ms);
                distance >= CLUSTER_WIDTH
                    || (first.mark == Mark::Planned) != (point.mark == Mark::Planned)
            });
            if is_apart {
                placed.extend(place_cluster(w, scale, &cluster, y));
                cluster.clear();
            }
            cluster.push(point);
        }
        placed.extend(place_cluster(w, scale, &cluster, y));
    }
    placed
}

fn place_cluster(w: Words, scale: &Scale, cluster: &[&Point], y: u32) -> Option<PlacedMark> {
    let furthest = cluster.iter().max_by_key(|point| point.mark)?;
    let title = |point: &&Point| {
        let word = point.mark.word(w);
        if point.channel.is_empty() { word } else { format!("{}: {word}", point.channel) }
    };
    let count = if cluster.len() > 1 { cluster.len().to_string() } else { String::new() };
    Some(PlacedMark {
        x: scale.x(furthest.at_ms),
        y,
        code: furthest.mark.code(),
        count,
        title: cluster.iter().map(title).collect::<Vec<_>>().join(" / "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wording::Locale;

    fn figure(points: Vec<(i64, Mark)>) -> Figure {
        let points = points.into_iter().map(|(seconds, mark)| Point {
            at_ms: seconds * 1000,
            mark,
            channel: "mail".into(),
        });
        let lane = Lane {
            name: "佐藤".into(),
            standing: Standing::Calling,
            joins_at_ms: 0,
            points: points.collect(),
        };
        let facts = Facts { start_ms: 0, now_ms: Some(100_000), end_ms: 0, lanes: vec![lane] };
        Figure::lay_out(Words::of(Locale::Ja), &facts)
    }

    #[test]
    fn marks_that_would_lie_on_each_other_become_one_with_a_number() {
        let figure = figure(vec![
            (0, Mark::HandedOver),
            (1, Mark::Delivered),
            (2, Mark::HandedOver),
            (60, Mark::HandedOver),
        ]);
        let marks: Vec<_> =
            figure.lanes[0].marks.iter().map(|mark| (mark.code, mark.count.as_str())).collect();
        assert_eq!(marks, [("delivered", "3"), ("handed_over", "")]);
    }

    #[test]
    fn a_failure_is_never_covered_by_a_success() {
        let figure = figure(vec![(0, Mark::Delivered), (0, Mark::Failed)]);
        let marks = &figure.lanes[0].marks;
        assert_eq!(marks.len(), 2);
        assert_ne!(marks[0].y, marks[1].y);
    }

    #[test]
    fn nothing_is_drawn_outside_the_figure_and_labels_fit_a_phone() {
        for span in [1, 59, 60, 3600, 86_400 * 400] {
            let figure = figure(vec![(-5, Mark::Planned), (span, Mark::Planned)]);
            assert!((1..=5).contains(&figure.ticks.len()), "{span}: {:?}", figure.ticks);
            for mark in &figure.lanes[0].marks {
                let x: f64 = mark.x.trim_end_matches('%').parse().unwrap();
                assert!((3.0..=97.0).contains(&x), "{x}");
            }
        }
    }
}
