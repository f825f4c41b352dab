"""Runs: create, read, end, rename, tag, delete, restore."""

import json

from mlflow.entities import ViewType


def create_and_read(w):
    number = w.experiment("runs")
    run = w.client.create_run(number, start_time=1000, tags={"a": "1", "mlflow.runName": "named by tag"})
    w.see("named by a tag", run)
    w.see("read", lambda: w.client.get_run(run.info.run_id))
    named = w.client.create_run(number, run_name="called", start_time=1000, tags={"a": "größe ✓"})
    w.see("named", named)
    free = w.client.create_run(number)
    w.see("without a name it is given one", bool(free.info.run_name) and free.data.tags.get("mlflow.runName") == free.info.run_name)
    w.see("its start time", free.info, show=lambda i: {"start_time": i.start_time, "end_time": i.end_time, "status": i.status})
    w.see("name and tag agree", lambda: w.client.create_run(number, run_name="x", tags={"mlflow.runName": "x"}).info.run_name)
    w.see("name and tag differ", lambda: w.client.create_run(number, run_name="x", tags={"mlflow.runName": "y"}), says=("x", "y"))
    w.http("no experiment", "POST", "runs/create", {}, show=lambda b: b["run"]["info"]["experiment_id"])
    w.http("a user", "POST", "runs/create", {"experiment_id": number, "user_id": "ann", "start_time": 5}, show=lambda b: {k: b["run"]["info"].get(k) for k in ("user_id", "start_time", "status")})
    w.http("start time is a string", "POST", "runs/create", {"experiment_id": number, "start_time": "x"}, says=("start_time", "x"))
    w.http("start time is a number in a string", "POST", "runs/create", {"experiment_id": number, "start_time": "12"}, show=lambda b: b["run"]["info"]["start_time"])
    w.http("start time is negative", "POST", "runs/create", {"experiment_id": number, "start_time": -5}, show=lambda b: b["run"]["info"]["start_time"])
    w.http("tags are no list", "POST", "runs/create", {"experiment_id": number, "tags": "x"}, says=("tags",))
    w.http("a tag twice", "POST", "runs/create", {"experiment_id": number, "tags": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}, show=lambda b: [t["value"] for t in b["run"]["data"]["tags"] if t["key"] == "k"])
    w.http("an empty name", "POST", "runs/create", {"experiment_id": number, "run_name": ""}, show=lambda b: bool(b["run"]["info"]["run_name"]))
    for length in (250, 251, 1000):
        w.http(f"a name of {length}", "POST", "runs/create", {"experiment_id": number, "run_name": "n" * length}, show=lambda b: len(b["run"]["info"]["run_name"]))
    for name in ["größe ✓", "a/b", "..", "tab\t", "quote'\"", " "]:
        w.http(f"the name {name!r}", "POST", "runs/create", {"experiment_id": number, "run_name": name}, show=lambda b: b["run"]["info"]["run_name"])


def what_is_not_there(w):
    lost = "0" * 32
    w.see("get", lambda: w.client.get_run(lost), says=(lost,))
    w.see("update", lambda: w.client.update_run(lost, status="FINISHED"), says=(lost,))
    w.see("delete", lambda: w.client.delete_run(lost), says=(lost,))
    w.see("restore", lambda: w.client.restore_run(lost), says=(lost,))
    w.see("log_metric", lambda: w.client.log_metric(lost, "m", 1.0), says=(lost,))
    w.see("log_param", lambda: w.client.log_param(lost, "p", "1"), says=(lost,))
    w.see("set_tag", lambda: w.client.set_tag(lost, "t", "1"), says=(lost,))
    w.see("delete_tag", lambda: w.client.delete_tag(lost, "t"), says=(lost,))
    w.see("metric history", lambda: w.client.get_metric_history(lost, "m"), show=list)
    w.http("log-batch", "POST", "runs/log-batch", {"run_id": lost, "params": [{"key": "p", "value": "1"}]}, says=(lost,))
    w.http("artifacts", "GET", f"artifacts/list?run_id={lost}", says=(lost,))
    for strange in ["..", "a/b", "%00", "x" * 300, ""]:
        w.http(f"get {strange[:8]!r}", "GET", f"runs/get?run_id={strange}")
    w.http("get without an id", "GET", "runs/get", says=("run_id",))


def statuses(w):
    number = w.experiment("statuses")
    run = w.run(number, "r", start_time=1000)
    for status in ["SCHEDULED", "RUNNING", "FAILED", "KILLED", "FINISHED"]:
        w.see(f"set_terminated {status}", lambda: w.client.set_terminated(run, status, end_time=5000))
        w.see(f"after {status}", lambda: w.client.get_run(run).info, show=lambda i: [i.status, i.end_time])
    w.see("back to RUNNING", lambda: w.client.update_run(run, status="RUNNING"))
    w.see("after", lambda: w.client.get_run(run).info, show=lambda i: [i.status, i.end_time])
    w.see("ended now", lambda: w.client.set_terminated(run))
    w.see("with a time", lambda: w.client.get_run(run).info, show=lambda i: {"status": i.status, "end_time": i.end_time})
    w.http("a status nobody knows", "POST", "runs/update", {"run_id": run, "status": "ASLEEP"}, says=("status", "ASLEEP"))
    w.http("a status by number", "POST", "runs/update", {"run_id": run, "status": 3}, show=lambda b: b["run_info"]["status"])
    w.http("end before start", "POST", "runs/update", {"run_id": run, "status": "FINISHED", "end_time": 1}, show=lambda b: b["run_info"]["end_time"])
    w.http("end time is a string", "POST", "runs/update", {"run_id": run, "end_time": "soon"}, says=("end_time", "soon"))
    w.http("nothing to update", "POST", "runs/update", {"run_id": run}, show=lambda b: b["run_info"]["status"])
    w.http("by run_uuid", "POST", "runs/update", {"run_uuid": run, "status": "FAILED"}, show=lambda b: b["run_info"]["status"])
    w.http("no run", "POST", "runs/update", {"status": "FINISHED"}, says=("run_id",))


