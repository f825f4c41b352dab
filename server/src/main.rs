//! `overhaul-server`: reads the command line and runs the registry.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use overhaul_server::{Clock, Options, Server};
use tracing_subscriber::EnvFilter;

/// The registry of remaining-useful-life models.
#[derive(Parser)]
#[command(name = "overhaul-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a data directory over HTTP until it gets SIGTERM or SIGINT.
    Serve {
        /// Where everything is kept; created when missing, held by one server at a time.
        #[arg(long)]
        data_dir: PathBuf,
        /// Address and port to listen on; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:5000")]
        listen: String,
        /// The most bytes that one uploaded file may have.
        #[arg(long, default_value_t = overhaul_server::blobs::DEFAULT_MAX_BYTES)]
        max_blob_bytes: u64,
    },
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Command::Serve { data_dir, listen, max_blob_bytes } = Arguments::parse().command;
    let options = Options { data_dir, listen, max_blob_bytes, clock: Clock::system() };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}

fn run(options: Options) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let stop = overhaul_server::serve::stop_signal()?;
        let server = Server::open(options).await?;
        // Whoever started this process reads the port from this line.
        println!("listening on http://{}", server.address());
        server.run(stop).await
    })
}
