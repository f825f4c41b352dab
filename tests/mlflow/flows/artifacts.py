"""Artifacts of runs through the server: upload, list, download, delete."""

import contextlib
import os
import tempfile
from pathlib import Path

import mlflow
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from watch.observer import ARTIFACTS

AWKWARD = ["with space.txt", "größe ✓ 雪.txt", "percent%41.txt", "plus+and&.txt", "quote'\".txt", "semi;colon.txt", "a=b,c@d.txt", "no-ending", ".hidden", "...", "emoji 🚂.bin", "x" * 200]


@contextlib.contextmanager
def _folder(files: dict):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder


def _listed(files):
    return [[f.path, f.is_dir, f.file_size] for f in files]


def _read(folder):
    return {str(path.relative_to(folder)): path.read_text("utf-8", "replace") for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def up_and_down(w):
    client, run = w.client, w.run(w.experiment("up"), "r")
    with _folder({"one.txt": b"one", "empty.bin": b"", "deep/er/two.json": b"{}", "deep/three.html": b"<b>"}) as folder:
        w.see("log a file", lambda: client.log_artifact(run, os.path.join(folder, "one.txt")))
        w.see("log it into a folder", lambda: client.log_artifact(run, os.path.join(folder, "one.txt"), "into/here"))
        w.see("log a folder", lambda: client.log_artifacts(run, folder, "all"))
        w.see("log an empty file", lambda: client.log_artifact(run, os.path.join(folder, "empty.bin")))
    w.see("log_text", lambda: client.log_text(run, "größe ✓", "text/t.txt"))
    w.see("log_dict", lambda: client.log_dict(run, {"a": [1, 2]}, "text/d.json"))
    w.see("list the root", lambda: client.list_artifacts(run), show=_listed)
    for path in ["all", "all/deep", "into", "text/t.txt", "nothing", "all/", "./all"]:
        w.see(f"list {path}", lambda: client.list_artifacts(run, path), show=_listed)
    with tempfile.TemporaryDirectory() as folder:
        w.see("download a file", lambda: client.download_artifacts(run, "text/t.txt", folder), show=lambda path: Path(path).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        w.see("download a folder", lambda: client.download_artifacts(run, "all", folder), show=lambda path: _read(path))
    with tempfile.TemporaryDirectory() as folder:
        w.see("download everything", lambda: client.download_artifacts(run, "", folder), show=lambda path: sorted(_read(path)))
    with tempfile.TemporaryDirectory() as folder:
        w.see("download what is not there", lambda: client.download_artifacts(run, "nothing.txt", folder), says=("nothing.txt",))
    w.see("log over it", lambda: client.log_text(run, "again", "text/t.txt"))
    w.see("it is the new one", lambda: mlflow.artifacts.load_text(f"runs:/{run}/text/t.txt"))
    w.see("list by URI", lambda: mlflow.artifacts.list_artifacts(f"runs:/{run}/text"), show=_listed)
    w.see("read JSON by URI", lambda: mlflow.artifacts.load_dict(f"runs:/{run}/text/d.json"))
    w.see("by the artifact's own URI", lambda: mlflow.artifacts.load_text(f"{client.get_run(run).info.artifact_uri}/one.txt"))


def awkward_names(w):
    client, run = w.client, w.run(w.experiment("names"), "r")
    for name in AWKWARD:
        with _folder({name: name.encode()}) as folder:
            w.see(f"log {name!r}", lambda: client.log_artifact(run, os.path.join(folder, name), "d"))
        with tempfile.TemporaryDirectory() as folder:
            w.see(f"read {name!r}", lambda: client.download_artifacts(run, f"d/{name}", folder), show=lambda path: Path(path).read_bytes() == name.encode())
    w.see("list", lambda: sorted(f.path for f in client.list_artifacts(run, "d")))
    with _folder({"a#b.txt": b"x", "a?b.txt": b"x", "a\\b.txt": b"x"}) as folder:
        for name in ["a#b.txt", "a?b.txt", "a\\b.txt"]:
            w.see(f"log {name!r}", lambda: client.log_artifact(run, os.path.join(folder, name), "odd"))


def delete(w):
    client, run = w.client, w.run(w.experiment("delete"), "r")
    for name in ["a.txt", "d/b.txt", "d/e/c.txt", "keep.txt"]:
        client.log_text(run, name, name)
    repository = get_artifact_repository(client.get_run(run).info.artifact_uri)
    w.see("a file", lambda: repository.delete_artifacts("a.txt"))
    w.see("it again", lambda: repository.delete_artifacts("a.txt"))
    w.see("a folder", lambda: repository.delete_artifacts("d"))
    w.see("what was never there", lambda: repository.delete_artifacts("never"))
    w.see("what is left", lambda: sorted(f.path for f in client.list_artifacts(run)))
    w.see("it is gone", lambda: mlflow.artifacts.load_text(f"runs:/{run}/a.txt"), says=("a.txt",))
    w.see("everything", lambda: repository.delete_artifacts())
    w.see("nothing is left", lambda: client.list_artifacts(run), show=_listed)
    client.log_text(run, "x", "after.txt")
    client.delete_run(run)
    w.see("of a deleted run: list", lambda: [f.path for f in client.list_artifacts(run)])
    w.see("of a deleted run: log", lambda: client.log_text(run, "x", "late.txt"))
    w.see("of a run that is not there", lambda: client.list_artifacts("0" * 32), says=("0" * 32,))


def on_the_wire(w):
    run = w.client.create_run(w.experiment("wire")).info
    base = f"{ARTIFACTS}artifacts/{run.experiment_id}/{run.run_id}/artifacts"
    w.http("PUT", "PUT", f"{base}/d/a.txt", raw=b"0123456789", show=lambda b: b)
    answer = w.http("GET", "GET", f"{base}/d/a.txt")
    w.see("its body", answer.body if answer else None)
    w.see("its headers", _headers(answer) + [answer.headers.get("content-length")] if answer else None)
    for name in ["p.html", "p.js", "p.svg", "p.json", "p.png", "p.yaml", "p.unknown", "p.csv", "p.xml"]:
        w.http(f"PUT {name}", "PUT", f"{base}/{name}", raw=b"x")
        answer = w.http(f"GET {name}", "GET", f"{base}/{name}")
        w.see(f"{name} is sent as", _headers(answer) if answer else None)
    w.http("GET a part", "GET", f"{base}/d/a.txt", headers={"Range": "bytes=2-4"})
    w.http("HEAD", "HEAD", f"{base}/d/a.txt")
    w.http("GET a folder", "GET", f"{base}/d")
    w.http("GET what is not there", "GET", f"{base}/nothing", says=("nothing",))
    w.http("PUT onto a folder", "PUT", f"{base}/d", raw=b"x")
    w.http("PUT below a file", "PUT", f"{base}/d/a.txt/b", raw=b"x")
    w.http("PUT nothing", "PUT", f"{base}/empty", raw=b"")
    w.http("PUT with no path", "PUT", f"{ARTIFACTS}artifacts/", raw=b"x")
    w.http("PUT with a slash at the end", "PUT", f"{base}/f/", raw=b"x")
    w.http("PUT with two slashes", "PUT", f"{base}/g//h", raw=b"x")
    w.http("POST", "POST", f"{base}/x", raw=b"x")
    w.http("PATCH", "PATCH", f"{base}/x", raw=b"x")
    w.http("list", "GET", f"{ARTIFACTS}artifacts?path={run.experiment_id}%2F{run.run_id}%2Fartifacts%2Fd", show=lambda b: b)
    w.http("list what is not there", "GET", f"{ARTIFACTS}artifacts?path={run.experiment_id}%2Fnothing", show=lambda b: b)
    w.http("list a file", "GET", f"{ARTIFACTS}artifacts?path={run.experiment_id}%2F{run.run_id}%2Fartifacts%2Fd%2Fa.txt", show=lambda b: b)
    w.http("list of a run", "GET", f"artifacts/list?run_id={run.run_id}&path=d", show=lambda b: b)
    w.http("list of a run, run_uuid", "GET", f"artifacts/list?run_uuid={run.run_id}", show=lambda b: len(b["files"]))
    w.http("list of a run, a made-up token", "GET", f"artifacts/list?run_id={run.run_id}&page_token=nonsense", show=lambda b: len(b["files"]))
    w.http("get-artifact", "GET", f"/get-artifact?run_uuid={run.run_id}&path=d/a.txt")
    w.http("get-artifact of nothing", "GET", f"/get-artifact?run_uuid={run.run_id}&path=nothing")
    w.http("get-artifact outside", "GET", f"/get-artifact?run_uuid={run.run_id}&path=../../x")
    w.http("below /ajax-api", "GET", base.replace("/api/", "/ajax-api/") + "/d/a.txt")


def _headers(answer):
    disposition = (answer.headers.get("content-disposition") or "").replace('"', "")
    return [answer.headers.get("content-type"), disposition, answer.headers.get("x-content-type-options")]


FLOWS = [up_and_down, awkward_names, delete, on_the_wire]
