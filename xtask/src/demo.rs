//! `demo`: the main job, from training to a swap under load, with real processes on this machine.

pub(crate) mod data;
mod gateway;
mod http;
mod stream;
mod swap;
mod versions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use self::data::{SUBSET, Unit};
use self::gateway::Gateway;
use self::http::Connection;
use self::swap::{Probe, Swap};
use self::versions::Version;
use crate::command;
use crate::layout::Layout;
use crate::processes::{self, Server, run as run_process};
use crate::progress::{seconds, step};
use crate::setup;

/// The registered model.
const MODEL: &str = "RUL-Prediction-Model";
/// The gateway's data directory.
const GATEWAY: &str = "gateway";
/// Units whose predictions are held against what each version must say.
const PROBES: usize = 8;
/// Units of the simulator's fleet, each in training and test, when there is no data.
const SIMULATED_UNITS: &str = "100";

/// Runs the demo. Everything it makes lies in a folder of its own, which is kept only with `stay`.
pub(crate) fn run(layout: &Layout, named: Option<PathBuf>, stay: bool, epochs: Option<u32>) -> Result<()> {
    let found = data::find(layout, named)?;
    setup::prepare(layout, false)?;
    step("the programs, compiled", || command::run(layout.cargo().args(["build", "--workspace", "--bins"])))?;
    processes::stop_all_on_signal()?;
    let folder = processes::folder("overhaul-demo-")?;
    let demo = Demo { layout, folder: folder.path(), epochs, start: Instant::now() };
    let servers = demo.play(found)?;
    if stay {
        println!(
            "\nStill running, until Ctrl-C; everything they wrote is in {}:",
            processes::keep(folder).display()
        );
        for server in &servers {
            println!("    {}  (log: {})", server.url, server.log.display());
        }
        processes::wait_for_signal();
    }
    demo.say(7, "ends cleanly");
    for server in servers.into_iter().rev() {
        server.stop()?;
    }
    println!(
        "    gateway and registry ended with exit code 0; the demo took {}",
        seconds(demo.start.elapsed())
    );
    folder.close().context("cannot remove the demo's folder")
}

struct Demo<'a> {
    layout: &'a Layout,
    folder: &'a Path,
    epochs: Option<u32>,
    start: Instant,
}

