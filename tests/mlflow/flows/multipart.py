"""Large files: upload in parts, download by presigned address in ranges. MLflow's server offers neither on a local folder."""

import contextlib
import hashlib
import os
import random
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from watch import transport, wire
from watch.observer import ARTIFACTS

SIZE = 12 * 1024 * 1024
PART = 5 * 1024 * 1024


@contextlib.contextmanager
def _variables(**values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


LOW = {"MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(PART), "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(PART),
       "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE": str(PART), "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(PART)}


def _round_trip(w, name, **variables):
    run = w.run(w.experiment(name), "r")
    content = random.Random(7).randbytes(SIZE)
    with _variables(**LOW, **variables), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "big.bin")
        path.write_bytes(content)
        w.see("upload", lambda: w.client.log_artifact(run, str(path), "dir"))
        asked = [line for line in transport.paths() if "/mpu/" in line]
        w.see("it went in parts", sorted({line.split("/mpu/")[1].split("/")[0] for line in asked}))
        w.see("it is listed", lambda: [[f.path, f.file_size] for f in w.client.list_artifacts(run, "dir")])
    with _variables(**LOW, **variables), tempfile.TemporaryDirectory() as folder:
        w.see("download", lambda: w.client.download_artifacts(run, "dir/big.bin", folder), show=lambda path: _digest(Path(path).read_bytes()) == _digest(content))
        w.see("by a presigned address", any("/presigned/" in line for line in transport.paths()))


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def what_the_server_offers(w):
    w.http("server-info", "GET", "/api/3.0/mlflow/server-info", show=lambda b: {key: b.get(key) for key in ("multipart_uploads_enabled", "multipart_downloads_enabled", "workspaces_enabled", "store_type")})


def as_the_server_says(w):
    _round_trip(w, "said")


def forced_by_the_client(w):
    _round_trip(w, "forced", MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="true", MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD="true")


def forbidden_by_the_client(w):
    _round_trip(w, "forbidden", MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="false", MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD="false")


def a_small_file(w):
    run = w.run(w.experiment("small"), "r")
    with _variables(**LOW):
        w.see("upload", lambda: w.client.log_text(run, "small", "small.txt"))
        w.see("not in parts", [line for line in transport.paths() if "/mpu/" in line])
        with tempfile.TemporaryDirectory() as folder:
            w.see("download", lambda: w.client.download_artifacts(run, "small.txt", folder), show=lambda path: Path(path).read_text("utf-8"))


def step_by_step(w):
    run = w.client.create_run(w.experiment("steps")).info
    root = f"{run.experiment_id}/{run.run_id}/artifacts"

    def create(name, path="f.bin", parts=2, folder=root, **body):
        return w.http(name, "POST", f"{ARTIFACTS}mpu/create/{folder}", {"path": path, "num_parts": parts, **body}, show=lambda b: [sorted(b), [c["part_number"] for c in b["credentials"]]])

    answer = create("create")
    made = _made(answer)
    etags = {}
    for credential in made.get("credentials", []):
        part = _put(w, credential["url"], b"%d" % credential["part_number"] * 10)
        w.see(f"PUT part {credential['part_number']}", {"status": part.status, "etag": bool(part.headers.get("etag"))})
        etags[credential["part_number"]] = part.headers.get("etag")
    parts = [{"part_number": number, "etag": etag} for number, etag in etags.items()]
    finish = {"path": "f.bin", "upload_id": made.get("upload_id", "none"), "parts": parts}
    w.http("not there before it is complete", "GET", f"{ARTIFACTS}artifacts/{root}/f.bin")
    w.http("complete", "POST", f"{ARTIFACTS}mpu/complete/{root}", finish)
    whole = wire.send(w.uri, "GET", f"{ARTIFACTS}artifacts/{root}/f.bin")
    w.see("the whole", [whole.status, whole.body if whole.status == 200 else None])
    w.http("complete again", "POST", f"{ARTIFACTS}mpu/complete/{root}", finish)

    answer = create("create another", path="g.bin")
    made = _made(answer)
    if made:
        _put(w, made["credentials"][0]["url"], b"x")
    stop = {"path": "g.bin", "upload_id": made.get("upload_id", "none")}
    w.http("complete with parts missing", "POST", f"{ARTIFACTS}mpu/complete/{root}", {**stop, "parts": [{"part_number": 1, "etag": "\"0\""}, {"part_number": 2, "etag": "\"0\""}]})
    w.http("abort", "POST", f"{ARTIFACTS}mpu/abort/{root}", stop)
    w.http("nothing is left of it", "GET", f"{ARTIFACTS}artifacts/{root}/g.bin")
    if made:
        part = _put(w, made["credentials"][1]["url"], b"x")
        w.see("a part after that is refused", 400 <= part.status < 500)
    w.http("complete after that", "POST", f"{ARTIFACTS}mpu/complete/{root}", {**stop, "parts": []})
    w.http("complete what nobody began", "POST", f"{ARTIFACTS}mpu/complete/{root}", {"path": "f.bin", "upload_id": "nobody", "parts": []})
    w.http("abort what nobody began", "POST", f"{ARTIFACTS}mpu/abort/{root}", {"path": "f.bin", "upload_id": "nobody"})
    answer = create("the client's whole path, of which the last part counts", path="/home/ann/h.bin", parts=1)
    made = _made(answer)
    if made:
        part = _put(w, made["credentials"][0]["url"], b"here")
        w.http("complete it", "POST", f"{ARTIFACTS}mpu/complete/{root}", {"path": "/home/ann/h.bin", "upload_id": made["upload_id"], "parts": [{"part_number": 1, "etag": part.headers.get("etag")}]})
    w.http("it lies right in the folder", "GET", f"{ARTIFACTS}artifacts/{root}/h.bin")
    for parts in (0, -1, 10_001, "x"):
        create(f"num_parts {parts!r}", parts=parts)
    for path in ["../x", "..\\x", "..", "%2e%2e", "", "a\x00b", "a#b"]:
        create(f"path {path!r}", path=path)
    for folder in [f"{root}/../../..", f"{root}/%2e%2e/x", f"{root}/%252e%252e/x", f"{root}/..%5cx"]:
        create(f"folder {folder[len(root):]!r}", folder=folder)


def presigned(w):
    run = w.client.create_run(w.experiment("presigned")).info
    root = f"{run.experiment_id}/{run.run_id}/artifacts"
    w.client.log_text(run.run_id, "0123456789", "t.txt")
    answer = w.http("ask", "GET", f"{ARTIFACTS}presigned/{root}/t.txt", show=lambda b: [sorted(b), b["file_size"]])
    made = _made(answer)
    w.http("of what is not there", "GET", f"{ARTIFACTS}presigned/{root}/nothing.txt")
    w.http("of what lies outside", "GET", f"{ARTIFACTS}presigned/{root}/%2e%2e/%2e%2e/x")
    if made:
        _ranges(w, made["url"])


def _ranges(w, address):
    for shown, asked in [("all", None), ("a part", "bytes=2-4"), ("the end", "bytes=-3"), ("from", "bytes=7-"), ("beyond", "bytes=100-200"), ("nonsense", "bytes=x")]:
        answer = _ask(w, address, {"Range": asked} if asked else {})
        w.see(f"{shown}", [answer.status, answer.body if answer.status < 400 else None, answer.headers.get("content-range")])
    broken = address[:-1] + ("0" if address[-1] != "0" else "1")
    w.see("with its signature changed it is refused", 400 <= _ask(w, broken, {}).status < 500)
    other = address.replace("t.txt", "u.txt")
    w.see("for another file it is refused", other == address or 400 <= _ask(w, other, {}).status < 500)
    w.see("it cannot be written to", 400 <= _put(w, address, b"x").status < 500)


def _made(answer):
    return (answer.json() or {}) if answer and answer.status == 200 else {}


def _target(address):
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _put(w, address, body):
    return wire.send(w.uri, "PUT", _target(address), body, {})


def _ask(w, address, headers):
    return wire.send(w.uri, "GET", _target(address), None, headers)


FLOWS = [what_the_server_offers, as_the_server_says, forced_by_the_client, forbidden_by_the_client, a_small_file, step_by_step, presigned]
