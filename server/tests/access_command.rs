//! `overhaul-server token` and `--require-token`, as an operator uses them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Process, create_token, get, http, token_command};
use overhaul_client::api::Role;

fn refused(output: &std::process::Output) -> String {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((output.status.code(), message.lines().count()), (Some(2), 1), "{message}");
    assert!(output.stdout.is_empty());
    message
}

#[test]
fn a_registry_without_tokens_listens_on_loopback_only() {
    let data = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let output = Process::command(data.path(), address).env("RUST_LOG", "off").output().unwrap();
        let message = refused(&output);
        assert!(message.contains("add --require-token, or listen on 127.0.0.1"), "{message}");
    }
}

#[tokio::test]
async fn with_tokens_it_listens_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::spawn(Process::command(data.path(), "0.0.0.0:0").arg("--require-token"));
    let url = server.url.replace("0.0.0.0", "127.0.0.1");
    assert_eq!(get(format!("{url}/api/v1/models")).await.status(), 401);
    assert_eq!(get(format!("{url}/health")).await.status(), 200);
}

#[tokio::test]
async fn a_token_can_be_made_before_the_first_start() {
    let data = tempfile::tempdir().unwrap();
    let place = data.path().join("new");
    let token = create_token(&place, "root", Role::Admin, &[]);
    let server = Process::spawn(Process::command(&place, "127.0.0.1:0").arg("--require-token"));
    let answer = http().get(format!("{}/api/v1/tokens", server.url)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn the_list_says_who_has_what_until_when() {
    let data = tempfile::tempdir().unwrap();
    create_token(data.path(), "b", Role::Gateway, &[]);
    create_token(data.path(), "a", Role::Viewer, &["--expires", "30d"]);
    create_token(data.path(), "c", Role::Publisher, &[]);
    assert!(token_command(data.path(), &["revoke", "c"]).status.success());
    let list = String::from_utf8(token_command(data.path(), &["list"]).stdout).unwrap();
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (rows[0][..2].join(" "), rows[1][..2].join(" ")),
        ("a viewer".to_owned(), "b gateway gw-1".to_owned())
    );
    assert!(rows[0][3].starts_with("until 2") && rows[1][3] == "until revoked", "{list}");
    assert!(rows[2][3].starts_with("revoked 2"), "{list}");
}

#[test]
fn an_operators_mistake_is_one_line_with_its_mend() {
    let data = tempfile::tempdir().unwrap();
    create_token(data.path(), "ann", Role::Viewer, &[]);
    let taken = refused(&token_command(data.path(), &["create", "--name", "ann", "--role", "admin"]));
    assert!(taken.contains("there is or was a token ann"), "{taken}");
    let unknown = refused(&token_command(data.path(), &["revoke", "bob"]));
    assert!(unknown.contains("there is no token bob"), "{unknown}");
    let nowhere = refused(&token_command(&data.path().join("other"), &["list"]));
    assert!(nowhere.contains("there is no registry in"), "{nowhere}");
    assert!(!data.path().join("other").exists());
    for arguments in [
        &["create", "--name", "x", "--role", "root"] as &[&str],
        &["create", "--name", "x y", "--role", "viewer"],
        &["create", "--name", "x", "--role", "gateway"],
        &["create", "--name", "x", "--role", "viewer", "--expires", "soon"],
        &["create", "--name", "x", "--role", "viewer", "--expires", "1y"],
        &["create", "--name", "x", "--role", "viewer", "--expires", "-1d"],
    ] {
        let output = token_command(data.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let list = token_command(data.path(), &["list"]);
    assert_eq!(String::from_utf8(list.stdout).unwrap().lines().count(), 1);
}
