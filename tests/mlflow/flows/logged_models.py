"""Logged models: create, read, finish, tag, delete; parameters, metrics, artifacts, outputs of runs."""

import os
import tempfile

from mlflow.entities import LoggedModelOutput, LoggedModelStatus, Metric


def create_and_read(w):
    client, number = w.client, w.experiment("lm")
    run = w.run(number, "r")
    w.see("create bare", lambda: client.create_logged_model(number), show=lambda m: [m.model_id, bool(m.name), m.status, m.artifact_location])
    model = w.see("create", lambda: client.create_logged_model(number, name="model", source_run_id=run, tags={"k": "v", "größe": "✓"}, params={"lr": "0.1"}, model_type="forecaster"))
    w.see("get", lambda: client.get_logged_model(model.model_id))
    w.http("on the wire", "GET", f"logged-models/{model.model_id}", show=lambda b: b["model"])
    w.see("finish", lambda: client.finalize_logged_model(model.model_id, LoggedModelStatus.READY), show=lambda m: [m.status, m.last_updated_timestamp >= m.creation_timestamp])
    w.see("fail", lambda: client.finalize_logged_model(model.model_id, "FAILED"), show=lambda m: m.status)
    w.see("ready again", lambda: client.finalize_logged_model(model.model_id, "READY"), show=lambda m: m.status)
    for status in ["LOGGED_MODEL_PENDING", "READY", "NOBODY", 9, None]:
        w.http(f"status {status!r}", "PATCH", f"logged-models/{model.model_id}", {"model_id": model.model_id, "status": status}, show=lambda b: b["model"]["info"]["status"])
    w.see("the same name again is another model", lambda: client.create_logged_model(number, name="model").model_id != model.model_id)
    w.see("in an experiment that is not there", lambda: client.create_logged_model("999999999"), says=("999999999",))
    w.see("of a run that is not there", lambda: client.create_logged_model(number, source_run_id="0" * 32), show=lambda m: m.source_run_id)
    gone = w.experiment("gone")
    client.delete_experiment(gone)
    w.see("in a deleted experiment", lambda: client.create_logged_model(gone))


def names(w):
    number = w.experiment("names")
    for name in ["a.b", "a b", "größe", "a/b", "a:b", "a%b", "a\"b", "a'b", "..", ".", "", " ", "a\\b", "x" * 250, "x" * 251, "x" * 500, "x" * 501]:
        shown = name if len(name) < 30 else f"{len(name)} x"
        w.http(f"name {shown!r}", "POST", "logged-models", {"experiment_id": number, "name": name}, show=lambda b: len(b["model"]["info"].get("name", "")) > 0)


def what_is_not_there(w):
    client, lost = w.client, "m-" + "0" * 32
    w.see("get", lambda: client.get_logged_model(lost), says=(lost,))
    w.see("finish", lambda: client.finalize_logged_model(lost, "READY"), says=(lost,))
    w.see("delete", lambda: client.delete_logged_model(lost), says=(lost,))
    w.see("tag", lambda: client.set_logged_model_tags(lost, {"k": "v"}), says=(lost,))
    w.see("delete a tag", lambda: client.delete_logged_model_tag(lost, "k"), says=(lost,))
    w.see("params", lambda: client.log_model_params(lost, {"p": "1"}), says=(lost,))
    w.http("artifacts", "GET", f"logged-models/{lost}/artifacts/directories", says=(lost,))
    for strange in ["x", "m-1", "..", "m-%2e%2e"]:
        w.http(f"get {strange!r}", "GET", f"logged-models/{strange}")


def tags_and_params(w):
    client, number = w.client, w.experiment("tags")
    model = client.create_logged_model(number, name="model", params={"a": "1"}, tags={"t": "1"}).model_id
    w.see("tags", lambda: client.set_logged_model_tags(model, {"t": "2", "u": "", "größe": "✓", "number": 5}))
    w.see("read tags", lambda: client.get_logged_model(model).tags)
    w.see("delete a tag", lambda: client.delete_logged_model_tag(model, "t"))
    w.see("delete it again", lambda: client.delete_logged_model_tag(model, "t"), says=("t",))
    w.see("delete a tag with a slash", lambda: [client.set_logged_model_tags(model, {"a/b": "1"}), client.delete_logged_model_tag(model, "a/b")] and None)
    w.see("tags after", lambda: sorted(client.get_logged_model(model).tags))
    w.see("params", lambda: client.log_model_params(model, {"b": "2", "größe": "✓"}))
    w.see("the same again", lambda: client.log_model_params(model, {"b": "2"}))
    w.see("another value", lambda: client.log_model_params(model, {"b": "3"}))
    w.see("read params", lambda: client.get_logged_model(model).params)
    for key in ["", "..", "/abs", "a*b", "x" * 250, "x" * 251]:
        shown = key if len(key) < 30 else f"{len(key)} x"
        w.http(f"tag key {shown!r}", "PATCH", f"logged-models/{model}/tags", {"tags": [{"key": key, "value": "v"}]})
        w.http(f"param key {shown!r}", "POST", f"logged-models/{model}/params", {"model_id": model, "params": [{"key": key, "value": "v"}]})
    for length in (6000, 6001, 8000, 8001):
        w.http(f"a tag of {length}", "PATCH", f"logged-models/{model}/tags", {"tags": [{"key": "long", "value": "v" * length}]})
        w.http(f"a param of {length}", "POST", f"logged-models/{model}/params", {"model_id": model, "params": [{"key": f"long{length}", "value": "v" * length}]})
    w.http("no tags", "PATCH", f"logged-models/{model}/tags", {})
    w.http("tags are text", "PATCH", f"logged-models/{model}/tags", {"tags": "x"}, says=("tags",))
    w.see("lengths", lambda: {k: len(v) for k, v in client.get_logged_model(model).params.items() if k.startswith("long")})


