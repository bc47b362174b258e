//! The sample file and `docs/config.md`, made from the one list of keys.

use crate::config::key::{KEYS, Key, SECTIONS, Section};

/// Values that the sample file sets instead of only showing them: path and TOML.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample<'a> {
    /// What is set.
    pub(crate) set: &'a [(&'a str, String)],
}

/// A commented configuration file.
pub(crate) fn render_sample(sample: Sample<'_>) -> String {
    let mut text = String::from(
        "# ippo. Every key can stand in the environment instead: server.listen as IPPO_SERVER__LISTEN.\n\
         # A key behind # shows its default, or an example where it has none. Check with: ippo doctor\n",
    );
    for section in SECTIONS {
        let mark = if section.is_always_there { "" } else { "#" };
        text.push_str(&format!("\n{}\n{mark}[{}]\n", comment(section.doc), section.path));
        for key in keys_of(section) {
            text.push_str(&comment(key.doc));
            let set = sample.set.iter().find(|(path, _)| *path == key.path);
            match set {
                Some((_, value)) => text.push_str(&format!("\n{} = {value}\n", key.name())),
                None => text.push_str(&format!("\n#{} = {}\n", key.name(), shown(key))),
            }
        }
    }
    text
}

/// `docs/config.md`.
pub(crate) fn render_document() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         <!-- Made by `ippo docs config`; a test compares. Change crates/ippo/src/config/key.rs instead. -->\n\n\
         One TOML file: the one named with `--config`, else `./ippo.toml`, else none at all. `ippo init` writes one with\n\
         comments. Every key can stand in the environment instead, under the name given here, and wins there; lists as TOML\n\
         or with commas between. Amounts of time are text such as `\"200ms\"`, `\"30s\"`, `\"5m\"`, `\"2h\"`. Names of files\n\
         count from the folder of the configuration file. Unknown keys and values that cannot be used stop the start; all of\n\
         them are listed at once, each with its place and what to do. `ippo doctor` checks the rest.\n",
    );
    for section in SECTIONS {
        text.push_str(&format!("\n## `[{}]`\n\n{}\n", section.path, section.doc));
        for key in keys_of(section) {
            let default = match key.default {
                "" => "none".to_owned(),
                default => format!("`{default}`"),
            };
            text.push_str(&format!(
                "\n### `{}`\n\n{}\n\n- Holds: {}\n- Default: {default}\n- Example: `{} = {}`\n- Environment: `{}`\n",
                key.path,
                key.doc,
                key.kind.name(),
                key.name(),
                key.example,
                key.variable(),
            ));
        }
    }
    text
}

fn keys_of(section: &Section) -> impl Iterator<Item = &'static Key> {
    let path = section.path;
    KEYS.iter().filter(move |key| key.section() == path)
}

fn shown(key: &Key) -> &'static str {
    if key.default.is_empty() { key.example } else { key.default }
}

/// A text as comment lines of readable width.
fn comment(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines = vec![String::from("#")];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut()
            && line.chars().count() + word.chars().count() < WIDTH
        {
            line.push_str(&format!(" {word}"));
            continue;
        }
        lines.push(format!("# {word}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, source::Values};
    use std::path::Path;

    fn read(text: &str) -> Values {
        Values::read(Some((Path::new("ippo.toml"), text)), &Environment::default())
    }

    #[test]
    fn the_sample_file_says_nothing_that_the_defaults_do_not_say() {
        let values = read(&render_sample(Sample::default()));
        assert_eq!(values.problems, []);
        assert!(values.given.is_empty());
        assert!(!values.sections.contains_key("channels.mail"), "a channel is set up by hand only");
    }

    #[test]
    fn the_sample_file_without_its_comment_marks_can_be_read() {
        let text = render_sample(Sample::default());
        let plain = text.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        let values = read(&plain.collect::<Vec<_>>().join("\n"));
        assert_eq!(values.problems, []);
        assert_eq!(values.given.len(), KEYS.len());
    }
}
