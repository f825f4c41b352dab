//! What the registry does a second, against the real MLflow server on the same machine.
//!
//! | module | holds |
//! | --- | --- |
//! | [`peer`] | the two servers, started and measured the same way |
//! | [`seed`] | a thousand and a hundred thousand versions in each |
//! | [`operation`] | the requests |
//! | [`gateways`] | 20,000 gateways that ask what to run, beside publishing and promotion |
//! | [`table`] | the tables |

mod gateways;
mod operation;
mod peer;
mod seed;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use hyper::body::Bytes;

use crate::load::{self, Load};
use crate::machine;
use operation::Operation;
use peer::Peer;
use table::Measured;

/// Connections at once.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Versions of the model that is asked for.
const VERSIONS: [u32; 2] = [1_000, 100_000];

/// What is needed to measure a registry.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The Python whose mlflow is measured; without it, there is no comparison.
    #[arg(long, env = "OVERHAUL_MLFLOW_PYTHON", value_name = "FILE")]
    python: Option<PathBuf>,
    /// Seconds that each operation is measured for.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The gateways alone.
    #[arg(long)]
    only_gateways: bool,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{}\n", machine::line()?);
    if !arguments.only_gateways {
        let ours = measure(&runtime, Peer::overhaul, arguments)?;
        let real = arguments.python.as_deref();
        let real = real.map(|python| measure(&runtime, |folder| Peer::mlflow(python, folder), arguments));
        table::print(&ours, real.transpose()?.as_ref());
    }
    runtime.block_on(gateways::run())
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    start: impl Fn(&std::path::Path) -> Result<Peer>,
    arguments: &Arguments,
) -> Result<Measured> {
    let mut measured = Measured::default();
    for versions in VERSIONS {
        let folder = tempfile::tempdir()?;
        let mut peer = start(folder.path())?;
        measured.name.clone_from(&peer.name);
        measured.ready.push(peer.ready);
        eprintln!("{}: {versions} versions", peer.name);
        let bench = runtime.block_on(seed::seed(&mut peer, versions))?;
        for operation in Operation::ALL {
            for connections in CONNECTIONS {
                let time = Duration::from_secs(arguments.seconds);
                let told = |error: &anyhow::Error| eprintln!("{}: the first error: {error:#}", peer.name);
                let load = Load { address: peer.address(), connections, time };
                let request =
                    |n: u64, before: Option<&Bytes>| operation.request(&bench, peer.address(), n, before);
                let figures = runtime.block_on(load::run(load, &request, &told))?;
                eprintln!("{}: {} over {connections}: {figures}", peer.name, operation.name());
                measured.figures.push((operation, versions, connections, figures));
            }
        }
        measured.memory = measured.memory.max(peer.memory()?);
    }
    Ok(measured)
}
