//! Data directories that cannot be used as they should: read-only, full, of a newer release.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;

use crate::support::agent::{self, Agent, following};
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir};

/// Somebody without rights.
const NOBODY: u32 = 65_534;

#[test]
fn a_directory_of_a_newer_release_is_not_touched() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("version"), "2\n").unwrap();
    let place = data.path().to_str().unwrap();
    let line = agent::mistake(&[
        "run",
        "--registry",
        "http://127.0.0.1:1",
        "--data-dir",
        place,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(line.contains(place) && line.contains("newer release (layout 2); this one knows 1"), "{line}");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn a_directory_that_cannot_be_written_is_told_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let place = data.path().to_str().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = agent::command(&[
        "run",
        "--registry",
        "http://127.0.0.1:1",
        "--data-dir",
        place,
        "--listen",
        "127.0.0.1:0",
    ]);
    if rustix::process::getuid().is_root() {
        // Root may write anywhere, and others may not look into a checkout of root's.
        let program = data.path().with_extension("program");
        fs::copy(command.get_program(), &program).unwrap();
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = std::process::Command::new(&program);
        command.args(arguments).env_clear().uid(NOBODY).gid(NOBODY).current_dir("/");
        let output = command.output().unwrap();
        fs::remove_file(program).unwrap();
        told(&output, place);
    } else {
        told(&command.output().unwrap(), place);
    }
}

fn told(output: &std::process::Output, place: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
    assert!(
        text.contains(place) && text.contains("let this user write there") && text.contains("--data-dir"),
        "{text}"
    );
}

#[test]
fn on_a_full_disk_the_agent_starts_and_predicts_with_what_it_has() {
    let (home, data, mut registry) = (tempfile::tempdir().unwrap(), data_dir(), Registry::start());
    registry.promote(&bundle::write(&bundle::gru(1), home.path(), "v1"));
    let url = registry.url();
    let arguments = following(&url, data.path());
    let first = Agent::start(&arguments);
    first.wait_for_version(1);
    first.kill();
    // As a release before this one left it.
    fs::remove_file(data.path().join("version")).unwrap();
    registry.promote(&bundle::write(&bundle::lstm(2), home.path(), "v2"));
    let full = Agent::start_on_a_full_disk(&arguments);
    full.wait_for_version(1);
    full.wait_for("a refusal", |health| health["refused"].is_object());
    assert_eq!(full.predict(&bundle::readings(&bundle::gru(1), 7)).0, 200);
    assert!(full.log().contains("cannot be marked"), "{}", full.log());
    assert_eq!(full.terminate(), Some(0));
    registry.go_away();
    let again = Agent::start(&arguments);
    again.wait_for_version(1);
    assert_eq!(fs::read_to_string(data.path().join("version")).unwrap(), "1\n");
}

#[test]
fn a_first_start_on_a_full_disk_is_told_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let program = agent::command::<&str>(&[]);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(program.get_program());
    command.args(["run", "--registry", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", "--data-dir"]);
    let output = command.arg(data.path()).env("OVERHAUL_EDGE_CONFIG", "/dev/null").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
    assert!(text.contains("make room for the agent's files"), "{text}");
}
