//! `ippo docs` (hidden): chapters of the documentation that are made from the program itself.

use clap::ValueEnum;
use wording::{Locale, Words};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{cli, config};

/// Options of `ippo docs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    chapter: Chapter,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Chapter {
    /// docs/config.md
    Config,
    /// docs/cli.md
    Cli,
}

/// Prints the chapter.
pub(crate) fn run(context: &Context, args: &Args) -> Outcome {
    let text = match args.chapter {
        Chapter::Config => config::render_document(),
        Chapter::Cli => render_commands(),
    };
    context.terminal.write(&text)?;
    Ok(Exit::Done)
}

const INTRODUCTION: &str = "# The command line

<!-- Made by `ippo docs cli`; a test compares. Change crates/ippo/src instead. -->

Results go to standard output, everything meant for people to standard error. `--json` gives stable JSON. Texts are in
Japanese or English as `LC_ALL` or `LANG` say, else in the organisation's language.

| exit code | means |
|---|---|
| 0 | done; for a question: yes |
| 1 | the answer is no: refused, not found, not well |
| 2 | the command, or the configuration, was not understood |
| 3 | it could not be done now |

Commands on the store (`directory`, `token`, `export`, `backup`, `restore`, `migrate`, `doctor`, `rehearse`) take
`--config FILE` and work beside a running server as well as without one. Client commands (`report`, `log`, `login`) take
`--server` or `IPPO_SERVER`, and `--token` or `IPPO_TOKEN`; without them they use what `ippo login` kept in
`~/.config/ippo/credentials.toml`. The numbers to call when no server answers are kept in
`~/.local/state/ippo/contacts.json`. Both folders follow `XDG_CONFIG_HOME` and `XDG_STATE_HOME`.
";

const FILES: &str = "
## The directory as a file

`ippo directory import` makes the directory what the file says, all or nothing. Whoever is not in the file goes, except
admins, who are kept and named: they are removed on the page *People*. Errors name their line, and all of them are
listed at once; `--dry-run` shows what would change (`+` comes, `-` goes, `~` changes).

TOML holds everything:

```toml
[[person]]
id = \"per_tanaka\"                          # 1 to 64 of a-z A-Z 0-9 _ - .
name = \"田中 花子\"
locale = \"ja\"                              # else the organisation's
timezone = \"Asia/Tokyo\"                    # else the organisation's
manager = \"per_sato\"
deputies = [\"per_ito\"]                     # who stands in, best first
contact = [{ channel = \"mail\", address = \"tanaka@example.co.jp\" }, { channel = \"voice\", address = \"+819000000001\" }]
absence = [{ from = \"2026-12-29\", to = \"2027-01-03\" }]
admin = true                               # sets ippo up; sees no incident they were not let into

[[team]]
id = \"team_billing\"
name = \"決済\"
lead = \"per_sato\"
deputies = [\"per_ito\"]
members = [\"per_tanaka\"]

[[project]]
id = \"prj_checkout\"
name = \"Checkout\"
team = \"team_billing\"
lead = \"per_mori\"                          # else the team's
deputies = []                              # else the team's

[[rota]]
id = \"rota_billing\"
team = \"team_billing\"
start = \"2026-01-05T00:00:00Z\"             # when the first shift begins
shift_hours = 168
members = [\"per_tanaka\", \"per_ito\"]        # in turn
```

CSV holds people and who is in which team, for spreadsheets. The first line names the columns, in any order: `id` and
`name`, and where wanted `locale`, `timezone`, `manager`, `deputies`, `admin` (`yes` or `no`), `team`, `team_lead`, and a
column for each channel (`mail`, `voice`, `sms`, `webhook`, `chat`, `push`). Several values in one field have `;`
between them. A team that does not exist yet is made. Projects, rotas, absences and the deputies of teams stay as they
are.
";

/// Every command with its help, as Markdown.
fn render_commands() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut definition = cli::definition(Words::of(Locale::En)).term_width(100);
    definition.build();
    for command in definition.get_subcommands().filter(|command| command.get_name() != "help") {
        if !command.is_hide_set() {
            render_command(command, &mut text);
        }
    }
    text.push_str(FILES);
    text
}

fn render_command(command: &clap::Command, text: &mut String) {
    let parts: Vec<_> =
        command.get_subcommands().filter(|part| part.get_name() != "help").collect();
    if !parts.is_empty() {
        parts.into_iter().for_each(|part| render_command(part, text));
        return;
    }
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let help = command.clone().term_width(100).render_long_help();
    text.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.to_string().trim_end()));
}
