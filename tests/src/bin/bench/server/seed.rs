//! The same versions in both servers: by HTTP here; in the real server, which makes 16 a second, by its database.

use std::process::Command;

use anyhow::{Context as _, Result};
use overhaul_tests::programs;
use serde_json::{Value, json};

use super::operation::{ALIAS, Bench, MODEL, NEW, post};
use super::peer::Peer;
use crate::load::Connection;

const SCRIPT: &str = include_str!("seed_mlflow.py");
/// Connections that make versions at once.
const MAKERS: u32 = 32;

/// Makes a run, two models and the versions of one of them.
pub(super) async fn seed(peer: &mut Peer, versions: u32) -> Result<Bench> {
    let address = peer.address().to_owned();
    let mut connection = Connection::open(&address).await?;
    let mut make = async |path: &str, body: Value| -> Result<Value> {
        Ok(serde_json::from_slice(&connection.ask(post(&address, path, &body)?).await?)?)
    };
    let run = make("runs/create", json!({"experiment_id": "0", "start_time": 0})).await?;
    let text = |name: &str| Some(run["run"]["info"][name].as_str()?.to_owned());
    let bench = Bench {
        versions,
        run: text("run_id").context("the run has no id")?,
        artifacts: text("artifact_uri").context("the run has no artifact_uri")?,
    };
    for name in [MODEL, NEW] {
        make("registered-models/create", json!({"name": name})).await?;
    }
    let version = json!({"name": MODEL, "source": format!("{}/model", bench.artifacts), "run_id": bench.run});
    make("model-versions/create", version.clone()).await?;
    if let Some((python, database)) = &peer.mlflow {
        let mut script = Command::new(python);
        programs::run(script.args(["-c", SCRIPT]).arg(database).args([MODEL, &versions.to_string()]))?;
    } else {
        let share = |maker: u32| (versions - 1) / MAKERS + u32::from(maker < (versions - 1) % MAKERS);
        let makers = (0..MAKERS).map(async |maker| -> Result<()> {
            let mut connection = Connection::open(&address).await?;
            for _ in 0..share(maker) {
                connection.ask(post(&address, "model-versions/create", &version)?).await?;
            }
            Ok(())
        });
        futures::future::try_join_all(makers).await?;
    }
    let alias = json!({"name": MODEL, "alias": ALIAS, "version": (versions / 2).to_string()});
    make("registered-models/alias", alias).await?;
    Ok(bench)
}
