//! A run that is stopped or killed costs nothing: it goes on, to the very weights that it would have had.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use overhaul_bundle::Bundle;
use overhaul_bundle::directory::WEIGHTS_FILE;
use overhaul_tests::trained::{SETTINGS, Trained, copy};
use overhaul_tests::trainer::{Trainer, must_say};

use super::case::Case;

/// The epoch after which a run is stopped, long before its last.
const STOPPED_AFTER: &str = "epoch   1/6";

/// Starts a run, sends it a signal after its first epoch, and answers how it ended and what it told.
fn stopped(
    trainer: &Trainer,
    words: &str,
    paths: &[(&str, &Path)],
    by: Signal,
) -> Result<(ExitStatus, String)> {
    let mut train = trainer.command(words, paths)?;
    let mut child = train.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut stderr = BufReader::new(child.stderr.take().context("no standard error")?);
    let mut told = String::new();
    while !told.contains(STOPPED_AFTER) {
        ensure!(stderr.read_line(&mut told)? > 0, "it ended too early:\n{told}");
    }
    kill(Pid::from_raw(child.id().try_into()?), by)?;
    stderr.read_to_string(&mut told)?;
    Ok((child.wait()?, told))
}

fn weights(bundle: &Path) -> Result<Vec<u8>> {
    Ok(Bundle::open(bundle)?.read(WEIGHTS_FILE)?)
}

#[test]
fn ctrl_c_keeps_the_best_so_far_to_go_on_from_or_to_take_as_it_is() -> Result<()> {
    let case = Case::new()?;
    let words = format!("train --model transformer {SETTINGS}");
    let (data, out) = (case.models.data(), case.folder.path().join("bundle"));
    let paths = [("--data", data.as_path()), ("--out", out.as_path())];

    let (status, told) = stopped(&case.trainer, &words, &paths, Signal::SIGINT)?;
    assert_eq!(status.code(), Some(130), "{told}");
    let kept = case.trainer.checkpoints()?;
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    let line = told.lines().last().context("nothing was told")?;
    must_say(
        line,
        &["stopped in epoch", "the best so far, epoch", kept.to_str().unwrap(), "--resume --finish"],
    )?;
    assert!(!out.exists() && case.registry.versions()?.is_empty(), "nothing is published");

    let other = Trainer::new(&case.folder.path().join("other"));
    copy(&case.folder.path().join("state"), &case.folder.path().join("other/state"))?;
    let finished = case.folder.path().join("finished");
    let words_of_finish = format!("{words} --resume --finish");
    let answer = other.answer(&words_of_finish, &[("--data", &data), ("--out", &finished)])?;
    let metadata = Bundle::open(&finished)?.metadata()?;
    assert!(metadata.epochs.is_some_and(|epochs| (1..6).contains(&epochs)), "{:?}", metadata.epochs);
    assert_eq!(answer["best_epoch"].as_u64(), metadata.best_epoch.map(u64::from));

    let answer = case.trainer.answer(&format!("{words} --resume"), &paths)?;
    assert_eq!(answer["validation_rmse"], case.models.summary("transformer")?["validation_rmse"]);
    assert!(
        weights(&out)? == weights(case.models.bundle("transformer")?.directory())?,
        "the very same weights"
    );
    assert!(weights(&out)? != weights(&finished)?);
    assert_eq!((case.registry.versions()?.len(), case.trainer.checkpoints()?.len()), (1, 0));
    Ok(())
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_weights() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let trainer = Trainer::new(folder.path());
    let words = format!("train --model transformer {SETTINGS}");
    let (data, out) = (models.data(), folder.path().join("bundle"));
    let paths = [("--data", data.as_path()), ("--out", out.as_path())];
    let (status, told) = stopped(&trainer, &words, &paths, Signal::SIGKILL)?;
    assert_eq!(status.code(), None, "{told}");
    assert!(!out.exists());

    trainer.answer(&format!("{words} --resume"), &paths)?;
    assert!(weights(&out)? == weights(models.bundle("transformer")?.directory())?, "the very same weights");
    Ok(())
}

#[test]
fn of_several_runs_the_one_that_was_stopped_goes_on_alone() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let trainer = Trainer::new(folder.path());
    let (data, out) = (models.data(), folder.path().join("bundles"));
    let paths = [("--data", data.as_path()), ("--out", out.as_path())];
    let words = format!("train --model all {SETTINGS}");
    let (status, told) = stopped(&trainer, &words, &paths, Signal::SIGTERM)?;
    assert_eq!(status.code(), Some(130), "{told}");
    must_say(told.lines().last().unwrap(), &["is kept in", "that is --model lstm --seed 1; give these"])?;
    for several in ["--model all", "--model lstm --seeds 2"] {
        let line = trainer.refusal(&format!("train {several} {SETTINGS} --resume"), &paths)?;
        must_say(&line, &["--resume goes on with one run", "give the --model and the --seed"])?;
    }
    trainer.answer(&format!("train --model lstm --seed 1 {SETTINGS} --resume"), &paths)?;
    assert!(weights(&out)? == weights(models.bundle("lstm")?.directory())?, "the very same weights");
    Ok(())
}

#[test]
fn training_that_diverges_ends_in_one_line_that_names_the_epoch() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let out = folder.path().join("bundle");
    let words = "train --model trend --epochs 4 --hidden-size 8 --lr 10 --weight-decay 9.9";
    let output = Trainer::new(folder.path()).output(words, &[("--data", &models.data()), ("--out", &out)])?;
    let stderr = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let errors: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!((errors.len(), stderr.lines().last()), (1, errors.first().copied()), "{stderr}");
    must_say(errors[0], &["--lr 10 makes training diverge in epoch", "give a lower one"])?;
    assert!(!out.exists());
    Ok(())
}