def metrics_and_outputs(w):
    client, number = w.client, w.experiment("metrics")
    run = w.run(number, "r")
    model = client.create_logged_model(number, name="model", source_run_id=run).model_id
    w.see("an output of its run", lambda: client.log_outputs(run, [LoggedModelOutput(model_id=model, step=3)]))
    w.see("read it", lambda: client.get_run(run).outputs.model_outputs)
    w.see("the same again", lambda: client.log_outputs(run, [LoggedModelOutput(model_id=model, step=3)]))
    w.see("at another step", lambda: client.log_outputs(run, [LoggedModelOutput(model_id=model, step=4)]))
    w.see("outputs after", lambda: sorted([o.model_id, o.step] for o in client.get_run(run).outputs.model_outputs))
    w.see("in a search", lambda: sorted(o.step for o in client.search_runs([number])[0].outputs.model_outputs))
    w.see("an output that is not there", lambda: client.log_outputs(run, [LoggedModelOutput(model_id="m-" + "0" * 32, step=0)]))
    w.see("of a run that is not there", lambda: client.log_outputs("0" * 32, [LoggedModelOutput(model_id=model, step=0)]), says=("0" * 32,))
    w.see("a metric", lambda: client.log_metric(run, "loss", 0.5, timestamp=5, step=1, model_id=model))
    w.see("a later one", lambda: client.log_metric(run, "loss", 0.25, timestamp=6, step=2, model_id=model))
    w.see("a batch", lambda: client.log_batch(run, metrics=[Metric("acc", 0.9, 7, 1, model_id=model), Metric("other", 1.0, 7, 1)]))
    w.see("of the model", lambda: sorted(([m.key, m.value, m.step, m.run_id == run] for m in client.get_logged_model(model).metrics), key=str))
    w.see("of the run", lambda: client.get_run(run).data.metrics)
    w.see("the same point again", lambda: client.log_metric(run, "loss", 0.5, timestamp=5, step=1, model_id=model))
    w.see("another value at that point", lambda: client.log_metric(run, "loss", 0.75, timestamp=5, step=1, model_id=model))
    w.see("with a dataset", lambda: client.log_metric(run, "rmse", 12.5, timestamp=8, step=1, model_id=model, dataset_name="fd001", dataset_digest="d1"))
    w.see("its dataset", lambda: [[m.key, m.dataset_name, m.dataset_digest] for m in client.get_logged_model(model).metrics if m.key == "rmse"])
    w.see("of a model that is not there", lambda: client.log_metric(run, "loss", 0.5, model_id="m-" + "0" * 32))


def artifacts(w):
    client, number = w.client, w.experiment("artifacts")
    model = client.create_logged_model(number, name="model").model_id
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "sub"))
        for name, text in [("MLmodel", "one"), ("sub/größe.txt", "two")]:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        w.see("log a folder", lambda: client.log_model_artifacts(model, folder))
        w.see("log a file", lambda: client.log_model_artifact(model, os.path.join(folder, "MLmodel")))
    w.see("list", lambda: sorted([f.path, f.is_dir, f.file_size] for f in client.list_logged_model_artifacts(model)), show=lambda rows: rows)
    w.see("list a folder", lambda: sorted(f.path for f in client.list_logged_model_artifacts(model, "sub")))
    w.http("list on the wire", "GET", f"logged-models/{model}/artifacts/directories", show=lambda b: [sorted(f["path"] for f in b["files"]), b["root_uri"]])
    w.http("list a folder on the wire", "GET", f"logged-models/{model}/artifacts/directories?artifact_directory_path=sub", show=lambda b: sorted(f["path"] for f in b["files"]))
    w.http("list outside", "GET", f"logged-models/{model}/artifacts/directories?artifact_directory_path=..%2f..")
    w.http("a file", "GET", f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=MLmodel")
    w.http("a file outside", "GET", f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=..%2f..%2fMLmodel")


def delete(w):
    client, number = w.client, w.experiment("delete")
    model = client.create_logged_model(number, name="mortal", tags={"t": "1"}).model_id
    w.see("delete", lambda: client.delete_logged_model(model))
    w.see("get", lambda: client.get_logged_model(model), says=(model,))
    w.see("found", lambda: [m.name for m in client.search_logged_models([number])])
    w.see("delete again", lambda: client.delete_logged_model(model))
    w.see("tag", lambda: client.set_logged_model_tags(model, {"k": "v"}))
    w.see("finish", lambda: client.finalize_logged_model(model, "READY"))


FLOWS = [create_and_read, names, what_is_not_there, tags_and_params, metrics_and_outputs, artifacts, delete]
