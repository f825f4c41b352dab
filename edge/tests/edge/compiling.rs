//! The process that compiles is confined, does not outlive the agent, and has the last word.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use overhaul_bundle::Sha256Digest;
use overhaul_edge::sandbox::cache::CacheError;
use overhaul_edge::sandbox::compiler::CompileError;
use overhaul_edge::sandbox::{CompileLimits, CompiledCache, Limits, Sandbox};
use serde_json::Value;

use crate::support::agent::{self, Agent, following};
use crate::support::eventually;
use crate::zoo::at_large::Stage;
use crate::zoo::breeds;

/// An agent that compiles a component which takes ten seconds and more; the process that does.
fn compiling() -> (Stage, u32) {
    let stage = Stage::new(&[]);
    stage.offer(&breeds::remembers(300, 30_000));
    let child = child(&stage.agent);
    (stage, child)
}

/// The process that compiles, once it has confined itself.
fn child(agent: &Agent) -> u32 {
    eventually("a compiling process", || {
        let child = *agent.children().first()?;
        // The last thing that it does before it reads.
        let chosen = fs::read_to_string(format!("/proc/{child}/oom_score_adj")).ok()?;
        (chosen.trim() == "1000").then_some(child)
    })
}

/// A limit of a process, as the system tells it.
fn limit(pid: u32, name: &str) -> Option<String> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.to_owned())
}

fn eventually_gone(pid: u32) {
    eventually("the end of the compiling process", || {
        let status = fs::read_to_string(format!("/proc/{pid}/stat"));
        // A process that nobody waits for stays as a zombie.
        status.map_or(true, |status| status.contains(") Z ")).then_some(())
    });
}

