//! Tests of starting, stopping and giving up.

use super::*;

fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    shell
}

#[test]
fn a_server_that_ends_before_it_listens_is_reported_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = shell("echo 'the port is taken' >&2; exit 2");
    let error =
        Server::start("the server", &mut command, &folder.path().join("log")).unwrap_err().to_string();
    assert!(
        error.contains("the server ended with exit status: 2") && error.contains("the port is taken"),
        "{error}"
    );
}

#[test]
fn a_server_is_asked_to_end_and_its_exit_code_counts() {
    let folder = tempfile::tempdir().unwrap();
    let start = |on_end: &str| {
        let script = format!(
            "trap '{on_end}' TERM; echo listening on http://127.0.0.1:1; while :; do sleep 0.05; done"
        );
        Server::start("the server", &mut shell(&script), &folder.path().join("log")).unwrap()
    };
    let server = start("exit 0");
    assert_eq!(server.url, "http://127.0.0.1:1");
    server.stop().unwrap();
    assert!(start("exit 3").stop().unwrap_err().to_string().contains("exit status: 3"));
}

#[test]
fn a_dropped_server_is_gone_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = shell("echo listening on http://127.0.0.1:1; exec sleep 60");
    let server = Server::start("the server", &mut command, &folder.path().join("log")).unwrap();
    let id = server.running.0.id();
    drop(server);
    assert!(kill(Pid::from_raw(i32::try_from(id).unwrap()), None).is_err());
    assert!(!owned().children.contains(&id));
}
