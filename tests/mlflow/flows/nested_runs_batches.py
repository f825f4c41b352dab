"""Nested runs through the fluent interface; batches at and over their limits."""

import mlflow
from mlflow.entities import Metric, Param, RunTag


def nested(w):
    mlflow.set_experiment(w.name("fluent"))
    number = mlflow.get_experiment_by_name(w.name("fluent")).experiment_id
    with mlflow.start_run(run_name="parent", tags={"t": "1"}, description="the **parent**") as parent:
        mlflow.log_param("depth", 0)
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_params({"depth": 1, "lr": 0.1})
            mlflow.log_metrics({"loss": 0.5, "acc": 0.9}, step=3)
            with mlflow.start_run(run_name="grandchild", nested=True) as grandchild:
                mlflow.log_metric("loss", 0.25)
                mlflow.set_tags({"a": 1, "b": "two"})
    w.see("the parent", lambda: w.client.get_run(parent.info.run_id), show=_shape)
    w.see("the child", lambda: w.client.get_run(child.info.run_id), show=_shape)
    w.see("the grandchild", lambda: w.client.get_run(grandchild.info.run_id), show=_shape)
    w.see("parent of the child", lambda: w.client.get_parent_run(child.info.run_id).info.run_name)
    w.see("parent of the parent", lambda: w.client.get_parent_run(parent.info.run_id))
    w.see("children by tag", lambda: [r.info.run_name for r in w.client.search_runs([number], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")])
    w.see("runs without a parent", lambda: [r.info.run_name for r in w.client.search_runs([number], "tags.mlflow.parentRunId IS NULL")])
    w.see("a failure within", lambda: _failing(w))
    w.see("its status", lambda: w.client.search_runs([number], "run_name = 'failing'")[0].info.status)
    with mlflow.start_run(run_id=parent.info.run_id):
        mlflow.log_metric("later", 1)
    w.see("resumed", lambda: w.client.get_run(parent.info.run_id), show=lambda r: [r.info.status, r.data.metrics])
    w.see("set_experiment again", lambda: mlflow.set_experiment(w.name("fluent")).experiment_id == number)
    w.client.delete_experiment(number)
    w.see("set_experiment when deleted", lambda: mlflow.set_experiment(w.name("fluent")), says=(w.name("fluent"),))
    mlflow.set_experiment(experiment_id="0")


def _failing(w):
    with mlflow.start_run(run_name="failing"):
        raise ValueError("on purpose")


def _shape(run):
    return {"info": {k: v for k, v in dict(run.info).items() if k not in ("artifact_uri", "run_id")}, "metrics": run.data.metrics, "params": run.data.params, "tags": run.data.tags}


def batches(w):
    client, run = w.client, w.run(w.experiment("batches"), "r")
    metrics = [Metric(f"m{i}", float(i), 1, 0) for i in range(1001)]
    params = [Param(f"p{i}", str(i)) for i in range(101)]
    tags = [RunTag(f"t{i}", str(i)) for i in range(101)]

    def counts():
        data = client.get_run(run).data
        return [len(data.metrics), len(data.params), len(data.tags)]

    def send(name, m, p, t, says=()):
        body = {"run_id": run, "metrics": [dict(x) for x in m], "params": [dict(x) for x in p], "tags": [dict(x) for x in t]}
        for metric in body["metrics"]:
            for key in ("model_id", "dataset_name", "dataset_digest", "run_id"):
                metric.pop(key, None)
        w.http(name, "POST", "runs/log-batch", body, says=says)

    send("nothing", [], [], [])
    send("1000 metrics", metrics[:1000], [], [])
    send("1001 metrics", metrics, [], [], says=("1000", "1001"))
    send("100 params", [], params[:100], [])
    send("101 params", [], params, [], says=("100", "101"))
    send("100 tags", [], [], tags[:100])
    send("101 tags", [], [], tags, says=("100", "101"))
    send("1000 together", metrics[:800], params[:100], tags[:100])
    send("1001 together", metrics[:801], params[:100], tags[:100], says=("1000", "1001"))
    w.see("counts", counts)
    w.see("the client cuts a long list", lambda: client.log_batch(run, metrics=[Metric(f"n{i}", 1.0, 1, 0) for i in range(1500)], params=[Param(f"q{i}", "1") for i in range(150)], tags=[RunTag(f"u{i}", "1") for i in range(150)]))
    w.see("counts after", counts)
    w.see("mlflow.log_params of 250", lambda: client.log_batch(run, params=[Param(f"r{i}", "1") for i in range(250)]))
    w.see("counts at last", counts)
    w.http("a batch over a million bytes", "POST", "runs/log-batch", {"run_id": run, "tags": [{"key": f"big{i}", "value": "v" * 8000} for i in range(99)], "params": [{"key": f"big{i}", "value": "v" * 6000} for i in range(50)]}, says=("1000000",))
    w.http("a metric twice at one step", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "twice", "value": v, "timestamp": 1, "step": 0} for v in (1, 2, 2)]})
    w.see("its history", lambda: [m.value for m in client.get_metric_history(run, "twice")])
    w.http("a tag twice", "POST", "runs/log-batch", {"run_id": run, "tags": [{"key": "tt", "value": "1"}, {"key": "tt", "value": "2"}]})
    w.see("the last counts", lambda: client.get_run(run).data.tags["tt"])
    w.http("one bad param spoils the batch", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "spoilt", "value": 1, "timestamp": 1}], "params": [{"key": "p0", "value": "other"}], "tags": [{"key": "spoilt", "value": "1"}]}, says=("p0", "other"))
    w.see("nothing of it is kept", lambda: ["spoilt" in client.get_run(run).data.metrics, "spoilt" in client.get_run(run).data.tags])


FLOWS = [nested, batches]
