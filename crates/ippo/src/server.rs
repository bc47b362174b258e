//! The server's life: the address is taken, work and requests run side by side, and a signal ends both in order.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use engine::Engine;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// How long requests that are under way may take once the end was asked for. Open pages (live updates) never end by
/// themselves; what they show is on disk.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// An address that is ours.
pub(crate) struct Bound {
    listener: TcpListener,
    /// The real address, also when a free port was asked for.
    pub(crate) address: SocketAddr,
}

/// Takes the address.
///
/// # Errors
/// When it is taken by another program, or is none of this machine's.
pub(crate) async fn bind(listen: &str) -> Result<Bound, Failure> {
    let refused = |why: std::io::Error| {
        let remedy = match why.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program (perhaps another ippo) listens there: stop it, or set server.listen to another port"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need a privilege: set server.listen to a higher port, behind a reverse proxy"
            }
            _ => "set server.listen to an address of this machine, 127.0.0.1:8470 for example",
        };
        Failure::not_now(format!("cannot listen on {listen}: {why}")).with_remedy(remedy)
    };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok(Bound { listener, address })
}

/// Serves until `stop` is done, with the engine's loop beside it. `on_ready` is called once requests are answered.
///
/// # Errors
/// When the listener breaks.
pub(crate) async fn run(
    bound: Bound,
    engine: Engine,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    on_ready: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (sender, stopping) = watch::channel(false);
    tokio::spawn(async move {
        stop.await;
        sender.send_replace(true);
    });
    let work = tokio::spawn(engine::run(engine, until(stopping.clone())));
    let address = bound.address;
    let listener = bound.listener.tap_io(|stream| {
        if let Err(why) = stream.set_nodelay(true) {
            tracing::debug!("a connection stays slow: {why}");
        }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(until(stopping.clone()));
    on_ready(address)?;
    tokio::select! {
        served = async { serving.await } => served.map_err(|why| Failure::not_now(format!("cannot serve: {why}")))?,
        () = async { until(stopping).await; crate::clock::pause(STOP_WITHIN).await } => {
            tracing::info!("requests that were still open have been cut off");
        }
    }
    if tokio::time::timeout(STOP_WITHIN, work).await.is_err() {
        tracing::warn!("the loop did not stop in time; the next start goes on with its work");
    }
    Ok(())
}

/// Done when the process is asked to end.
pub(crate) async fn asked_to_end() {
    let wait = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            // Without a handler the signal ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}

async fn until(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody can ask any more, which only the end of the process causes.
    drop(stopping.wait_for(|is_stopping| *is_stopping).await);
}
