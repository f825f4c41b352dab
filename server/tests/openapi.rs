//! The description of the API is that of the API: every route, every status, every body.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;
mod openapi_common;

use std::collections::{BTreeSet, HashSet};

use common::{MODEL, Running, create_token, guarded, publish};
use openapi_common::{Document, call};
use overhaul_bundle::{Alias, BundlePath, GatewayId, ModelName, QueueId, Sha256Digest, TokenName};
use overhaul_client::api::Role;
use overhaul_client::mlflow::Token;
use overhaul_client::{Access, Registry};
use overhaul_server::access::policy::{Need, TABLE};
use regex::Regex;
use serde_json::json;

/// What `MLflow`'s protocol begins with, which is not described.
const MLFLOW: [&str; 3] = ["/api/2.0/", "/api/3.0/", "/get-artifact"];

/// The rules of the project's own API: what each asks for, its method, and its path as the description has it.
fn own_rules() -> impl Iterator<Item = (Need, String, String)> {
    let rules = TABLE.iter().flat_map(|(need, rules)| rules.iter().map(|rule| (*need, *rule)));
    rules.filter_map(|(need, rule)| {
        let (method, path) = rule.split_once(' ').unwrap();
        let own = !MLFLOW.iter().any(|prefix| path.starts_with(prefix));
        own.then(|| (need, method.to_lowercase(), path.replace("{*", "{")))
    })
}

#[tokio::test]
async fn every_route_of_the_projects_own_api_is_described_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let document = Document::of(&server).await;
    let described: BTreeSet<_> = document.operations().map(|(method, path, _)| (method, path)).collect();
    let ruled: BTreeSet<_> = own_rules().map(|(_, method, path)| (method, path)).collect();
    assert!(ruled.len() > 20);
    assert_eq!(described, ruled);
    server.stop().await;
}

