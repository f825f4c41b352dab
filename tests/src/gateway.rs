//! A gateway, asked over HTTP.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::Server;
use crate::versions::Known;
use crate::{MODEL, programs, wait};

/// Answers of one network on one component do not differ; the text of a number may round them.
const TOLERANCE: f64 = 2e-3;

/// A running gateway.
pub struct Gateway {
    /// The process.
    pub server: Server,
    client: Client,
}

/// Keeps a connection to a gateway open.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
}

impl Gateway {
    /// The command of a gateway that follows [`MODEL`]'s `production` at a registry, and asks five times a second.
    pub fn command(registry: &str, data: &Path) -> Result<Command> {
        let mut run = programs::program("overhaul-edge")?;
        run.args(["run", "--registry", registry, "--model", MODEL]);
        run.args(["--listen", "127.0.0.1:0", "--poll", "200ms", "--data-dir"]).arg(data);
        Ok(run)
    }

    /// Starts such a gateway, with its data and its log in a folder.
    pub fn start(registry: &str, folder: &Path) -> Result<Self> {
        let mut run = Self::command(registry, &folder.join("gateway"))?;
        Ok(Self::of(Server::start(&mut run, &folder.join("gateway.log"))?))
    }

    /// A gateway that was started some other way.
    pub fn of(server: Server) -> Self {
        let client = Client::new(server.url());
        Self { server, client }
    }

    /// A client of it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What it says of itself.
    pub fn health(&self) -> Result<Value> {
        let (status, health) = self.client.get("/health")?;
        if status != 200 {
            bail!("/health answers {status}: {health}");
        }
        Ok(health)
    }

    /// Waits until it predicts with a version.
    pub fn wait_for(&self, version: u32) -> Result<()> {
        let what = format!("version {version} on the gateway");
        let outcome = wait::until(&what, || {
            let health = self.health()?;
            if health["model"]["version"] != version {
                bail!("the gateway says {health}");
            }
            Ok(())
        });
        outcome.with_context(|| format!("its log:\n{}", self.server.log()))
    }

    /// Waits until it has refused a version, and answers why.
    pub fn wait_for_refusal(&self, version: u32) -> Result<String> {
        wait::until(&format!("the refusal of version {version}"), || {
            let health = self.health()?;
            if health["refused"]["version"] != version {
                bail!("the gateway says {health}");
            }
            Ok(health["refused"]["reason"].as_str().unwrap_or_default().to_owned())
        })
    }

    /// Predicts what is known, and refuses any other answer, or one of another version.
    pub fn must_know(&self, known: &[Known], version: u32) -> Result<()> {
        for known in known {
            let (said, rul) = self.client.predict(&known.body)?;
            if said != version || (rul - known.expected).abs() > TOLERANCE {
                bail!("version {said} answered {rul}, not version {version} {}", known.expected);
            }
        }
        Ok(())
    }
}

impl Client {
    /// A client of a gateway at a URL.
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build();
        Self { agent: config.new_agent(), url: url.to_owned() }
    }

    /// Status and JSON of a `GET`.
    pub fn get(&self, path: &str) -> Result<(u16, Value)> {
        let mut answer = self.agent.get(format!("{}{path}", self.url)).call()?;
        Ok((answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string()?)?))
    }

    /// Status and JSON of a request to predict.
    pub fn post(&self, body: &str) -> Result<(u16, Value)> {
        let request = self.agent.post(format!("{}/predict/simple", self.url));
        let mut answer = request.header("content-type", "application/json").send(body)?;
        Ok((answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string()?)?))
    }

    /// A prediction: the version that made it, and the RUL in cycles.
    pub fn predict(&self, body: &str) -> Result<(u32, f64)> {
        let (status, answer) = self.post(body)?;
        let version = answer["model_version"].as_u64().and_then(|version| u32::try_from(version).ok());
        match (status, version, answer["predicted_rul"].as_f64()) {
            (200, Some(version), Some(rul)) => Ok((version, rul)),
            _ => bail!("the gateway answers {status}: {answer}"),
        }
    }
}
