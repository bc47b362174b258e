//! `ippo demo`: a whole working organisation on one machine, with nothing to set up and nothing real sent.

use std::path::{Path, PathBuf};

use channels::{SimulatedChannel, SimulatedWorld};
use domain::policy::Policy;
use engine::{Engine, EngineConfig, EngineParts};
use store::{Store, StoreConfig};
use web::{App, WebConfig};

use crate::context::Context;
use crate::demo::{Stage, company, organisation, router};
use crate::entropy::new_name;
use crate::failure::{Exit, Failure, Outcome};
use crate::server;

/// How much faster `--fast` is.
const FASTER: u32 = 10;
/// The database, inside the folder.
const DATABASE: &str = "ippo-demo.db";

/// Options of `ippo demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Host and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8470")]
    listen: String,
    /// The folder for the database; without it a new one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Make all delays a tenth
    #[arg(long)]
    fast: bool,
}

/// The folder that was named, or a new one that goes with the process.
fn make_folder(context: &Context, named: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let is_named = named.is_some();
    let path = named.unwrap_or_else(|| {
        std::env::temp_dir().join(new_name(context.entropy.as_ref(), "ippo-demo-"))
    });
    std::fs::create_dir_all(&path).map_err(|why| Failure::file(&path, &why))?;
    if !is_named {
        context.leftovers.add(path.clone());
    }
    Ok(path)
}

/// Runs until a signal asks for the end.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let bound = server::bind(&args.listen).await?;
    let folder = make_folder(context, args.data)?;
    let store = open(context, &folder).await?;
    let world = SimulatedWorld::new(context.clock.clone());
    let public_url = format!("http://{}", bound.address);
    let policy = Policy::default();
    let parts = EngineParts {
        store,
        clock: context.clock.clone(),
        entropy: context.entropy.clone(),
        channels: SimulatedChannel::all(&world),
    };
    let config = EngineConfig {
        organisation: organisation(),
        policy: if args.fast { policy.faster(FASTER) } else { policy },
        public_url: public_url.clone(),
    };
    let engine = Engine::start(parts, config).await?;
    let app = App::new(engine.clone(), WebConfig { public_url, demo: true });
    let order = company(context.clock.now()).people.into_iter().map(|person| person.id).collect();
    let stage = Stage { app: app.clone(), world, order, is_fast: args.fast };
    let pages = web::router(app).merge(router(stage));
    let terminal = context.terminal;
    let on_ready = |address| {
        terminal.line(&format!("ippo demo: http://{address}/demo"))?;
        terminal.note(&terminal.words.t("cli-demo-what"));
        terminal.note(&terminal.words.t("cli-demo-stop"));
        Ok(())
    };
    server::run(bound, engine, pages, server::asked_to_end(), on_ready).await?;
    Ok(Exit::Done)
}

/// The database, with the company in it unless somebody has changed it before.
async fn open(context: &Context, folder: &Path) -> Result<Store, Failure> {
    let url = format!("sqlite:{}", folder.join(DATABASE).display());
    let now = context.clock.now();
    let store = Store::open(&StoreConfig::new(&url), now).await?;
    if store.load_directory().await?.people.is_empty() {
        store.replace_directory(&company(now)).await?;
    }
    Ok(store)
}
