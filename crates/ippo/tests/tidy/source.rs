//! Reading Rust closely enough for the rules: what is code, what is text in quotes, where a function ends.
//!
//! Not a parser. It knows comments, strings (plain, raw, byte, C), characters and lifetimes, and counts braces.

/// What a byte of a Rust file belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Code,
    Comment,
    /// The inside of a string or character, without its quotes.
    Text,
}

/// A Rust file, taken apart.
pub(crate) struct Source<'a> {
    text: &'a str,
    parts: Vec<Part>,
}

/// A string as it stands in the file, escapes and all.
pub(crate) struct Literal<'a> {
    /// Its inside.
    pub(crate) text: &'a str,
    /// Where its inside begins, in bytes.
    pub(crate) start: usize,
}

impl<'a> Source<'a> {
    /// Takes the whole of `text` apart.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, parts: mark(text.as_bytes()) }
    }

    /// Takes only the production part apart: everything before the first `#[cfg(test)]` module.
    pub(crate) fn production(text: &'a str) -> Self {
        Self::new(production(text))
    }

    /// The file with comments and the insides of strings blanked, line breaks kept.
    pub(crate) fn code(&self) -> String {
        self.only(&[Part::Code])
    }

    /// The file with comments blanked, line breaks kept.
    pub(crate) fn without_comments(&self) -> String {
        self.only(&[Part::Code, Part::Text])
    }

    /// Every string literal, in order.
    pub(crate) fn literals(&self) -> Vec<Literal<'a>> {
        let mut found = Vec::new();
        let mut index = 0;
        while index < self.parts.len() {
            let length = self.parts[index..].iter().take_while(|part| **part == Part::Text).count();
            let is_string = index > 0 && self.text.as_bytes()[index - 1] != b'\'';
            if length > 0 && is_string {
                found.push(Literal { text: &self.text[index..index + length], start: index });
            }
            index += length.max(1);
        }
        found
    }

    /// The insides of the bodies of functions with this name, as byte ranges.
    pub(crate) fn bodies_of(&self, name: &str) -> Vec<std::ops::Range<usize>> {
        let code = self.code();
        let head = format!("fn {name}");
        let mut found = Vec::new();
        for (at, _) in code.match_indices(&head) {
            let after = at + head.len();
            let is_whole_name = code[after..].starts_with(['(', '<']);
            let is_own_word = at == 0 || !is_word(code.as_bytes()[at - 1]);
            if is_whole_name
                && is_own_word
                && let Some(body) = braces(&code, after)
            {
                found.push(body);
            }
        }
        found
    }

    /// The words that name things in the code: identifiers and keywords, each with its line from 1.
    pub(crate) fn identifiers(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (index, line) in self.code().lines().enumerate() {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            found.extend(words.filter(|w| !w.is_empty()).map(|w| (index + 1, w.to_owned())));
        }
        found
    }

    fn only(&self, kept: &[Part]) -> String {
        let bytes = self.text.bytes().zip(&self.parts);
        let bytes = bytes.map(|(byte, part)| match byte {
            b'\n' => byte,
            _ if kept.contains(part) => byte,
            _ => b' ',
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    }
}

/// Everything before the first `#[cfg(test)]` at the start of a line that opens a module with a body.
pub(crate) fn production(text: &str) -> &str {
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let opens = lines.peek().is_some_and(|next| {
            (next.starts_with("mod ") || next.starts_with("pub mod ") || next.starts_with("#["))
                && !next.trim_end().ends_with(';')
        });
        if line.starts_with("#[cfg(test)]") && opens {
            return &text[..offset];
        }
        offset += line.len();
    }
    text
}

