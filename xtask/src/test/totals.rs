//! Adds up what test runners say they ran.

use std::fmt;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};

use crate::command::shown;

/// Tests by outcome.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Totals {
    /// Runs a test runner in front of the user and adds what it counted. An exit code other than 0 with
    /// no failed test is an error: then something else broke.
    pub(super) fn add(&mut self, runner: &mut Command) -> Result<()> {
        if std::io::stderr().is_terminal() {
            runner.env("CARGO_TERM_COLOR", "always");
        }
        runner.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = runner.spawn().with_context(|| format!("cannot start {}", shown(runner)))?;
        let stdout = child.stdout.take().context("the runner has no standard output")?;
        let stderr = child.stderr.take().context("the runner has no standard error")?;
        let errors = thread::spawn(move || follow(stderr, |line| eprintln!("{line}")));
        let mut counted = follow(stdout, |line| println!("{line}"));
        let from_errors = errors.join().map_err(|_| anyhow::anyhow!("the reader of the test output died"))?;
        counted.count(&from_errors);
        let status = child.wait()?;
        if !status.success() && counted.failed == 0 {
            bail!("{} ended with {status}", shown(runner));
        }
        self.count(&counted);
        Ok(())
    }

    fn count(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Counts one line if it is a summary: nextest's `Summary [ 1.2s] 8 tests run: 7 passed, 1 failed, 2
    /// skipped`, or libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn read(&mut self, line: &str) {
        let line = without_colours(line);
        let Some(counts) = line.trim_start().strip_prefix("Summary [").or(line.strip_prefix("test result: "))
        else {
            return;
        };
        let words: Vec<&str> = counts.split_whitespace().map(|word| word.trim_matches([',', ';'])).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u64>() else { continue };
            match pair[1] {
                "passed" => self.passed += number,
                "failed" | "timed" => self.failed += number,
                "skipped" | "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

/// Reads to the end, passing every line on and counting the summaries.
fn follow(source: impl Read, pass_on: impl Fn(&str)) -> Totals {
    let mut totals = Totals::default();
    for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        pass_on(&line);
        totals.read(&line);
    }
    totals
}

/// The line without terminal escapes that set colours.
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_both_runners_add_up_with_and_without_colours() {
        let mut totals = Totals::default();
        for line in [
            "    Finished `test` profile in 3s",
            "     Summary [   1.203s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 3 skipped",
            "\x1b[32;1m     Summary\x1b[0m [   0.100s] \x1b[1m2\x1b[0m tests run: \x1b[1m2\x1b[0m \x1b[32;1mpassed\x1b[0m, 0 skipped",
            "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a_test_that_says_3 passed ... ok",
        ] {
            totals.read(line);
        }
        assert_eq!(totals, Totals { passed: 12, failed: 3, skipped: 4 });
        assert_eq!(totals.to_string(), "12 passed, 3 failed, 4 skipped");
    }
}
