"""Paths that try to leave their place, in every disguise; each is sent byte for byte."""

from urllib.parse import quote

from watch.observer import ARTIFACTS

DISGUISES = [
    "../x", "..", "../../../../etc/passwd", "a/../../x", "a/../x", "./x", "%2e%2e/x", "%2e%2e%2fx", "..%2fx", ".%2e/x", "%2E%2E%2Fx", "%252e%252e/x", "%252e%252e%252fx", "%25252e%25252e%25252fx", "..%252fx", "..%25252fx",
    "..%5cx", "..\\x", "%2e%2e%5cx", "..%255cx", "a%5c..%5cx", "a%00", "a%00.txt", "%00", "../x%00.txt", "a%2500", "%2fetc%2fpasswd", "//etc/passwd", "%2f%2fetc", "/etc/passwd", "C:%5cx", "C:/x", "%5c%5chost%5cshare",
    "a%23b", "a%2523b", "..%23x", "a%3fb", "....//x", "....%2f%2fx", "..;/x", "..%c0%afx", "%c0%ae%c0%ae/x", "%e0%80%ae/x", "..%ef%bc%8fx", "%uff0e%uff0e/x", "..%u2215x", "a%0a", "a%0d%0ax", "a%09b", "~root/x", "file:///etc/passwd", "file:%2f%2f%2fetc%2fpasswd", "http:%2f%2fexample.org%2fx", "%", "%zz", "a%", "%ff%fe", ".", "%2e", "a/.", "a/..", "a//b", "...", "a/%2e%2e/%2e%2e/x", "x" * 300, "/".join("d" * 50) + "/x",
]


def _each(w, name, method, target):
    run = w.client.create_run(w.experiment(name)).info
    root = f"{run.experiment_id}/{run.run_id}/artifacts"
    for disguise in DISGUISES:
        shown = disguise if len(disguise) < 60 else disguise[:10] + "…"
        w.http(shown, method, target(root, disguise), raw=b"x" if method == "PUT" else None)
    return run


def put(w):
    run = _each(w, "put", "PUT", lambda root, path: f"{ARTIFACTS}artifacts/{root}/{path}")
    w.see("the experiment's folder holds the run alone", lambda: _names(w, run.experiment_id) == [run.run_id])


def get(w):
    _each(w, "get", "GET", lambda root, path: f"{ARTIFACTS}artifacts/{root}/{path}")


def remove(w):
    run = w.client.create_run(w.experiment("neighbour")).info
    w.client.log_text(run.run_id, "x", "x")
    _each(w, "delete", "DELETE", lambda root, path: f"{ARTIFACTS}artifacts/{root}/d/{path}")
    w.see("the neighbour is still there", lambda: [f.path for f in w.client.list_artifacts(run.run_id)])


def listed(w):
    _each(w, "list", "GET", lambda root, path: f"{ARTIFACTS}artifacts?path={root}/{path.replace('#', '%23').replace('&', '%26').replace(chr(92), '%5c')}")


def listed_of_a_run(w):
    run = w.client.create_run(w.experiment("of a run")).info
    for disguise in DISGUISES[:60]:
        w.http(disguise, "GET", f"artifacts/list?run_id={run.run_id}&path={disguise}")


def raw_targets(w):
    run = w.client.create_run(w.experiment("raw")).info
    root = f"{run.experiment_id}/{run.run_id}/artifacts"
    w.http("a real fragment", "PUT", f"{ARTIFACTS}artifacts/{root}/a#b", raw=b"x")
    w.http("the root itself", "GET", f"{ARTIFACTS}artifacts/")
    w.http("dots right after the endpoint", "GET", f"{ARTIFACTS}artifacts/../artifacts/{root}")
    w.http("encoded dots right after the endpoint", "GET", f"{ARTIFACTS}artifacts/%2e%2e/x")
    w.http("list without a path", "GET", f"{ARTIFACTS}artifacts")
    w.http("list of nothing", "GET", f"{ARTIFACTS}artifacts?path=")
    w.http("list of /", "GET", f"{ARTIFACTS}artifacts?path=/")
    w.http("list of ..", "GET", f"{ARTIFACTS}artifacts?path=..")
    w.http("delete nothing", "DELETE", f"{ARTIFACTS}artifacts/..")
    w.http("an absolute target", "GET", f"{w.uri}{ARTIFACTS}artifacts?path={quote(root)}")


def _names(w, experiment):
    from watch import wire
    answer = wire.send(w.uri, "GET", f"{ARTIFACTS}artifacts?path={experiment}")
    return sorted(file["path"] for file in answer.json().get("files", []))


FLOWS = [put, get, remove, listed, listed_of_a_run, raw_targets]
