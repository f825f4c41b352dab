"""Datasets and models as inputs of runs."""

from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput


def _dataset(name, digest, context=None, **more):
    tags = [InputTag("mlflow.data.context", context)] if context else []
    return DatasetInput(Dataset(name, digest, more.get("source_type", "local"), more.get("source", '{"uri": "x"}'), more.get("schema"), more.get("profile")), tags)


def _inputs(run):
    rows = [[d.dataset.name, d.dataset.digest, d.dataset.source_type, d.dataset.source, d.dataset.schema, d.dataset.profile, sorted([t.key, t.value] for t in d.tags)] for d in run.inputs.dataset_inputs]
    return sorted(rows, key=str)


def log_and_read(w):
    client, number = w.client, w.experiment("inputs")
    run, other = w.run(number, "r"), w.run(number, "other")
    w.see("log", lambda: client.log_inputs(run, [_dataset("fd001", "d1", "train", schema='{"a": 1}', profile='{"rows": 5}')]))
    w.see("read", lambda: client.get_run(run), show=_inputs)
    w.see("the same again", lambda: client.log_inputs(run, [_dataset("fd001", "d1", "train")]))
    w.see("it is there once", lambda: client.get_run(run), show=_inputs)
    w.see("with another context", lambda: client.log_inputs(run, [_dataset("fd001", "d1", "test")]))
    w.see("after that", lambda: client.get_run(run), show=_inputs)
    w.see("with another digest", lambda: client.log_inputs(run, [_dataset("fd001", "d2", "train")]))
    w.see("with other fields", lambda: client.log_inputs(run, [_dataset("fd001", "d1", "train", source="other", schema="other")]))
    w.see("without tags", lambda: client.log_inputs(run, [_dataset("fd003", "d3")]))
    w.see("two at once, one twice", lambda: client.log_inputs(run, [_dataset("a", "1", "train"), _dataset("b", "2", "train"), _dataset("a", "1", "train")]))
    w.see("all", lambda: client.get_run(run), show=_inputs)
    w.see("in another run", lambda: client.log_inputs(other, [_dataset("fd001", "d1", "eval")]))
    w.see("of the other run", lambda: client.get_run(other), show=_inputs)
    w.see("in a search", lambda: {r.info.run_name: len(r.inputs.dataset_inputs) for r in client.search_runs([number])})
    w.http("search-datasets", "POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": [number]}, show=lambda b: sorted([d["name"], d["digest"], d.get("context", "")] for d in b["dataset_summaries"]))
    w.http("search-datasets of nothing", "POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": []})


def models_as_inputs(w):
    client, number = w.client, w.experiment("models")
    run = w.run(number, "r")
    model = client.create_logged_model(number, name="model").model_id
    w.see("log", lambda: client.log_inputs(run, models=[LoggedModelInput(model_id=model)]))
    w.see("read", lambda: [m.model_id for m in client.get_run(run).inputs.model_inputs])
    w.see("the same again", lambda: client.log_inputs(run, models=[LoggedModelInput(model_id=model)]))
    w.see("it is there once", lambda: [m.model_id for m in client.get_run(run).inputs.model_inputs])


def refusals(w):
    number = w.experiment("refused")
    run = w.run(number, "r")

    def send(name, dataset, tags=None, says=()):
        w.http(name, "POST", "runs/log-inputs", {"run_id": run, "datasets": [{"dataset": dataset, **({"tags": tags} if tags is not None else {})}]}, says=says)

    full = {"name": "n", "digest": "d", "source_type": "local", "source": "s"}
    for key in full:
        send(f"no {key}", {k: v for k, v in full.items() if k != key}, says=(key,))
    send("an empty name", {**full, "name": ""}, says=("name",))
    send("a name of 500", {**full, "name": "n" * 500})
    send("a name of 501", {**full, "name": "n" * 501}, says=("500",))
    send("a digest of 36", {**full, "digest": "d" * 36})
    send("a digest of 37", {**full, "digest": "d" * 37}, says=("36",))
    send("a source of 65535", {**full, "digest": "s1", "source": "s" * 65535})
    send("a source of 65536", {**full, "digest": "s2", "source": "s" * 65536}, says=("65535",))
    send("a schema of 1048575", {**full, "digest": "s3", "schema": "s" * 1048575})
    send("a schema of 1048576", {**full, "digest": "s4", "schema": "s" * 1048576}, says=("1048575",))
    send("a tag key of 255", full, [{"key": "k" * 255, "value": "v"}])
    send("a tag key of 256", full, [{"key": "k" * 256, "value": "v"}], says=("255",))
    send("a tag value of 500", full, [{"key": "k", "value": "v" * 500}])
    send("a tag value of 501", full, [{"key": "k2", "value": "v" * 501}], says=("500",))
    send("a tag without a value", full, [{"key": "k3"}])
    send("a tag without a key", full, [{"value": "k3"}])
    w.http("no dataset", "POST", "runs/log-inputs", {"run_id": run, "datasets": [{}]}, says=("dataset",))
    w.http("no datasets", "POST", "runs/log-inputs", {"run_id": run})
    w.http("datasets are text", "POST", "runs/log-inputs", {"run_id": run, "datasets": "x"}, says=("datasets",))
    w.http("no run", "POST", "runs/log-inputs", {"datasets": []}, says=("run_id",))
    w.http("a run that is not there", "POST", "runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"dataset": full}]}, says=("0" * 32,))
    w.client.delete_run(run)
    w.http("a deleted run", "POST", "runs/log-inputs", {"run_id": run, "datasets": [{"dataset": full}]}, says=(run,))


FLOWS = [log_and_read, models_as_inputs, refusals]