impl Demo<'_> {
    /// Steps 1 to 6. The servers go on running until the answer is dropped.
    fn play(&self, found: Option<PathBuf>) -> Result<Vec<Server>> {
        let data = match found {
            Some(data) => data,
            None => self.simulate()?,
        };
        println!("data: {}", data.display());
        let units = data::test_units(&data)?;

        self.say(1, "a registry starts, with an empty database");
        let mut serve = self.program("overhaul-server", "");
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(self.folder.join("registry"));
        let server = Server::start("overhaul-server", &mut serve, &self.folder.join("registry.log"))?;
        println!("    {}", server.url);
        let registry = Connection::new(&server.url);

        self.say(2, "a GRU is trained and published as version 1");
        self.train(&server, "gru", &data)?;
        self.say(3, "an LSTM is trained and published as version 2; the better one goes into production");
        self.train(&server, "lstm", &data)?;
        self.overhaul(&server, &["list"])?;
        self.overhaul(&server, &["compare", MODEL, "1", "2"])?;
        let (better, other) = choose(Version::of(&registry, 1)?, Version::of(&registry, 2)?);
        println!(
            "    version {} ({}) has the lower error on the validation units: {:.2} against {:.2} cycles (the test units choose nothing)",
            better.number, better.model_type, better.validation_rmse, other.validation_rmse
        );
        self.promote(&server, better.number, "lower validation RMSE")?;

        self.say(
            4,
            "a gateway starts, pulls the production version, verifies it, compiles the component, predicts",
        );
        let started = Instant::now();
        let mut edge = self.program("overhaul-edge", &server.url);
        edge.args(["run", "--model", MODEL, "--listen", "127.0.0.1:0", "--poll", "1s", "--data-dir"]);
        edge.arg(self.folder.join(GATEWAY));
        let agent = Server::start("overhaul-edge", &mut edge, &self.folder.join("gateway.log"))?;
        let gateway = Gateway::new(&agent.url);
        let first = gateway.first_prediction(&gateway::request(&units[0]))?;
        println!("    {}", agent.url);
        println!(
            "    first prediction after {}: unit {} has {:.1} cycles left, says version {} ({})",
            seconds(started.elapsed()),
            units[0].id,
            first.predicted_rul,
            first.version,
            first.model_type
        );

        self.say(5, "the test units' readings stream to the gateway");
        stream::run(&gateway, &units, better.rul_cap)?;

        self.say(6, "the other version is promoted while requests flow");
        let probes = self.probes(&registry, &units)?;
        let swap = swap::run(&agent.url, &probes, &other.number.to_string(), || {
            self.promote(&server, other.number, "to show a swap under load")
        })?;
        report(&swap)?;
        self.overhaul(&server, &["history", MODEL])?;
        Ok(vec![server, agent])
    }

    fn say(&self, number: u32, what: &str) {
        println!("\n[{number}/7] {what}  ({} since the start)", seconds(self.start.elapsed()));
    }

    fn program(&self, name: &str, registry: &str) -> Command {
        let mut command = self.layout.program(self.layout.debug().join(name));
        if !registry.is_empty() {
            command.env("OVERHAUL_REGISTRY", registry);
        }
        command
    }

    fn simulate(&self) -> Result<PathBuf> {
        let data = self.folder.join("data");
        println!("no C-MAPSS data: neither --data nor ../shared/cmapss; the simulator makes some");
        let mut simulate = self.program("overhaul-trainer", "");
        simulate.args(["simulate", "--units", SIMULATED_UNITS, "--seed", "1", "--out"]);
        run_process(simulate.arg(&data))?;
        Ok(data)
    }

    fn train(&self, server: &Server, model: &str, data: &Path) -> Result<()> {
        let mut train = self.program("overhaul-trainer", &server.url);
        train
            .args(["train", "--model", model, "--subset", SUBSET, "--name", MODEL, "--seed", "1", "--data"])
            .arg(data);
        train.arg("--out").arg(self.folder.join(format!("trained-{model}")));
        if let Some(epochs) = self.epochs {
            train.args(["--epochs", &epochs.to_string()]);
        }
        run_process(&mut train)
    }

    fn overhaul(&self, server: &Server, arguments: &[&str]) -> Result<()> {
        let words: Vec<String> = arguments
            .iter()
            .map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() })
            .collect();
        println!("$ overhaul models {}", words.join(" "));
        run_process(self.program("overhaul", &server.url).arg("models").args(arguments))
    }

    fn promote(&self, server: &Server, version: u64, reason: &str) -> Result<()> {
        self.overhaul(server, &["promote", MODEL, &version.to_string(), "--reason", reason])
    }

    /// Requests with what both versions must answer to each, computed outside of gateway and registry.
    fn probes(&self, registry: &Connection, units: &[Unit]) -> Result<Vec<Probe>> {
        let units = &units[..units.len().min(PROBES)];
        let mut probes: Vec<Probe> = units
            .iter()
            .map(|unit| Probe { body: gateway::request(unit), expected: BTreeMap::new() })
            .collect();
        for number in [1, 2] {
            let bundle = versions::download(registry, number, self.folder)?;
            let expected = versions::expected(self.layout, &bundle, units, self.folder)?;
            for (probe, expected) in probes.iter_mut().zip(expected) {
                probe.expected.insert(number.to_string(), expected);
            }
        }
        Ok(probes)
    }
}

/// The version with the lower error on the validation units first.
fn choose(one: Version, two: Version) -> (Version, Version) {
    if two.validation_rmse < one.validation_rmse { (two, one) } else { (one, two) }
}

/// Says how the swap went; a failure or a mix is an error.
fn report(swap: &Swap) -> Result<()> {
    for (version, answers) in &swap.seen.answers {
        println!("    {answers} answers of version {version}");
    }
    println!(
        "    {} requests failed, {} answers mixed two versions",
        swap.seen.failures.len(),
        swap.seen.mixes.len()
    );
    println!(
        "    the new version answered {} after the promotion (the gateway asks once a second); the old one's last answer came {:.1} ms after that",
        seconds(swap.first_new),
        swap.overlap.as_secs_f64() * 1e3
    );
    if let Some(first) = swap.seen.failures.first().or(swap.seen.mixes.first()) {
        bail!("the swap was not clean: {first}");
    }
    Ok(())
}
