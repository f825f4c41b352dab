//! What each command does, from its arguments to its last line.

mod assess;
mod metadata;
mod train;

use crate::cli::{Cli, Command, SimulateArguments};
use crate::simulate;

/// Does what the command line says.
pub fn run(cli: &Cli) -> anyhow::Result<()> {
    match &cli.command {
        Command::Train(arguments) => train::train_command(arguments),
        Command::Simulate(arguments) => simulate_command(arguments),
    }
}

fn simulate_command(arguments: &SimulateArguments) -> anyhow::Result<()> {
    let paths = simulate::write(&arguments.out, &arguments.subset, arguments.units, arguments.seed)?;
    for path in paths {
        println!("{}", path.display());
    }
    Ok(())
}
