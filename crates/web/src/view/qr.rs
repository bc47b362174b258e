//! QR codes as SVG, for invitations: drawn here so that the page needs no image and no inline style.

use askama::Template;
use askama::filters::HtmlSafe;
use qrcode::{Color, QrCode};

/// The white border that readers need, in modules.
const QUIET: usize = 4;

/// A QR code with a text for those who do not see it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<svg class="qr" viewBox="0 0 {{ size }} {{ size }}" role="img" aria-label="{{ label }}" shape-rendering="crispEdges"><rect class="qr-paper" width="{{ size }}" height="{{ size }}"/><path class="qr-ink" d="{{ path }}"/></svg>"#
)]
pub struct Qr {
    /// Modules on each side, border included.
    pub size: usize,
    /// The dark modules as one path.
    pub path: String,
    /// What it is.
    pub label: String,
}

impl HtmlSafe for Qr {}

impl Qr {
    /// Draws `text`; `None` when it is too long for any QR code.
    #[must_use]
    pub fn draw(text: &str, label: String) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (index % width + QUIET, index / width + QUIET);
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
        Some(Self { size: width + 2 * QUIET, path, label })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_corner_marks_are_where_readers_look_for_them() {
        let qr = Qr::draw("https://ippo.example.co.jp/invitation/abc", "QR".into()).unwrap();
        let last = qr.size - QUIET - 1;
        for (x, y) in [(QUIET, QUIET), (last, QUIET), (QUIET, last)] {
            assert!(qr.path.contains(&format!("M{x} {y}h")), "no module at {x},{y}");
        }
        assert!(!qr.path.contains(&format!("M{last} {last}h1v1h-1zM{} ", last + 1)));
        assert!(Qr::draw(&"x".repeat(8000), "QR".into()).is_none());
    }
}
