//! The page that shows the API loads from the registry alone, and may do nothing else.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;

use common::{Running, get, guarded, http};

/// The addresses that a page refers to.
fn references(page: &str) -> Vec<String> {
    let after = |attribute: &'static str| {
        page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    after("src=\"").chain(after("href=\"")).collect()
}

async fn page(server: &Running) -> (BTreeMap<String, String>, String) {
    let answer = get(server.at("/api/v1/docs")).await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (headers, answer.text().await.unwrap())
}

#[tokio::test]
async fn the_page_and_all_that_it_loads_is_this_registrys_and_open_to_everybody() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let (_, html) = page(&server).await;
    let base = reqwest::Url::parse(&server.at("/api/v1/docs")).unwrap();
    let mut loaded = Vec::new();
    for reference in references(&html).into_iter().filter(|reference| !reference.starts_with("data:")) {
        assert!(!reference.contains("//"), "{reference} is elsewhere");
        let answer = get(base.join(&reference).unwrap()).await;
        assert_eq!(answer.status(), 200, "{reference}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{reference}");
        let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let expected = match reference.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            _ => "application/json",
        };
        assert_eq!(media_type, expected, "{reference}");
        assert!(!answer.bytes().await.unwrap().is_empty());
        loaded.push(reference);
    }
    loaded.sort();
    let expected = ["docs/page.js", "docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "openapi.json"];
    assert_eq!(loaded, expected);
    let script = get(server.at("/api/v1/docs/page.js")).await.text().await.unwrap();
    assert!(!script.contains("://") && script.contains("validatorUrl: null"), "{script}");
    server.stop().await;
}

#[tokio::test]
async fn the_page_may_load_nothing_from_elsewhere_and_no_page_may_frame_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let (headers, html) = page(&server).await;
    let policy = &headers["content-security-policy"];
    let directives: BTreeMap<_, _> =
        policy.split(';').map(|directive| directive.trim().split_once(' ').unwrap()).collect();
    assert_eq!(directives["default-src"], "'none'");
    assert_eq!(directives["script-src"], "'self'");
    assert_eq!(directives["connect-src"], "'self'");
    assert_eq!(directives["frame-ancestors"], "'none'");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{policy}");
    assert!(!html.contains("<style") && !html.contains("<script>") && !html.contains(" on"), "{html}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    server.stop().await;
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for path in ["/api/v1/openapi.json", "/api/v1/docs/swagger-ui-bundle.js", "/api/v1/docs/page.js"] {
        let first = get(server.at(path)).await;
        let etag = first.headers()["etag"].clone();
        let again = http().get(server.at(path)).header("If-None-Match", etag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert!(again.bytes().await.unwrap().is_empty());
    }
    server.stop().await;
}