/// The line of a byte, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether the byte can be part of a name.
pub(crate) fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// The inside of the first pair of braces at or after `from`, unless a `;` comes first.
fn braces(code: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let bytes = code.as_bytes();
    let open = (from..bytes.len()).find(|index| matches!(bytes[*index], b'{' | b';'))?;
    if bytes[open] == b';' {
        return None;
    }
    let mut depth = 0_usize;
    for (index, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(open + 1..index),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn mark(bytes: &[u8]) -> Vec<Part> {
    let mut parts = vec![Part::Code; bytes.len()];
    let mut index = 0;
    while index < bytes.len() {
        let (part, start, end, next) = piece(bytes, index);
        parts[start..end].fill(part);
        index = next;
    }
    parts
}

/// What begins at `index`: its part, where that part starts and ends, and where reading goes on.
fn piece(bytes: &[u8], index: usize) -> (Part, usize, usize, usize) {
    let rest = &bytes[index..];
    if rest.starts_with(b"//") {
        let end = index + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        return (Part::Comment, index, end, end);
    }
    if rest.starts_with(b"/*") {
        let end = index + block_comment(rest);
        return (Part::Comment, index, end, end);
    }
    let is_start_of_word = index == 0 || !is_word(bytes[index - 1]);
    if is_start_of_word && let Some((skip, hashes)) = raw_prefix(rest) {
        let start = index + skip;
        let end = raw_end(bytes, start, hashes);
        return (Part::Text, start, end, end + 1 + hashes);
    }
    match rest {
        [b'"', ..] => quoted(bytes, index, b'"'),
        [b'\'', b'\\', ..] => quoted(bytes, index, b'\''),
        [b'\'', ..] if is_character(rest) => quoted(bytes, index, b'\''),
        _ => (Part::Code, index, index + 1, index + 1),
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// For `r"`, `br##"` and the like: how long the opening is, and how many `#` it has.
fn raw_prefix(rest: &[u8]) -> Option<(usize, usize)> {
    let letters = rest.iter().take_while(|byte| matches!(byte, b'r' | b'b' | b'c')).count();
    if letters == 0 || rest[letters - 1] != b'r' {
        return None;
    }
    let hashes = rest[letters..].iter().take_while(|byte| **byte == b'#').count();
    (rest.get(letters + hashes) == Some(&b'"')).then_some((letters + hashes + 1, hashes))
}

fn raw_end(bytes: &[u8], start: usize, hashes: usize) -> usize {
    let closing = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let found = bytes[start..].windows(closing.len()).position(|window| window == closing);
    found.map_or(bytes.len(), |at| start + at)
}

/// A `'` that begins a character, and not a lifetime: one character, then a `'`.
fn is_character(rest: &[u8]) -> bool {
    let width = match rest.get(1) {
        Some(byte) if *byte < 0x80 => 1,
        Some(byte) => usize::try_from(byte.leading_ones()).unwrap_or(1),
        None => return false,
    };
    rest.get(1 + width) == Some(&b'\'')
}

fn quoted(bytes: &[u8], index: usize, quote: u8) -> (Part, usize, usize, usize) {
    let mut end = index + 1;
    while end < bytes.len() && bytes[end] != quote {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    let end = end.min(bytes.len());
    (Part::Text, index + 1, end, end + 1)
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text = "let a = \"b // c\"; // d \"e\"\nlet f = r#\"g\"h\"#; /* i /* j */ k */ let l: &'m str = 'n';";
    let code = Source::new(text).code();
    let words: Vec<&str> =
        code.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    assert_eq!(words, ["let", "a", "let", "f", "r", "let", "l", "m", "str"]);
    let literals: Vec<&str> = Source::new(text).literals().iter().map(|l| l.text).collect();
    assert_eq!(literals, ["b // c", "g\"h"]);
}

#[test]
fn quotes_inside_characters_and_strings_do_not_end_them() {
    let text = r#"('"', '\'', "\"x\"", 'é', b'"') + y"#;
    let words = Source::new(text).identifiers();
    assert_eq!(words.iter().map(|(_, w)| w.as_str()).collect::<Vec<_>>(), ["b", "y"]);
}

#[test]
fn a_body_ends_at_its_own_brace() {
    let text =
        "fn code(&self) -> &str { match self { A => \"a}\" } } fn code_of() { \"no\" } fn code();";
    let source = Source::new(text);
    let bodies: Vec<&str> = source.bodies_of("code").into_iter().map(|b| &text[b]).collect();
    assert_eq!(bodies, [" match self { A => \"a}\" } "]);
}

#[test]
fn production_ends_where_the_test_module_begins() {
    assert_eq!(production("a\n#[cfg(test)]\nmod tests {\nb\n}\n"), "a\n");
    assert_eq!(production("#[cfg(test)]\nmod tests;\na\n"), "#[cfg(test)]\nmod tests;\na\n");
}
