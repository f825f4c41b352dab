//! A clock that jumps a year, forward and back, while the agent runs: nothing is asked late, refused, or lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::agent::{Agent, following};
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir};

/// What stands before the system's clock: it adds the seconds in the file that `CLOCK_SHIFT` names.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    long result = syscall(SYS_clock_gettime, id, now);
    if (result == 0 && id == CLOCK_REALTIME) {
        char text[32] = {0};
        int file = open(getenv("CLOCK_SHIFT"), O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            if (read(file, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
            close(file);
        }
    }
    return result;
}
"#;
const YEAR: i64 = 366 * 24 * 3600;

fn shim(home: &Path) -> PathBuf {
    let (source, library) = (home.join("clock.c"), home.join("clock.so"));
    fs::write(&source, SHIM).unwrap();
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).status();
    assert!(compiled.unwrap().success());
    library
}

#[test]
fn a_clock_that_jumps_a_year_changes_nothing_but_the_times_that_are_shown() {
    let (home, data, registry) = (tempfile::tempdir().unwrap(), data_dir(), Registry::start());
    let (library, shift) = (shim(home.path()), home.path().join("shift"));
    let url = registry.url();
    let arguments = following(&url, data.path());
    let shifted = |seconds: i64| {
        let next = home.path().join("next");
        fs::write(&next, seconds.to_string()).unwrap();
        fs::rename(next, &shift).unwrap();
    };
    let year = |agent: &Agent, wanted: i64| {
        let now = jiff::Timestamp::now().as_second() + wanted;
        agent.wait_for("an answer at the shifted time", |health| {
            let last = health["registry"]["last_answer"]
                .as_str()
                .map(|text| text.parse::<jiff::Timestamp>().unwrap());
            last.is_some_and(|last| (last.as_second() - now).abs() < YEAR / 2)
        });
    };
    shifted(0);
    let agent = Agent::start_with(&arguments, |command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_SHIFT", &shift);
    });
    for (version, jump) in [(1, 0), (2, YEAR), (3, -YEAR), (4, 0)] {
        shifted(jump);
        year(&agent, jump);
        // A version that comes after the jump is asked for, pulled and activated as ever.
        registry.promote(&bundle::write(&bundle::gru(version), home.path(), &format!("v{version}")));
        agent.wait_for_version(version);
        assert_eq!(agent.predict(&bundle::readings(&bundle::gru(version), 7)).0, 200);
        assert!(agent.health()["refused"].is_null());
    }
    assert_eq!(agent.terminate(), Some(0));
    // Started a year before what it wrote: what ran last runs.
    shifted(-YEAR);
    let agent = Agent::start_with(&arguments, |command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_SHIFT", &shift);
    });
    agent.wait_for_version(4);
}
