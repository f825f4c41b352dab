//! What `overhaul-server` can be told to do, one file for each command.

use clap::Subcommand;

mod serve;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve a data directory over HTTP until SIGTERM or SIGINT
    Serve(serve::Arguments),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(arguments) => arguments.run(),
        }
    }
}
