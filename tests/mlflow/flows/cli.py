"""The `mlflow` command line."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from mlflow.cli import cli
from mlflow.entities import Metric, Param


def _see(w, name, *arguments, show=lambda out: out.splitlines(), says=()):
    """Runs the command in this process, which saves the seconds that MLflow takes to start."""
    done = CliRunner().invoke(cli, list(arguments))
    told = done.output + (f"{done.exception}" if done.exception else "")
    w.see(name, {"status": done.exit_code, "shows": show(done.stdout)} if done.exit_code == 0 else {"status": done.exit_code, "says": [word for word in says if word in told]})


def in_a_process_of_its_own(w):
    done = subprocess.run([sys.executable, "-m", "mlflow", "experiments", "search"], capture_output=True, text=True, timeout=120)
    w.see("experiments search", [done.returncode, "Default" in done.stdout])


def experiments(w):
    _see(w, "create", "experiments", "create", "-n", w.name("cli"), show=lambda out: "Created experiment" in out)
    number = w.client.get_experiment_by_name(w.name("cli")).experiment_id
    w.normal.experiments.append(number)
    _see(w, "create again", "experiments", "create", "-n", w.name("cli"), says=("already exists",))
    _see(w, "search", "experiments", "search", show=lambda out: [line.split() == [number, w.name("cli"), f"mlflow-artifacts:/{number}"] for line in out.splitlines() if w.name("cli") in line])
    _see(w, "get", "experiments", "get", "-x", number, "--output", "json", show=lambda out: {k: v for k, v in json.loads(out).items() if k in ("name", "lifecycle_stage", "experiment_id")})
    _see(w, "rename", "experiments", "rename", "-x", number, "--new-name", w.name("renamed"), show=lambda out: w.name("renamed") in out)
    _see(w, "delete", "experiments", "delete", "-x", number, show=lambda out: "deleted" in out)
    _see(w, "search the deleted", "experiments", "search", "-v", "deleted_only", show=lambda out: w.name("renamed") in out)
    _see(w, "restore", "experiments", "restore", "-x", number, show=lambda out: "restored" in out)


def runs(w):
    number = w.experiment("runs")
    run = w.run(number, "the run", start_time=1000)
    w.client.log_batch(run, [Metric("loss", 0.5, 1, 0), Metric("nan", float("nan"), 1, 0)], [Param("lr", "0.1")])
    w.client.set_terminated(run, end_time=2000)
    _see(w, "list", "runs", "list", "--experiment-id", number, show=lambda out: [word in out for word in (run, "the run")])
    _see(w, "describe", "runs", "describe", "--run-id", run, show=lambda out: json.loads(out))
    _see(w, "describe what is not there", "runs", "describe", "--run-id", "0" * 32, says=("0" * 32,))
    _see(w, "delete", "runs", "delete", "--run-id", run, show=lambda out: run in out)
    _see(w, "list the deleted", "runs", "list", "--experiment-id", number, "-v", "deleted_only", show=lambda out: run in out)
    _see(w, "restore", "runs", "restore", "--run-id", run, show=lambda out: run in out)


def artifacts(w):
    run = w.run(w.experiment("artifacts"), "r")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("hello")
        _see(w, "log-artifact", "artifacts", "log-artifact", "--local-file", f"{folder}/a.txt", "--run-id", run, "--artifact-path", "d", show=lambda out: None)
        _see(w, "list", "artifacts", "list", "--run-id", run, "--artifact-path", "d", show=lambda out: json.loads(out))
        os.mkdir(f"{folder}/to")
        _see(w, "download", "artifacts", "download", "--run-id", run, "--artifact-path", "d/a.txt", "--dst-path", f"{folder}/to", show=lambda out: [path.read_text() for path in Path(folder, "to").rglob("a.txt")])


FLOWS = [in_a_process_of_its_own, experiments, runs, artifacts]
