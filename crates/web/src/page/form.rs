//! Reading a form: field by field, repaired where bytes are no UTF-8, never lost where something is wrong.

use axum::body::Bytes;

/// The fields of a form, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    /// Whether bytes had to be repaired.
    pub(crate) is_repaired: bool,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`. Never fails: what cannot be read is not there.
    pub(crate) fn read(body: &Bytes) -> Self {
        let mut form = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = form.decode(halves.next().unwrap_or_default());
            let value = form.decode(halves.next().unwrap_or_default());
            form.fields.push((name, value));
        }
        form
    }

    fn decode(&mut self, bytes: &[u8]) -> String {
        let spaced: Vec<u8> =
            bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
        match String::from_utf8(decoded) {
            Ok(text) => text,
            Err(broken) => {
                self.is_repaired = true;
                String::from_utf8_lossy(broken.as_bytes()).into_owned()
            }
        }
    }

    /// The value of a field; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// The value of a field without spaces around it; `None` when that is empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// Every value of a field that may come several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The form's proof that it came from a page of ours.
    pub(crate) fn csrf(&self) -> &str {
        self.text("csrf")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_broken_bytes_is_read_as_far_as_it_goes() {
        let form = Form::read(&Bytes::from_static(b"text=%E7%B7%8A+a%26b&bad=%ff%zz&x&text=2&&=y"));
        assert_eq!(form.text("text"), "緊 a&b");
        assert!(form.is_repaired);
        assert_eq!(form.text("bad"), "\u{fffd}%zz");
        assert_eq!(form.given("x"), None);
        assert_eq!(form.all("text").collect::<Vec<_>>(), ["緊 a&b", "2"]);
    }
}