/// A program in place of the agent's own; and a cache that compiles with it.
fn cache_with(script: &str) -> (tempfile::TempDir, CompiledCache) {
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("compiler");
    fs::write(&program, format!("#!/bin/sh\ncd {}\n{script}\n", home.path().display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let cache = CompiledCache::open(home.path()).unwrap();
    (home, cache.compile_with(program, CompileLimits::default()))
}

fn compiled_with(cache: &CompiledCache, component: &[u8]) -> Result<Sandbox, CacheError> {
    cache.sandbox(&Sha256Digest::of(component), || Ok(component.to_vec()), Limits::default())
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn it_has_little_memory_time_and_priority_and_goes_first_when_memory_runs_out() {
    let (stage, child) = compiling();
    let limit = |name| limit(child, name).unwrap();
    assert_eq!(limit("Max core file size"), "0");
    assert_eq!(limit("Max data size"), (1_u64 << 30).to_string());
    assert_eq!(limit("Max cpu time"), (301 * 4).to_string());
    assert_eq!(limit("Max file size"), (256 << 20).to_string());
    let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // The 19th field of the line, counted from 1, is the priority; the third is the first here.
    let nice: i32 = fields[16].parse().unwrap();
    assert!(nice >= 5, "{stat}");
    assert_eq!(stage.agent.health()["model"]["version"], 1);
}

#[test]
fn it_does_not_outlive_an_agent_that_is_killed_or_ended() {
    let (Stage { agent, .. }, child) = compiling();
    agent.kill();
    eventually_gone(child);
    let (Stage { agent, .. }, child) = compiling();
    assert_eq!(agent.terminate(), Some(0));
    eventually_gone(child);
}

#[test]
fn it_does_nothing_without_the_agent_that_wanted_it() {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().to_str().unwrap();
    let numbers = ["--parent", "1", "--memory-bytes", "1000000000", "--cpu-seconds", "9"];
    let output = agent::output(&[&["compile", "--data-dir", directory], &numbers[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr).unwrap().contains("the agent that wanted this compiled has ended")
    );
    assert_eq!(count(data.path()), 0);
}

#[test]
fn that_the_system_ended_it_is_not_the_version_s_fault() {
    let (stage, first) = compiling();
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    let health = stage.agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
    let reason = health["refused"]["reason"].as_str().unwrap();
    assert!(
        reason.contains("ended by signal: 9 (SIGKILL), perhaps for want of memory; free some"),
        "{reason}"
    );
    // It is tried again soon, not in an hour.
    assert_ne!(child(&stage.agent), first);
}

#[test]
fn a_disk_without_room_for_the_compiled_form_is_not_the_version_s_fault() {
    let stage = Stage::new(&[]);
    stage.agent.wait_for_version(1);
    let Stage { home: _home, data, registry, agent } = stage;
    let url = registry.url();
    agent.kill();
    let agent = Agent::start_limited(&following(&url, data.path()));
    agent.wait_for_version(1);
    let component = breeds::swells();
    let two = tempfile::tempdir().unwrap();
    let draft = crate::support::bundle::foreign(2, &component, crate::zoo::Model::default(), 1);
    registry.change(|content| content.blobs.insert(Sha256Digest::of(&component), component.clone()));
    registry.promote(&crate::support::bundle::write(&draft, two.path(), "v2"));
    let health = agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
    let reason = health["refused"]["reason"].as_str().unwrap();
    assert!(reason.contains("cannot keep the compiled component: File too large"), "{reason}");
    assert_eq!(health["model"]["version"], 1);
    agent.kill();
    // With room again, it runs.
    let agent = Agent::follow(&url, data.path(), &[]);
    agent.wait_for_version(2);
}

#[test]
fn the_agent_does_not_compile_what_it_could_not() {
    let component = breeds::good();
    for script in ["exit 0", "exit 1", "echo '{\"fault\":\"x\"}'", "kill -9 $$", "kill -TERM $$"] {
        let (home, cache) = cache_with(script);
        let error = compiled_with(&cache, &component).err().expect("nothing was compiled");
        assert!(matches!(&error, CacheError::Compile(e) if !e.is_lasting()), "{script}: {error}");
        assert_eq!(count(&home.path().join("compiled")), 0);
    }
    for script in ["kill -ABRT $$", "kill -SEGV $$", "echo '{\"refused\":\"x\"}'", "exit 101"] {
        let (home, cache) = cache_with(script);
        let error = compiled_with(&cache, &component).err().expect("nothing was compiled");
        assert!(matches!(&error, CacheError::Compile(e) if e.is_lasting()), "{script}: {error}");
        assert_eq!(count(&home.path().join("compiled")), 0);
    }
}

#[test]
fn what_it_claims_without_a_compiled_form_is_not_believed() {
    let (_home, cache) = cache_with("cat > /dev/null; echo '\"compiled\"'");
    let error = compiled_with(&cache, &breeds::good()).err().expect("nothing was compiled");
    assert!(matches!(error, CacheError::Compile(CompileError::Fault(_))), "{error}");
}

#[test]
fn what_it_left_half_written_is_swept() {
    let (home, cache) = cache_with("touch compiled/.half-1234; kill -9 $$");
    assert!(compiled_with(&cache, &breeds::good()).is_err());
    assert_eq!(count(&home.path().join("compiled")), 0);
}

#[test]
fn one_component_is_compiled_at_a_time() {
    let (home, cache) =
        cache_with("mkdir alone || echo overlap >> log\necho run >> log\nsleep 0.3\nrmdir alone");
    let components = [breeds::good(), breeds::swells(), breeds::remembers(2, 2)];
    std::thread::scope(|scope| {
        for component in &components {
            scope.spawn(|| assert!(compiled_with(&cache, component).is_err()));
        }
    });
    assert_eq!(fs::read_to_string(home.path().join("log")).unwrap(), "run\nrun\nrun\n");
}

#[test]
fn a_component_that_two_want_is_compiled_once() {
    let home = tempfile::tempdir().unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_overhaul-edge"));
    let cache = CompiledCache::open(home.path()).unwrap().compile_with(program, CompileLimits::default());
    let component = breeds::swells();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert!(compiled_with(&cache, &component).is_ok()));
        }
    });
    assert_eq!(count(&home.path().join("compiled")), 2, "a form and its seal");
}

#[test]
fn overhaul_s_own_component_compiles_in_half_the_memory() {
    let home = tempfile::tempdir().unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_overhaul-edge"));
    let limits = CompileLimits { memory_bytes: CompileLimits::MEMORY_BYTES / 2, ..CompileLimits::default() };
    let cache = CompiledCache::open(home.path()).unwrap().compile_with(program, limits);
    let own = fs::read(crate::support::component()).unwrap();
    assert!(compiled_with(&cache, &own).is_ok());
}

#[test]
fn limits_that_make_no_sense_are_mistakes() {
    let data = tempfile::tempdir().unwrap();
    let start = ["run", "--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()];
    for (option, value, mend) in [
        ("--compile-timeout", "0s", "use 1s to 24h, such as 5m"),
        ("--compile-timeout", "soon", "use 1s to 24h, such as 5m"),
        ("--compile-memory", "1", "use 16 MiB to"),
        ("--compile-memory", "much", "use 16 MiB to"),
    ] {
        let output = agent::output(&[&start[..], &[option, value]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(option) && text.contains(mend), "{text}");
    }
}