def rename(w):
    number = w.experiment("rename")
    run = w.run(number, "before")

    def both(r):
        return [r.info.run_name, r.data.tags.get("mlflow.runName")]

    w.see("update_run", lambda: w.client.update_run(run, name="after"))
    w.see("name and tag", lambda: both(w.client.get_run(run)))
    w.see("set the tag", lambda: w.client.set_tag(run, "mlflow.runName", "by tag"))
    w.see("name and tag after", lambda: both(w.client.get_run(run)))
    w.http("by log-batch", "POST", "runs/log-batch", {"run_id": run, "tags": [{"key": "mlflow.runName", "value": "by batch"}]})
    w.see("name and tag after the batch", lambda: both(w.client.get_run(run)))
    w.see("delete the tag", lambda: w.client.delete_tag(run, "mlflow.runName"))
    w.see("name and tag after deletion", lambda: both(w.client.get_run(run)))
    w.http("an empty name", "POST", "runs/update", {"run_id": run, "run_name": ""}, show=lambda b: b["run_info"].get("run_name"))
    w.see("to an old name", lambda: w.client.update_run(run, name="before"))
    w.see("name and tag at last", lambda: both(w.client.get_run(run)))


def tags(w):
    number = w.experiment("tags")
    run = w.run(number, "r")
    for key, value in [("k", "v"), ("k", "other"), ("empty", ""), ("größe", "✓ 雪"), ("with space", " x "), ("a/b.c:d-e_f", "1"), ("number", 5), ("none", None), ("mlflow.note.content", "# Title\nline")]:
        w.see(f"set {key!r} = {value!r}", lambda: w.client.set_tag(run, key, value))
    w.see("tags", lambda: w.client.get_run(run).data.tags)
    w.see("delete", lambda: w.client.delete_tag(run, "k"))
    w.see("delete again", lambda: w.client.delete_tag(run, "k"), says=("k",))
    w.see("delete what was never there", lambda: w.client.delete_tag(run, "never"), says=("never",))
    w.see("tags after", lambda: sorted(w.client.get_run(run).data.tags))
    w.http("no key", "POST", "runs/set-tag", {"run_id": run, "value": "v"}, says=("key",))
    w.http("no value", "POST", "runs/set-tag", {"run_id": run, "key": "k"})
    w.http("a value that is a number", "POST", "runs/set-tag", {"run_id": run, "key": "k", "value": 5}, says=("value", "5"))
    w.http("a value that is an object", "POST", "runs/set-tag", {"run_id": run, "key": "k", "value": {"a": 1}}, says=("value",))
    w.http("delete without a key", "POST", "runs/delete-tag", {"run_id": run})


def delete_and_restore(w):
    number = w.experiment("delete")
    run = w.run(number, "mortal")
    w.client.log_metric(run, "m", 1.0)
    w.see("delete", lambda: w.client.delete_run(run))
    w.see("get", lambda: w.client.get_run(run), show=lambda r: [r.info.lifecycle_stage, r.info.status, r.data.metrics])
    w.see("delete again", lambda: w.client.delete_run(run))
    w.see("log_metric", lambda: w.client.log_metric(run, "m", 2.0), says=(run,))
    w.see("log_param", lambda: w.client.log_param(run, "p", "1"), says=(run,))
    w.see("set_tag", lambda: w.client.set_tag(run, "t", "1"), says=(run,))
    w.see("delete_tag", lambda: w.client.delete_tag(run, "t"), says=(run,))
    w.see("update", lambda: w.client.update_run(run, status="FAILED"), says=(run,))
    w.see("rename", lambda: w.client.update_run(run, name="x"), says=(run,))
    w.http("log-batch", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": 1, "timestamp": 1}]}, says=(run,))
    w.see("history", lambda: len(w.client.get_metric_history(run, "m")))
    w.see("restore", lambda: w.client.restore_run(run))
    w.see("restored", lambda: w.client.get_run(run).info.lifecycle_stage)
    w.see("restore again", lambda: w.client.restore_run(run))
    w.see("log_metric now", lambda: w.client.log_metric(run, "m", 2.0))
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        w.see(f"view {ViewType.to_string(view)}", lambda: [r.info.run_name for r in w.client.search_runs([number], run_view_type=view)])


def log_model_of_old_clients(w):
    """Clients before MLflow 3 tell the run of its models by a tag that the server keeps."""
    run = w.run(w.experiment("old"), "r")
    for path in ("first", "second"):
        model = {"run_id": run, "artifact_path": path, "utc_time_created": "2024-01-01 00:00:00", "flavors": {"onnx": {"a": 1}}, "model_uuid": path}
        w.http(path, "POST", "runs/log-model", {"run_id": run, "model_json": json.dumps(model)})
    w.see("the tag", lambda: json.loads(w.client.get_run(run).data.tags["mlflow.log-model.history"]))
    w.http("no JSON in it", "POST", "runs/log-model", {"run_id": run, "model_json": "x"}, says=("x",))
    w.http("fields left out", "POST", "runs/log-model", {"run_id": run, "model_json": "{}"}, says=("artifact_path",))
    w.http("no model", "POST", "runs/log-model", {"run_id": run}, says=("model_json",))
    w.http("a run that is not there", "POST", "runs/log-model", {"run_id": "0" * 32, "model_json": json.dumps(model)}, says=("0" * 32,))


FLOWS = [create_and_read, what_is_not_there, statuses, rename, tags, delete_and_restore, log_model_of_old_clients]
