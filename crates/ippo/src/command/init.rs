//! `ippo init`: a commented configuration, a database, and a link that makes the first admin.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::directory::Person;
use domain::id::PersonId;
use store::{Invitation, Store};

use crate::config::{self, Config, DEFAULT_FILE, Sample};
use crate::context::Context;
use crate::entropy::{digest, new_secret};
use crate::failure::{Exit, Failure, Outcome};

/// How long the link works.
const LINK_LASTS: Duration = Duration::from_secs(7 * 86_400);
/// Who is made when the directory knows nobody.
const FIRST_PERSON: &str = "per_admin";

/// Options of `ippo init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the configuration is written
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    config: PathBuf,
    /// The address under which people will reach ippo
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Your organisation's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Keep the configuration that is there, and print a new link for its first admin
    #[arg(long)]
    new_link: bool,
}

/// Sets up.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    if args.new_link {
        return print_link(context, &context.load_config(Some(&args.config))?).await;
    }
    write_new(&args.config, &config_text(&args))?;
    let done = match context.load_config(Some(&args.config)) {
        Ok(config) => {
            let terminal = context.terminal_for(&config);
            let path = args.config.display().to_string();
            terminal.note(&terminal.words.tn("cli-init-written", &[("path", &path)]));
            print_link(context, &config).await
        }
        Err(why) => Err(why),
    };
    if done.is_err() {
        // Nothing was set up: the next try is not refused because of this one.
        drop(std::fs::remove_file(&args.config));
    }
    done
}

fn config_text(args: &Args) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut set = vec![("organisation.last_resort", format!("[\"{FIRST_PERSON}\"]"))];
    set.extend(
        args.public_url
            .as_deref()
            .map(|url| ("server.public_url", quoted(url.trim_end_matches('/')))),
    );
    set.extend(args.name.as_deref().map(|name| ("organisation.name", quoted(name))));
    config::render_sample(Sample { set: &set })
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|why| match why.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::no(format!("{} exists and is left as it is", path.display()))
                .with_remedy("name another file with --config, or use --new-link for a new link")
        }
        _ => Failure::file(path, &why),
    })?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|why| Failure::file(path, &why))
}

async fn print_link(context: &Context, config: &Config) -> Outcome {
    let store = context.open_or_make(config).await?;
    let person = find_or_make_admin(&store, config).await?;
    let token = new_secret(context.entropy.as_ref());
    let now = context.clock.now();
    let invitation = Invitation {
        token_hash: digest(&token),
        person,
        is_admin: true,
        created_at: now,
        expires_at: now.after(LINK_LASTS),
        used_at: None,
    };
    store.insert_invitation(&invitation).await?;
    let public_url =
        config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let terminal = context.terminal_for(config);
    terminal.note(&terminal.words.t("cli-init-link"));
    terminal.line(&format!("{public_url}/invite/{token}"))?;
    terminal.note(&terminal.words.t("cli-init-next"));
    Ok(Exit::Done)
}

async fn find_or_make_admin(store: &Store, config: &Config) -> Result<PersonId, Failure> {
    let directory = store.load_directory().await?;
    if let Some(admin) = directory.people.iter().find(|person| person.admin) {
        return Ok(admin.id.clone());
    }
    let admin = Person {
        id: PersonId::new(FIRST_PERSON),
        name: wording::Words::of(
            wording::Locale::parse(&config.organisation.locale).unwrap_or(wording::Locale::En),
        )
        .t("cli-init-admin"),
        locale: String::new(),
        timezone: String::new(),
        manager: None,
        deputies: Vec::new(),
        contact: Vec::new(),
        absence: Vec::new(),
        admin: true,
    };
    store.upsert_person(&admin).await?;
    Ok(admin.id)
}
