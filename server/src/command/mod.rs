//! What `overhaul-server` can be told to do, one file for each command.

use std::future::Future;
use std::path::PathBuf;

use clap::Subcommand;
use overhaul_bundle::Mistake;
use overhaul_server::blobs::BlobPlace;
use overhaul_server::operations::Registry;

mod backup;
mod export;
mod gc;
mod import;
mod make_bundle;
mod restore;
mod serve;
mod token;
mod verify;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve a data directory over HTTP until SIGTERM or SIGINT
    Serve(serve::Arguments),
    /// Re-hash every blob and check every row; a server may run meanwhile
    Verify(verify::Arguments),
    /// Delete blobs that nothing needs any more; a server may run meanwhile
    Gc(gc::Arguments),
    /// Write the database and its blobs, of one moment, as one file; a server may run meanwhile
    Backup(backup::Arguments),
    /// Make a data directory of a backup
    Restore(restore::Arguments),
    /// Take in the folders v1, v2, … of a file registry; no server may run
    Import(import::Arguments),
    /// Write all versions of a model as folders v1, v2, …; no server may run
    Export(export::Arguments),
    #[command(hide = true)]
    MakeBundle(make_bundle::Arguments),
    /// Make, list and revoke access tokens, while the registry runs or not
    Token(token::Arguments),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(arguments) => arguments.run(),
            Self::Verify(arguments) => arguments.run(),
            Self::Gc(arguments) => arguments.run(),
            Self::Backup(arguments) => arguments.run(),
            Self::Restore(arguments) => arguments.run(),
            Self::Import(arguments) => arguments.run(),
            Self::Export(arguments) => arguments.run(),
            Self::MakeBundle(arguments) => arguments.run(),
            Self::Token(arguments) => arguments.run(),
        }
    }
}

/// The registry that a command tends.
#[derive(clap::Args)]
struct Tended {
    /// The server's data directory
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    #[arg(long, value_name = "PLACE", help = BLOBS)]
    blobs: Option<BlobPlace>,
}

/// Of `--blobs`.
const BLOBS: &str =
    "Where the server keeps files, as its own --blobs says [default: blobs in the data directory]";

/// The registered model, unless another is named.
const MODEL: &str = "RUL-Prediction-Model";

/// A mistake when some versions were refused.
fn all_or_mistake(refused: usize, all: usize, done: &str) -> anyhow::Result<()> {
    if refused == 0 {
        return Ok(());
    }
    Err(Mistake::new(format!("{refused} of {all} versions were not {done}; the lines above say why")).into())
}

impl Tended {
    fn registry(&self) -> anyhow::Result<Registry> {
        Registry::existing(&self.data_dir, self.blobs.clone())
    }
}

/// Runs a command to its end, or until SIGTERM or SIGINT; then it cleans up after itself.
fn until_stopped<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut work = Box::pin(work);
    let done = runtime.block_on(async {
        let stop = overhaul_server::serve::stop_signal()?;
        tokio::select! {
            done = &mut work => done,
            () = stop => anyhow::bail!("stopped by a signal"),
        }
    });
    // First what is being written comes to its end, then the command removes it.
    drop(runtime);
    drop(work);
    done
}