#[tokio::test]
async fn the_roles_that_are_described_are_those_that_are_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let document = Document::of(&server).await;
    for (need, method, path) in own_rules() {
        let operation = document.operation(&method, &path);
        let roles = |scheme: &str| -> HashSet<Role> {
            let required = operation["security"].as_array().unwrap().iter();
            required.filter_map(|one| one[scheme][0].as_str()).map(|role| role.parse().unwrap()).collect()
        };
        assert_eq!(roles("bearer"), roles("basic"), "{method} {path}");
        let words = operation["description"].as_str().unwrap();
        for role in Role::ALL {
            let may = roles("bearer").is_empty() || roles("bearer").iter().any(|least| role.includes(*least));
            assert_eq!(may, need.is_met_by(role), "{method} {path} by {role}");
        }
        for role in roles("bearer") {
            assert!(words.contains(&format!("`{role}`")), "{method} {path}: {words}");
        }
        assert_eq!(operation["responses"].get("401").is_some(), need != Need::Nothing, "{method} {path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_document_is_whole() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let document = Document::of(&server).await;
    assert_eq!(document.0["openapi"], "3.1.0");
    assert_eq!(document.0["info"]["version"], env!("CARGO_PKG_VERSION"));
    document.check_references();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in document.operations() {
        let what = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{what}: {id} is another operation's");
        assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{what}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{what}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            assert!(parameter["description"].is_string(), "{what}: {parameter}");
        }
        let named: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(named, in_path, "{what}");
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let answer = document.resolved(answer);
            assert!(!answer["description"].as_str().unwrap().is_empty(), "{what} {status}");
            if status.starts_with(['4', '5']) && status != "416" {
                let schema = &answer["content"]["application/json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/ErrorBody", "{what} {status}");
            }
        }
    }
    // What rustdoc alone understands is not in it.
    let text = document.0.to_string();
    assert!(!text.contains("`None`") && !text.contains("[`"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn answers_have_the_statuses_and_the_shapes_that_are_described() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let document = Document::of(&server).await;
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let access = Access::default().with_token(Token::new(&admin).unwrap());
    let bundle = publish(&Registry::with(&server.url, &access).unwrap(), b"one").await.bundle_sha256;
    let bundle = bundle.to_string();
    let (versions, version) = ("/api/v1/models/{name}/versions", "/api/v1/models/{name}/versions/{version}");
    let manifest = "/api/v1/models/{name}/versions/{version}/manifest";
    let file = "/api/v1/models/{name}/versions/{version}/files/{path}";
    let (alias, blob) = ("/api/v1/models/{name}/aliases/{alias}", "/api/v1/blobs/{sha256}");
    let (tokens, token) = ("/api/v1/tokens", "/api/v1/tokens/{name}");
    let (audit, docs) = ("/api/v1/audit", "/api/v1/docs/{file}");
    let other = Sha256Digest::of(b"new").to_string();
    let published = call("GET", manifest, &[MODEL, "1"], 200).send(&server, &admin).await;
    let published = published.bytes().await.unwrap();
    let first = json!({ "version": 1, "actor": "ann" });
    let ci = json!({ "name": "ci", "role": "publisher" });
    let own = format!("Bearer {}", create_token(data.path(), "gw", Role::Gateway, &[]));
    let (gateways, gateway) = ("/api/v1/gateways", "/api/v1/gateways/{gateway}");
    let reports = "/api/v1/gateways/{gateway}/reports";
    let batch = json!({ "queue": "0".repeat(32), "reports": [
        { "sequence": 1, "at": "2026-03-01T12:00:00Z", "event": { "kind": "activated", "cause": "alias",
          "running": { "version": 1, "bundle_sha256": bundle } } },
        { "sequence": 2, "at": "2026-03-01T12:00:00Z", "event": { "kind": "refused", "lasting": true,
          "reason": "it traps", "refused": { "version": 2, "bundle_sha256": other } } },
    ] });
    let calls = [
        call("GET", "/health", &[], 200),
        call("GET", "/version", &[], 200),
        call("GET", "/metrics", &[], 200),
        call("GET", "/api/v1/models", &[], 200),
        call("GET", "/api/v1/models", &[], 401).header("Authorization", "Bearer nonsense"),
        call("GET", "/api/v1/models", &[], 403).header("Host", "evil.test"),
        call("GET", versions, &[MODEL], 200),
        call("POST", versions, &[MODEL], 201),
        call("POST", versions, &["a%2Fb"], 400),
        call("GET", version, &[MODEL, "1"], 200),
        call("GET", version, &[MODEL, "7"], 404),
        call("PUT", version, &[MODEL, "1"], 200).body(published),
        call("PUT", version, &[MODEL, "1"], 413).body(vec![b' '; (1 << 20) + 1]),
        call("GET", manifest, &[MODEL, "1"], 200),
        call("GET", manifest, &[MODEL, "1"], 304).header("If-None-Match", &format!("\"{bundle}\"")),
        call("GET", file, &[MODEL, "1", "model.onnx"], 200),
        call("GET", file, &[MODEL, "1", "model.onnx"], 206).header("Range", "bytes=0-1"),
        call("GET", file, &[MODEL, "1", "model.onnx"], 304).header("If-None-Match", "*"),
        call("GET", file, &[MODEL, "1", "model.onnx"], 416).header("Range", "bytes=9999999-"),
        call("GET", file, &[MODEL, "1", "other.onnx"], 404),
        call("GET", blob, &[&bundle], 200),
        call("GET", blob, &[&other], 404),
        call("PUT", blob, &[&other], 201).body("new"),
        call("PUT", blob, &[&other], 200).body("new"),
        call("PUT", blob, &[&other], 400).body("old"),
        call("PUT", alias, &[MODEL, "production"], 200).json(&first),
        call("PUT", alias, &[MODEL, "production"], 400).json(&json!({})),
        call("PUT", alias, &[MODEL, "production"], 415).body(first.to_string()),
        call("GET", alias, &[MODEL, "production"], 200),
        call("GET", alias, &[MODEL, "production"], 304).header("If-None-Match", "*"),
        call("GET", alias, &[MODEL, "latest"], 400),
        call("GET", "/api/v1/models/{name}/history", &[MODEL], 200),
        call("GET", "/api/v1/models/{name}/history", &["none"], 404),
        call("POST", tokens, &[], 201).json(&ci),
        call("POST", tokens, &[], 409).json(&ci),
        call("GET", tokens, &[], 200),
        call("DELETE", token, &["ci"], 200),
        call("DELETE", token, &["nobody"], 404),
        call("POST", reports, &["gw-1"], 200).header("Authorization", &own).json(&batch),
        call("POST", reports, &["gw-1"], 400).header("Authorization", &own).json(&json!({})),
        call("POST", reports, &["gw-1"], 415).header("Authorization", &own).body("{}"),
        call("POST", reports, &["gw-2"], 403).header("Authorization", &own).json(&batch),
        call("GET", gateways, &[], 200).query("max_results=1"),
        call("GET", gateways, &[], 400).query("max_results=0"),
        call("GET", gateway, &["gw-1"], 200),
        call("GET", gateway, &["gw-2"], 404),
        call("GET", reports, &["gw-1"], 200).query("kind=refused"),
        call("GET", reports, &["gw-2"], 404),
        call("GET", audit, &[], 200).query("max_results=1&kind=alias&since=2026-01-01T00:00:00Z"),
        call("GET", audit, &[], 400).query("max_results=1001"),
        call("GET", "/api/v1/openapi.json", &[], 200),
        call("GET", "/api/v1/docs", &[], 200),
        call("GET", docs, &["page.js"], 200),
        call("GET", docs, &["other.js"], 404),
    ];
    let mut asked = BTreeSet::new();
    for call in calls {
        asked.insert((call.method.to_lowercase(), call.route.to_owned()));
        let answer = call.send(&server, &admin).await;
        document.check_answer(call.method, call.route, answer).await;
    }
    let ruled: BTreeSet<_> = own_rules().map(|(_, method, path)| (method, path)).collect();
    assert_eq!(asked, ruled, "every route is asked");
    server.stop().await;
}

/// Whether a name is taken.
type Takes = fn(&str) -> bool;

#[tokio::test]
async fn the_names_that_the_description_allows_are_those_that_are_taken() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let document = Document::of(&server).await;
    let digest = Sha256Digest::of(b"x").to_string();
    let mut names: Vec<String> =
        ["", "a", "-a", ".a", "a.b", "a/b", "/a", "a/", "a//b", "...", "a/../b", "a:b"]
            .into_iter()
            .chain(["a\\b", "a\nb", "a\u{85}b", "a b", "ä"])
            .map(str::to_owned)
            .collect();
    names.extend([128, 129, 255, 256, 257].map(|length| "x".repeat(length)));
    names.extend(["0".repeat(32), "A".repeat(32)]);
    names.extend(["a/".repeat(7) + "a", "a/".repeat(8) + "a", digest.to_uppercase(), digest]);
    // The last tells what is asked of a name in words only.
    let never: Takes = |_| false;
    let schemas: [(&str, Takes, Takes); 7] = [
        ("ModelName", |name| name.parse::<ModelName>().is_ok(), never),
        ("Alias", |name| name.parse::<Alias>().is_ok(), |name| !name.chars().all(char::is_alphanumeric)),
        ("TokenName", |name| name.parse::<TokenName>().is_ok(), never),
        ("GatewayId", |name| name.parse::<GatewayId>().is_ok(), never),
        ("QueueId", |name| name.parse::<QueueId>().is_ok(), never),
        ("BundlePath", |name| name.parse::<BundlePath>().is_ok(), |name| name.len() > 128),
        ("Sha256Digest", |name| name.parse::<Sha256Digest>().is_ok(), never),
    ];
    for (schema, takes, in_words) in schemas {
        let schema = &document.0["components"]["schemas"][schema];
        let pattern = schema["pattern"].as_str().map(|pattern| Regex::new(pattern).unwrap());
        let bounds =
            schema["minLength"].as_u64().unwrap_or(0)..=schema["maxLength"].as_u64().unwrap_or(u64::MAX);
        for name in &names {
            let length = bounds.contains(&(name.chars().count() as u64));
            let allowed = length && pattern.as_ref().is_none_or(|pattern| pattern.is_match(name));
            assert!(allowed == takes(name) || allowed && in_words(name), "{name:?} by {schema}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_bounds_that_are_described_are_those_that_hold() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let document = Document::of(&server).await;
    publish(&server.registry, b"one").await;
    let route = "/api/v1/models/{name}/aliases/{alias}";
    let words = &document.0["components"]["schemas"]["MoveAlias"]["properties"];
    for field in ["actor", "reason"] {
        let most = words[field]["maxLength"].as_u64().unwrap() as usize;
        let mut body = json!({ "version": 1, "actor": "ann", "reason": "because" });
        for (length, status) in [(most, 200), (most + 1, 400)] {
            body[field] = "x".repeat(length).into();
            call("PUT", route, &[MODEL, "production"], status).json(&body).send(&server, "").await;
        }
    }
    let parameters = document.operation("get", "/api/v1/audit")["parameters"].as_array().unwrap();
    let size = parameters.iter().find(|parameter| parameter["name"] == "max_results").unwrap();
    let (least, most) = (size["schema"]["minimum"].as_u64(), size["schema"]["maximum"].as_u64());
    let (least, most) = (least.unwrap(), most.unwrap());
    for (size, status) in [(least - 1, 400), (least, 200), (most, 200), (most + 1, 400)] {
        let query = format!("max_results={size}");
        call("GET", "/api/v1/audit", &[], status).query(&query).send(&server, "").await;
    }
    server.stop().await;
}
