//! MLflow's own client against a registry that asks for tokens: it sends one in either of its ways, and is told what
//! is wrong without.

use std::path::Path;

use anyhow::{Result, bail};
use overhaul_tests::judge::judge;
use overhaul_tests::process::Server;
use overhaul_tests::trainer::must_say;
use overhaul_tests::{MODEL, programs, python};
use serde_json::json;

/// Reads, writes, files in parts, and signed addresses, which need no token.
const TOPICS: &[&str] = &["runs", "aliases_stages", "multipart"];

/// Makes a token as an operator does.
fn token(data: &Path, role: &str) -> Result<String> {
    let mut create = programs::program("overhaul-server")?;
    create.args(["token", "create", "--name", role, "--role", role, "--data-dir"]).arg(data);
    Ok(programs::run(&mut create)?.trim().to_owned())
}

fn guarded(data: &Path, folder: &Path) -> Result<Server> {
    let mut serve = programs::program("overhaul-server")?;
    serve.args(["serve", "--require-token", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    Server::start(&mut serve, &folder.join("registry.log"))
}

#[test]
fn a_token_does_as_mlflow_tracking_token_and_as_the_password_of_anybody() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("registry");
    let token = token(&data, "manager")?;
    let server = guarded(&data, folder.path())?;
    judge(server.url(), TOPICS, &[("MLFLOW_TRACKING_TOKEN", &token)], folder.path())?;
    let by_name = [("MLFLOW_TRACKING_USERNAME", "ann"), ("MLFLOW_TRACKING_PASSWORD", &token)];
    judge(server.url(), TOPICS, &by_name, folder.path())
}

#[test]
fn the_client_is_told_that_a_token_is_missing_or_wrong_or_may_not_do_this() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("registry");
    let viewer = token(&data, "viewer")?;
    let server = guarded(&data, folder.path())?;
    let told = |settings: &[(&str, &str)]| -> Result<String> {
        let mut log = python::script("both_ways/log.py")?;
        log.args(["plain", MODEL]).env("MLFLOW_TRACKING_URI", server.url()).envs(settings.iter().copied());
        match python::ask_with(&mut log, &json!([vec![[0.1; 3]; 5]])) {
            Ok(answer) => bail!("the client was let in: {answer}"),
            Err(refusal) => Ok(format!("{refusal:#}")),
        }
    };
    must_say(&told(&[])?, &["UNAUTHENTICATED", "MLFLOW_TRACKING_TOKEN"])?;
    must_say(&told(&[("MLFLOW_TRACKING_TOKEN", "ovh_1_made-up")])?, &["UNAUTHENTICATED"])?;
    let wrong = [("MLFLOW_TRACKING_USERNAME", "ann"), ("MLFLOW_TRACKING_PASSWORD", "secret")];
    must_say(&told(&wrong)?, &["UNAUTHENTICATED"])?;
    must_say(&told(&[("MLFLOW_TRACKING_TOKEN", &viewer)])?, &["PERMISSION_DENIED", "viewer", "publisher"])
}
