//! The program `overhaul-trainer`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use overhaul_trainer::command::run;
use overhaul_trainer::train::interrupt::Stopped;

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let done =
        overhaul_trainer::cli::parse(std::env::args_os()).and_then(|cli| cli.map_or(Ok(()), |cli| run(&cli)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Stopped>() => {
            eprintln!("{error}");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}
