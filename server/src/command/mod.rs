//! What `overhaul-server` can be told to do, one file for each command.

use clap::Subcommand;

mod make_bundle;
mod serve;
mod token;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve a data directory over HTTP until SIGTERM or SIGINT
    Serve(serve::Arguments),
    #[command(hide = true)]
    MakeBundle(make_bundle::Arguments),
    /// Make, list and revoke access tokens, while the registry runs or not
    Token(token::Arguments),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(arguments) => arguments.run(),
            Self::MakeBundle(arguments) => arguments.run(),
            Self::Token(arguments) => arguments.run(),
        }
    }
}
