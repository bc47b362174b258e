//! Benchmarks of the alarm path: the real binary on a real disk, clients and receivers on the same machine.
//!
//! `cargo bench -p ippo` runs every section, `cargo bench -p ippo -- latency home` only those named. Each figure is
//! printed with its target beside it; nothing is asserted, because a figure means nothing without the machine and
//! the moment: compare within one run, with the bare disk that is measured before and after.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark speaks to the terminal and ends when something breaks"
)]

mod disk;
mod escalations;
mod figures;
mod latency;
mod pages;
mod start;
mod throughput;

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/support/http.rs"]
mod http;
#[path = "../../tests/it/support/patience.rs"]
mod patience;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/support/receiver.rs"]
mod receiver;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/support/site.rs"]
mod site;

/// The sections by name, in the order in which they run.
const SECTIONS: [&str; 6] = ["latency", "hanging", "throughput", "start", "escalations", "pages"];

fn main() {
    // Cargo adds `--bench`; other options are those of other harnesses.
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if let Some(name) = named.iter().find(|name| !SECTIONS.contains(&name.as_str())) {
        println!("there is no section {name}; there are {}", SECTIONS.join(", "));
        return;
    }
    // One thread: the client shares the machine with what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        disk::print("the bare disk, before", &disk::measure());
        for section in SECTIONS {
            if named.is_empty() || named.iter().any(|name| name == section) {
                run(section).await;
            }
        }
        disk::print("the bare disk, after", &disk::measure());
    });
}

async fn run(section: &str) {
    match section {
        "latency" => latency::run().await,
        "hanging" => latency::run_beside_a_hanging_address().await,
        "throughput" => throughput::run().await,
        "start" => start::run().await,
        "escalations" => escalations::run().await,
        _ => pages::run().await,
    }
}
