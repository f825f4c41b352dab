"""Values at and over MLflow's limits."""


def values(w):
    run = w.run(w.experiment("values"), "r")
    for length in (5999, 6000, 6001, 8000, 20000):
        w.http(f"a param of {length}", "POST", "runs/log-parameter", {"run_id": run, "key": f"p{length}", "value": "v" * length})
        w.http(f"a param of {length} in a batch", "POST", "runs/log-batch", {"run_id": run, "params": [{"key": f"b{length}", "value": "v" * length}]})
    for length in (7999, 8000, 8001, 20000):
        w.http(f"a tag of {length}", "POST", "runs/set-tag", {"run_id": run, "key": f"t{length}", "value": "v" * length})
        w.http(f"a tag of {length} in a batch", "POST", "runs/log-batch", {"run_id": run, "tags": [{"key": f"b{length}", "value": "v" * length}]})
        w.http(f"a tag of {length} at creation", "POST", "runs/create", {"experiment_id": "0", "tags": [{"key": "t", "value": "v" * length}]}, show=lambda b: [len(t["value"]) for t in b["run"]["data"]["tags"] if t["key"] == "t"])
    data = w.client.get_run(run).data
    w.see("what is kept of the params", {key: len(value) for key, value in data.params.items()})
    w.see("what is kept of the tags", {key: len(value) for key, value in data.tags.items() if key != "mlflow.runName"})
    w.http("a tag of 2 MB", "POST", "runs/set-tag", {"run_id": run, "key": "huge", "value": "v" * 2_000_000})
    w.see("what is kept of it", lambda: len(w.client.get_run(run).data.tags["huge"]))
    w.http("6000 letters of two bytes", "POST", "runs/log-parameter", {"run_id": run, "key": "letters", "value": "ß" * 6000})
    w.see("all are kept", lambda: len(w.client.get_run(run).data.params["letters"]))
    w.http("a batch of 20 MB", "POST", "runs/log-batch", {"run_id": run, "tags": [{"key": "k", "value": "v" * 20_000_000}]})


def keys(w):
    number = w.experiment("keys")
    run = w.run(number, "r")
    for length in (250, 251, 500):
        key = "k" * length
        w.http(f"a metric key of {length}", "POST", "runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1})
        w.http(f"a param key of {length}", "POST", "runs/log-parameter", {"run_id": run, "key": key, "value": "1"})
        w.http(f"a tag key of {length}", "POST", "runs/set-tag", {"run_id": run, "key": key, "value": "1"})
        w.http(f"a metric key of {length} in a batch", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": key, "value": 1, "timestamp": 1}]})
        w.http(f"a tag key of {length} at creation", "POST", "runs/create", {"experiment_id": number, "tags": [{"key": key, "value": "1"}]})
        w.http(f"a tag key of {length} of a model", "POST", "registered-models/create", {"name": w.name(f"m{length}"), "tags": [{"key": key, "value": "1"}]})
        w.http(f"a tag key of {length} of an experiment", "POST", "experiments/create", {"name": w.name(f"e{length}"), "tags": [{"key": key, "value": "1"}]})


def long_filters(w):
    number = w.experiment("filters")
    w.http("a filter of 100 kB", "POST", "runs/search", {"experiment_ids": [number], "filter": "tags.a = '" + "x" * 100_000 + "'"}, show=lambda b: len(b.get("runs", [])))
    w.http("an IN of 2000", "POST", "runs/search", {"experiment_ids": [number], "filter": "run_id IN (" + ", ".join(f"'{i:032d}'" for i in range(2000)) + ")"}, show=lambda b: len(b.get("runs", [])))
    w.http("500 experiments", "POST", "runs/search", {"experiment_ids": [number] * 500}, show=lambda b: len(b.get("runs", [])))


FLOWS = [values, keys, long_filters]
