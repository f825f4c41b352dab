//! `overhaul-edge status`: how the agent of this machine is, by its own word.

mod health;

use std::io::{Write as _, stdout};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::Mistake;
use overhaul_edge::config::{self, Flags};
use reqwest::{Client, Url};
use serde_json::Value;

use health::Report;

/// How long an agent may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The exit code for an agent that has no version to predict with, or refuses the one that it is to run.
const NOT_AS_WANTED: u8 = 3;

#[derive(Args)]
pub(crate) struct Status {
    /// Where the agent answers, instead of where the settings say.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The agent's file of settings [default: /etc/overhaul-edge/config.toml, if it is there].
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    config: Option<PathBuf>,
    /// Print what the agent answers as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn status(arguments: Status) -> anyhow::Result<ExitCode> {
    let base = match arguments.url {
        Some(url) => url,
        None => own(arguments.config)?,
    };
    let url = Url::parse(&base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| {
        Mistake::new(format!("--url {base:?} is no URL of an agent; use one such as http://127.0.0.1:8000"))
    })?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot ask anybody")?;
    let report = runtime.block_on(ask(&url)).map_err(|problem| {
        anyhow::anyhow!(
            "no agent answers at {url}: {problem}; see `systemctl status overhaul-edge`, or name its address with --url"
        )
    })?;
    let text = if arguments.json { report.json()? } else { report.text() };
    writeln!(stdout(), "{}", text.trim_end()).context("cannot print the status")?;
    Ok(if report.is_as_wanted() { ExitCode::SUCCESS } else { ExitCode::from(NOT_AS_WANTED) })
}

/// Where the agent of these settings answers.
fn own(config: Option<PathBuf>) -> anyhow::Result<String> {
    let flags = Flags::of_environment(config);
    let config::Address { listen, is_tls } = config::address(&flags).map_err(Mistake::from)?;
    if listen.port() == 0 {
        return Err(Mistake::new(format!(
            "the agent listens at {listen}, any free port; name its address with --url"
        ))
        .into());
    }
    let host = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    Ok(format!("{}://{}", if is_tls { "https" } else { "http" }, SocketAddr::new(host, listen.port())))
}

async fn ask(url: &Url) -> Result<Report, String> {
    let client = client(url).map_err(|e| chain(&e))?;
    let get = async |path: &str| -> Result<Value, String> {
        let url = url.join(path).map_err(|e| e.to_string())?;
        let answer = client.get(url).send().await.map_err(|e| chain(&e))?;
        let status = answer.status();
        let body = answer.text().await.map_err(|e| chain(&e))?;
        if !status.is_success() {
            return Err(format!("{path} is answered with {status}"));
        }
        serde_json::from_str(&body).map_err(|_| format!("{path} is not answered as an agent does"))
    };
    Ok(Report {
        url: url.to_string(),
        health: get("health").await?,
        refused: get("refused").await?["refused"].take(),
    })
}

fn client(url: &Url) -> reqwest::Result<Client> {
    // Another library of the same program may have installed a provider already: either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(PATIENCE).no_proxy();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    // The certificate is for the names that others know this machine by. Nothing secret is sent, and nobody stands
    // between this machine and itself.
    if is_here { builder.tls_certs_only([]).tls_danger_accept_invalid_certs(true) } else { builder }.build()
}

fn chain(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}
