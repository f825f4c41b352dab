//! The program `overhaul-trainer`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use overhaul_trainer::command::run;

fn main() -> ExitCode {
    let done =
        overhaul_trainer::cli::parse(std::env::args_os()).and_then(|cli| cli.map_or(Ok(()), |cli| run(&cli)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}
