//! The few files that pages load: compiled in, addressed by their content, kept by browsers for a year.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::digest_bytes;

/// A file of ours.
pub(crate) struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
    address: String,
    tag: String,
}

impl Asset {
    fn new(name: &'static str, kind: &'static str, content: &'static str) -> Self {
        let hash = hex::encode(digest_bytes(content.as_bytes()));
        let short = hash.get(..12).unwrap_or_default().to_owned();
        Self { name, kind, content, address: format!("/assets/{name}?v={short}"), tag: short }
    }

    /// Where it is found; changes with its content.
    pub(crate) fn url(&self) -> &str {
        &self.address
    }
}

/// The style sheet.
pub(crate) static SITE_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("site.css", "text/css; charset=utf-8", include_str!("../assets/site.css"))
});

/// The script.
pub(crate) static APP_JS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("app.js", "text/javascript; charset=utf-8", include_str!("../assets/app.js"))
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// Serves a file of ours.
pub(crate) async fn show(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let found = [&*SITE_CSS, &*APP_JS, &*ICON].into_iter().find(|asset| asset.name == name);
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", asset.tag);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|given| given.contains(&tag));
    // Only an address that names its content may be kept for ever.
    let is_named = query.is_some_and(|query| query == format!("v={}", asset.tag));
    let kept = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
    let shared = [(header::ETAG, tag), (header::CACHE_CONTROL, kept.to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    ([(header::CONTENT_TYPE, asset.kind)], shared, asset.content).into_response()
}
