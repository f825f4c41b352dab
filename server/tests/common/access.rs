//! Tokens for tests, and requests that carry them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::path::Path;
use std::process::{Command, Output};

use overhaul_client::api::Role;

use super::Running;

/// `overhaul-server token` on a data directory.
pub(crate) fn token_command(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-server"));
    command.env("USER", "ann").env("RUST_LOG", "off");
    command.arg("token").args(arguments).arg("--data-dir").arg(data).output().unwrap()
}

/// Makes a token as an operator does.
pub(crate) fn create_token(data: &Path, name: &str, role: Role, more: &[&str]) -> String {
    let role = role.as_str();
    let mut arguments = vec!["create", "--name", name, "--role", role];
    if role == "gateway" {
        arguments.extend(["--gateway", "gw-1"]);
    }
    arguments.extend(more);
    let output = token_command(data, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A registry that asks for tokens.
pub(crate) async fn guarded(data: &Path) -> Running {
    Running::with(data, |options| options.require_token = true).await
}
