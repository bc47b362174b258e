//! The pages of error codes, from `docs/errors`, built into the program so that they can be read without a network.

use askama::Template;

use crate::view::Page;

macro_rules! pages {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../../../../docs/errors/", $code, ".md")))),*]
    };
}

/// Every page by its code.
pub(crate) const PAGES: &[(&str, &str)] = pages![
    "address_not_allowed" "already_accepted" "authentication" "bad_address" "body_not_json"
    "body_too_large" "broken" "busy" "cannot_hand_over_to" "closed" "empty_text" "empty_why"
    "entry_corrected" "entry_redacted" "gone" "incident_closed" "inconsistent" "login_gone"
    "mailbox_full" "method_not_allowed" "no_such_call" "not_asked" "not_found" "not_stored"
    "not_yours" "rate_limited" "redirected" "rejected" "still_calling" "stood_down"
    "store_backup_exists" "store_bad_url" "store_broken" "store_conflict" "store_damaged"
    "store_full" "store_inconsistent" "store_migrating" "store_migration_changed"
    "store_rows_affected" "store_too_new" "store_unavailable" "time_reversed" "timed_out" "tls"
    "too_many_tries" "unauthorized" "unknown_address" "unknown_attempt" "unknown_entry"
    "unknown_host" "unknown_person" "unreachable" "wider_circle" "wrong_field"
];

/// The text of the page of that code.
pub(crate) fn find(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(found, _)| *found == code).map(|(_, text)| *text)
}

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph, as parts of which some are strong.
    Paragraph(Vec<Part>),
    /// Lines as they stand.
    Code(String),
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it stands.
    Plain(String),
    /// Strong.
    Strong(String),
    /// A name out of a program.
    Code(String),
}

/// The page of an error code.
#[derive(Debug, Template)]
#[template(path = "error_page.html")]
pub(crate) struct ErrorPage {
    /// What every page shares.
    pub(crate) page: Page,
    /// What it says.
    pub(crate) blocks: Vec<Block>,
}

/// Reads the few marks that these pages use: headings, paragraphs, `**strong**`, code in backticks.
pub(crate) fn read(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    let mut paragraph: Vec<&str> = Vec::new();
    let end = |paragraph: &mut Vec<&str>, blocks: &mut Vec<Block>| {
        if !paragraph.is_empty() {
            blocks.push(Block::Paragraph(read_parts(&paragraph.join(" "))));
            paragraph.clear();
        }
    };
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix('#') {
            end(&mut paragraph, &mut blocks);
            let heading = heading.trim_start_matches('#').trim();
            blocks.push(Block::Heading(heading.to_owned()));
        } else if line.starts_with("```") {
            end(&mut paragraph, &mut blocks);
            let code: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if line.trim().is_empty() {
            end(&mut paragraph, &mut blocks);
        } else {
            paragraph.push(line.trim());
        }
    }
    end(&mut paragraph, &mut blocks);
    blocks
}

fn read_parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (index, piece) in text.split('`').enumerate() {
        if index % 2 == 1 {
            parts.push(Part::Code(piece.to_owned()));
            continue;
        }
        for (index, piece) in piece.split("**").enumerate() {
            let part = if index % 2 == 1 { Part::Strong } else { Part::Plain };
            if !piece.is_empty() {
                parts.push(part(piece.to_owned()));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_into_headings_paragraphs_and_code() {
        let blocks =
            read("# x\n\nFirst\nline.\n\n**What to do:** run `ippo doctor`.\n```sh\na <b\n```\n");
        let plain = |text: &str| Part::Plain(text.to_owned());
        assert_eq!(
            blocks,
            [
                Block::Heading("x".into()),
                Block::Paragraph(vec![plain("First line.")]),
                Block::Paragraph(vec![
                    Part::Strong("What to do:".into()),
                    plain(" run "),
                    Part::Code("ippo doctor".into()),
                    plain("."),
                ]),
                Block::Code("a <b".into()),
            ]
        );
    }

    #[test]
    fn every_page_in_the_folder_is_built_in_and_begins_with_its_code() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let code = name.trim_end_matches(".md");
            assert!(code == "README" || find(code).is_some(), "{code} is not in the list");
        }
        for (code, text) in PAGES {
            assert_eq!(read(text).first(), Some(&Block::Heading((*code).to_owned())), "{code}");
        }
    }
}
