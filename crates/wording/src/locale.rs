//! The two languages, and how one is chosen.

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locale {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Locale {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The language tag, as in `lang="…"`, the directory and the configuration.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// Reads a language tag: `ja`, `ja-JP`, `en_US`. `None` for any other language.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// Chooses from an `Accept-Language` header: the best weight wins, then the order. `*`, unknown languages and
    /// a weight of zero count for nothing; when nothing is left, `fallback`.
    #[must_use]
    pub fn negotiate(accept_language: &str, fallback: Self) -> Self {
        let mut best: Option<(f32, Self)> = None;
        for part in accept_language.split(',') {
            let mut pieces = part.split(';');
            let Some(locale) = pieces.next().and_then(Self::parse) else { continue };
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, locale));
            }
        }
        best.map_or(fallback, |(_, locale)| locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_first_language_wins_whatever_the_spelling() {
        let cases = [
            ("ja", Locale::Ja),
            ("en-US,en;q=0.9,ja;q=0.8", Locale::En),
            ("fr, ja;q=0.3, en;q=0.7", Locale::En),
            ("fr-CH, *;q=0.5", Locale::Ja),
            ("en;q=0, ja;q=0.1", Locale::Ja),
            ("en;q=nonsense", Locale::Ja),
            ("", Locale::Ja),
        ];
        for (header, expected) in cases {
            assert_eq!(Locale::negotiate(header, Locale::Ja), expected, "{header}");
        }
        assert_eq!(Locale::parse("JA_jp"), Some(Locale::Ja));
        assert_eq!(Locale::parse("jav"), None);
    }
}
