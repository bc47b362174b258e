//! The bare disk: what one durable append costs without any of our code. Every other figure is to be read beside it.

use std::io::Write as _;

use tokio::time::Instant;

use crate::figures::{Samples, print_figure, print_section, shown};

const APPENDS: usize = 1_000;
const BYTES: usize = 4 * 1024;

/// Appends and flushes again and again, on the disk that the databases of the benchmark are on.
pub(crate) fn measure() -> Samples {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let page = [7_u8; BYTES];
    let mut samples = Samples::default();
    for _ in 0..APPENDS {
        let start = Instant::now();
        file.write_all(&page).unwrap();
        file.sync_data().unwrap();
        samples.add(start.elapsed());
    }
    samples
}

pub(crate) fn print(title: &str, samples: &Samples) {
    print_section(title);
    print_figure("append 4 KiB + fdatasync, p50", &shown(samples.p50()));
    print_figure("append 4 KiB + fdatasync, p99", &shown(samples.p99()));
}
