//! No route is without a rule, and each rule holds for each role.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use common::{create_token, guarded, http};
use overhaul_client::api::Role;
use overhaul_server::access::policy::{Need, Rule, TABLE, rule};
use overhaul_server::{Options, Server};

/// The methods and paths of a router, which has no other way to tell them than its `Debug`.
fn routes(router: &Router) -> BTreeSet<(String, String)> {
    let text = format!("{router:?}");
    let (before, _) = text.split_once("fallback_router").unwrap();
    let (methods, paths) = before.split_once("node: Node").unwrap();
    let entries = |text: &str| -> BTreeMap<String, String> {
        text.split("RouteId(")
            .skip(1)
            .map(|entry| entry.split_once("): ").unwrap())
            .map(|(id, entry)| (id.to_owned(), entry.to_owned()))
            .collect()
    };
    let paths = entries(paths);
    let mut found = BTreeSet::new();
    for (id, endpoint) in entries(methods) {
        let path = paths[&id].split('"').nth(1).unwrap().to_owned();
        let allowed =
            endpoint.split("allow_header: Bytes(b\"").nth(1).and_then(|rest| rest.split('"').next());
        let allowed = allowed.unwrap_or_else(|| panic!("{path} takes any method: no rule can cover it"));
        found.extend(allowed.split(',').map(|method| (method.to_owned(), path.clone())));
    }
    found
}

async fn all_routes() -> BTreeSet<(String, String)> {
    let data = tempfile::tempdir().unwrap();
    let options = Options { listen: "127.0.0.1:0".to_owned(), ..Options::new(data.path()) };
    routes(&Server::open(options).await.unwrap().router())
}

#[tokio::test]
async fn every_route_has_a_rule() {
    let routes = all_routes().await;
    assert!(routes.len() > 15, "{routes:?}");
    assert!(routes.contains(&("PUT".to_owned(), "/api/v1/blobs/{sha256}".to_owned())), "{routes:?}");
    let lacking: Vec<_> = routes
        .into_iter()
        .filter(|(method, path)| !matches!(rule(&method.parse().unwrap(), path), Rule::Needs(_)))
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert!(lacking.is_empty(), "add these to access::policy::TABLE:\n{}", lacking.join("\n"));
}

#[tokio::test]
async fn every_rule_is_of_a_route() {
    let routes = all_routes().await;
    for (_, rules) in TABLE {
        for rule in *rules {
            let (method, path) = rule.split_once(' ').unwrap();
            assert!(routes.contains(&(method.to_owned(), path.to_owned())), "{rule} is of no route");
        }
    }
}

#[tokio::test]
async fn each_role_may_do_what_its_rules_say_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let tokens = Role::ALL.map(|role| (role, create_token(data.path(), role.as_str(), role, &[])));
    for (need, rules) in TABLE {
        for rule in *rules {
            let (method, path) = rule.split_once(' ').unwrap();
            let path = filled(path);
            let ask = || http().request(method.parse().unwrap(), server.at(&path));
            let status = ask().send().await.unwrap().status().as_u16();
            assert_eq!(status == 401, *need != Need::Nothing, "{rule} without a token: {status}");
            for (role, token) in &tokens {
                let answer = ask().bearer_auth(token).send().await.unwrap();
                let status = answer.status().as_u16();
                assert_ne!(status, 401, "{rule} by {role}");
                assert_eq!(status != 403, need.is_met_by(*role), "{rule} by {role}: {status}");
            }
        }
    }
    server.stop().await;
}

/// A path of a route, with something valid for each of its parameters.
fn filled(route: &str) -> String {
    let digest = "0".repeat(64);
    let part = |part: &str| match part {
        "{sha256}" => digest.clone(),
        "{version}" => "1".to_owned(),
        // The one that gateways' tokens here are of.
        "{gateway}" => "gw-1".to_owned(),
        part if part.starts_with('{') => "x".to_owned(),
        part => part.to_owned(),
    };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn gateways_may_do_nothing_but_pull_and_report() {
    for (need, rules) in TABLE {
        let reports = ["POST /api/v1/gateways/{gateway}/reports"];
        let allowed = rules.iter().all(|rule| rule.starts_with("GET ") || reports.contains(rule));
        assert!(*need == Need::Nothing || !need.is_met_by(Role::Gateway) || allowed, "{rules:?}");
    }
}

#[tokio::test]
async fn a_registry_of_ones_own_asks_for_nothing() {
    let data = tempfile::tempdir().unwrap();
    assert!(!Options::new(data.path()).require_token);
    let server = common::Running::start(data.path()).await;
    assert_eq!(common::get(server.at("/api/v1/models")).await.status(), 200);
    server.stop().await;
}
