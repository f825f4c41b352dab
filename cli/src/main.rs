//! `overhaul`: the fleet manager's command line.
//!
//! | module | holds |
//! | --- | --- |
//! | `arguments` | what can be asked for |
//! | `list`, `show`, `compare`, `promote`, `history` | one command each |
//! | `gateways` | `gateways list` and `gateways show` |
//! | `events` | an event on a gateway as one line |
//! | `output` | tables, times and JSON |
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;
use overhaul_client::{ClientError, Registry};

mod arguments;
mod compare;
mod events;
mod gateways;
mod history;
mod list;
mod output;
mod promote;
mod show;

use arguments::{Arguments, Command, Gateways, Models};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(text) => output::print(&text),
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}

/// Does what is asked for and answers the text for standard output.
fn run(arguments: Arguments) -> anyhow::Result<String> {
    let registry = Registry::with_env(&arguments.registry).map_err(told)?;
    let json = arguments.json;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let command = match arguments.command {
            Command::Models { command } => command,
            Command::Gateways { command } => {
                return match command.unwrap_or(Gateways::List) {
                    Gateways::List => gateways::list(&registry, json).await,
                    Gateways::Show { id, kind, reports } => {
                        gateways::show(&registry, &id, kind.as_deref(), reports, json).await
                    }
                };
            }
        };
        match command {
            Models::List { name } => list::run(&registry, name, json).await,
            Models::Show { name, version } => show::run(&registry, &name, version, json).await,
            Models::Compare { name, first, second } => {
                compare::run(&registry, &name, first, second, json).await
            }
            Models::Promote(promotion) => promote::run(&registry, promotion, json).await,
            Models::History { name } => history::run(&registry, &name, json).await,
        }
    })
}

/// An error of the registry as `main` reports it: what the user can mend as one line, exit code 2.
fn told(error: ClientError) -> anyhow::Error {
    error.mistake().map_or_else(|| error.into(), anyhow::Error::from)
}
