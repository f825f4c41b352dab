//! What the tests of the program share.

use std::process::Command;

/// The program with none of the caller's settings; checkpoints do not go to the caller's home.
pub(crate) fn trainer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-trainer"));
    for setting in [
        "OVERHAUL_REGISTRY",
        "OVERHAUL_TOKEN",
        "OVERHAUL_CA_CERT",
        "OVERHAUL_COMPONENT",
        "MLFLOW_TRACKING_URI",
        "MLFLOW_TRACKING_TOKEN",
    ] {
        command.env_remove(setting);
    }
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}
