//! Settings: which layer counts, what is wrong is told at once, and the pages that list them list all of them.

use std::fs;
use std::path::Path;

use overhaul_edge::config::keys::{KEYS, Kind, SECTIONS};

use crate::support::agent::{self, Agent};
use crate::support::{bundle, data_dir};

fn file(home: &Path, text: &str) -> String {
    let path = home.join("config.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What `check-config` prints, and its exit code.
fn checked(arguments: &[&str], variables: &[(&str, &str)]) -> (String, String, Option<i32>) {
    let mut command = agent::command(&[&["check-config"], arguments].concat());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn a_flag_counts_before_a_variable_that_before_the_file_that_before_the_default() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let config = file(
        home.path(),
        &format!(
            "registry = \"http://file\"\ndata-dir = {data:?}\npoll = \"1m\"\nmodel = \"file\"\n[log]\nlevel = \"warn\"\n"
        ),
    );
    let variables = [
        ("OVERHAUL_EDGE_CONFIG", config.as_str()),
        ("OVERHAUL_EDGE_POLL", "2m"),
        ("OVERHAUL_EDGE_MODEL", "variable"),
        ("OVERHAUL_EDGE_ALIAS", ""),
    ];
    let (shown, told, code) = checked(&["--poll", "3m"], &variables);
    assert_eq!((told.as_str(), code), ("", Some(0)));
    for line in [
        "registry = \"http://file\"  # file, line 1",
        "poll = \"3m\"  # flag --poll",
        "model = \"variable\"  # environment OVERHAUL_EDGE_MODEL",
        "alias = \"production\"  # default",
        "level = \"warn\"  # file, line 6",
        "# bundle is not set",
        "predictions = 1000  # default",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!data.exists(), "a check changes nothing");
    // What is shown is a file that says the same.
    let again = file(home.path(), &shown);
    let (second, told, code) = checked(&["--config", &again], &[]);
    assert_eq!((told.as_str(), code), ("", Some(0)));
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  #").next().unwrap().to_owned()).collect()
    };
    assert_eq!(values(&second)[1..], values(&shown)[1..]);
}

#[test]
fn a_check_tells_all_that_cannot_be_used_in_one_line_each() {
    let home = tempfile::tempdir().unwrap();
    let (in_the_way, data) = (home.path().join("in-the-way"), home.path().join("data"));
    fs::write(&in_the_way, "x").unwrap();
    fs::create_dir(&data).unwrap();
    fs::write(data.join("version"), "2\n").unwrap();
    let config = file(
        home.path(),
        "registry = \"http://127.0.0.1:1\"\nlisten = \"192.0.2.1:8000\"\ncomponent = \"/nowhere.wasm\"\n\
         token-file = \"/nowhere.token\"\n[tls]\ncertificate = \"/nowhere.pem\"\nkey = \"/nowhere.key\"\n",
    );
    let with = |data: &Path| {
        let (_, told, code) = checked(&["--config", &config, "--data-dir", data.to_str().unwrap()], &[]);
        assert_eq!(code, Some(2), "{told}");
        told
    };
    let told = with(&data);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 5, "{told}");
    assert!(lines.iter().all(|line| line.starts_with("error: ")), "{told}");
    for part in [
        "/nowhere.token",
        "/nowhere.wasm",
        "newer release (layout 2); this one knows 1",
        "/nowhere.pem",
        "192.0.2.1:8000",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = with(&in_the_way.join("data"));
    assert!(told.contains("remove the file that is in the way"), "{told}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "a check changes nothing");
}

#[test]
fn an_unknown_key_keeps_the_agent_from_starting_and_is_told_with_the_nearest_one() {
    let home = tempfile::tempdir().unwrap();
    let config = file(home.path(), "[probation]\nfialures = 3\n");
    let line = agent::mistake(&[
        "run",
        "--registry",
        "http://127.0.0.1:1",
        "--data-dir",
        "/nowhere",
        "--config",
        &config,
    ]);
    assert_eq!(
        line,
        format!(
            "error: {config}, line 2: there is no key \"probation.fialures\"; did you mean \"probation.failures\"?"
        )
    );
}

#[test]
fn the_agent_runs_by_its_file_alone() {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let directory = bundle::write(&bundle::gru(1), home.path(), "v1");
    let config = file(
        home.path(),
        &format!(
            "bundle = {directory:?}\ndata-dir = {:?}\n[log]\nformat = \"json\"\nlevel = \"debug\"\n",
            data.path()
        ),
    );
    let agent = Agent::start(&["--config", &config]);
    assert_eq!(agent.health()["model"]["version"], 1);
    agent.signal("HUP");
    let line = agent.wait_for_line(&["were read again"]);
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["level"], line["timestamp"].is_string()), (&"INFO".into(), true));
    assert_eq!(agent.terminate(), Some(0));
}

#[test]
fn a_token_file_that_is_none_is_told_and_the_token_is_not_shown() {
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token");
    fs::write(&token, "secret\u{7f}word").unwrap();
    let data = data_dir();
    let [token, data] = [token.as_path(), data.path()].map(|path| path.to_str().unwrap());
    let arguments =
        ["run", "--registry", "http://127.0.0.1:1", "--data-dir", data, "--listen", "127.0.0.1:0"];
    let line = agent::mistake(&[&arguments[..], &["--token-file", token]].concat());
    assert!(line.contains(token) && line.contains("no token") && !line.contains("secret"), "{line}");
}

/// A key of the page or of the file: its default, else an example.
fn shown(key: &overhaul_edge::config::keys::Key) -> String {
    let text = key.default.unwrap_or(key.example);
    if key.kind == Kind::Count { text.to_owned() } else { format!("\"{text}\"") }
}

#[test]
fn the_installed_file_has_every_key_in_a_comment_with_its_meaning() {
    let text = include_str!("../../../packaging/config.toml");
    let mut wanted = Vec::new();
    let mut table = "";
    for key in KEYS {
        let (inside, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if inside != table {
            wanted.push(format!("[{inside}]"));
            table = inside;
        }
        // A person who checks the settings of the service has no state directory.
        let mark = if key.path == "data-dir" { "" } else { "#" };
        let default = if key.default.is_some() { "." } else { ". Not set by default." };
        wanted.extend([format!("# {}{default}", key.meaning), format!("{mark}{name} = {}", shown(key))]);
    }
    let all: Vec<&str> =
        text.lines().skip_while(|line| !line.is_empty()).filter(|line| !line.is_empty()).collect();
    let sections =
        all.iter().position(|line| *line == "# Tables that have neither flags nor variables:").unwrap();
    assert_eq!(all[..sections], wanted);
    for name in SECTIONS {
        assert!(all[sections..].contains(&format!("#[{name}]").as_str()), "{name}");
    }
}

#[test]
fn the_page_for_gateways_has_a_row_for_every_key() {
    let page = include_str!("../../../docs/gateways.md");
    for key in KEYS {
        let default = key.default.map_or_else(String::new, |text| format!("`{text}`"));
        let row = format!(
            "| `{}` | `--{}` | `{}` | {default} | {} |",
            key.path, key.flag, key.variable, key.meaning
        );
        assert!(page.lines().any(|line| line == row), "{row}");
    }
}
