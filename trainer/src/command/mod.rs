//! What each command does, from its arguments to its last line.

mod assess;
mod compare;
mod evaluate;
mod export;
mod fetch;
mod load;
mod metadata;
mod predict;
mod publish;
mod register;
mod train;

use crate::cli::{Cli, Command, DataCommand, SimulateArguments};
use crate::{launch, simulate};

/// Does what the command line says.
pub fn run(cli: &Cli) -> anyhow::Result<()> {
    match &cli.command {
        Command::Train(arguments) => {
            launch::for_training();
            train::train_command(arguments)
        }
        Command::Evaluate(arguments) => evaluate::evaluate_command(arguments),
        Command::Compare(arguments) => compare::compare_command(arguments),
        Command::Register(arguments) => register::register_command(arguments),
        Command::Load(arguments) => load::load_command(arguments),
        Command::Predict(arguments) => predict::predict_command(arguments),
        Command::Publish(arguments) => publish::publish_command(arguments),
        Command::Export(arguments) => export::export_command(arguments),
        Command::Data(DataCommand::Fetch(arguments)) => fetch::fetch_command(arguments),
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
