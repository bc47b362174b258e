//! `ippo serve`: the server.

use engine::{Engine, EngineConfig, EngineParts};
use tracing_subscriber::EnvFilter;
use web::{App, WebConfig};

use crate::cli::ConfigOption;
use crate::config::LogConfig;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::server;

/// Options of `ippo serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigOption,
}

/// Runs until a signal asks for the end.
pub(crate) async fn run(context: &Context, args: Args) -> Outcome {
    let (config, registry) = context.load_with_channels(args.config.config.as_deref())?;
    start_log(&config.log);
    // The address first: when it is taken, the database is left alone.
    let bound = server::bind(&config.listen).await?;
    let public_url =
        config.public_url.clone().unwrap_or_else(|| format!("http://{}", bound.address));
    let store = context.open_or_make(&config).await?;
    let parts = EngineParts {
        store,
        clock: context.clock.clone(),
        entropy: context.entropy.clone(),
        channels: registry.channels().to_vec(),
    };
    let engine_config = EngineConfig {
        organisation: config.organisation.clone(),
        policy: config.policy.clone(),
        public_url: public_url.clone(),
    };
    let engine = Engine::start(parts, engine_config).await?;
    let terminal = context.terminal_for(&config);
    if config.organisation.last_resort.is_empty() {
        terminal.note(&format!("ippo: {}", terminal.words.t("cli-serve-no-last-resort")));
    }
    let app = App::new(engine.clone(), WebConfig { public_url, demo: false });
    let on_ready = |address| {
        terminal.note(&format!("ippo: ready on http://{address}"));
        Ok(())
    };
    server::run(bound, engine, web::router(app), server::asked_to_end(), on_ready).await?;
    Ok(Exit::Done)
}

/// Lets the server speak about itself on standard error.
fn start_log(config: &LogConfig) {
    // What libraries say is for their authors; ours is for operators.
    let level = &config.level;
    let filter = EnvFilter::new(format!(
        "warn,ippo={level},web={level},engine={level},channels={level},store={level}"
    ));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.is_json { lines.json().try_init() } else { lines.try_init() };
    // Only a second start in one process can fail, and the first one then goes on.
    drop(started);
}
