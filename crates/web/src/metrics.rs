//! Figures for Prometheus, health and readiness. Never a name, a text or an address.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::app::App;

/// What the web room counts.
#[derive(Default)]
pub(crate) struct Metrics {
    reports: AtomicU64,
    reports_refused: AtomicU64,
}

impl Metrics {
    pub(crate) fn count_report(&self) {
        self.reports.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_report_refused(&self) {
        self.reports_refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// Alive: the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// May serve: the store can be read.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    match app.engine().store().directory_version().await {
        Ok(_) => (StatusCode::OK, "ready\n").into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "2")],
            "the store cannot be read\n",
        )
            .into_response(),
    }
}

/// Figures in the text format of Prometheus.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let mut registry = Registry::with_prefix("ippo");
    let totals = app.engine().totals();
    let counted = &app.0.metrics;
    let mut counter = |name: &str, help: &str, value: u64| {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    };
    counter("reports", "Reports taken", counted.reports.load(Ordering::Relaxed));
    counter(
        "reports_refused",
        "Reports that could not be stored",
        counted.reports_refused.load(Ordering::Relaxed),
    );
    counter("attempts_accepted", "Messages that the next machine took", totals.accepted);
    counter("attempts_failed", "Messages that failed", totals.failed);
    counter("attempts_withdrawn", "Messages that were no longer wanted", totals.withdrawn);
    let backlog = app.engine().backlog();
    let now = app.engine().now();
    let late = |at: Option<domain::time::Timestamp>| {
        at.map_or(0, |at| i64::try_from(now.since(at).as_millis()).unwrap_or(i64::MAX))
    };
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    gauge("open_callings", "Incidents that will be looked at", count(backlog.ticks));
    gauge("outbox_waiting", "Messages that wait for their time", count(backlog.deliveries));
    gauge(
        "wake_up_late_ms",
        "How late the most overdue look at an incident is, in milliseconds",
        late(backlog.oldest_tick),
    );
    gauge(
        "outbox_late_ms",
        "How late the most overdue message is, in milliseconds",
        late(backlog.oldest_delivery),
    );
    let mut text = String::new();
    if encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
