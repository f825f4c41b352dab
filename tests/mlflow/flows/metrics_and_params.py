"""Metrics and their histories; parameters."""

import math

from mlflow.entities import Metric, Param

HUGE = 1.7976931348623157e308


def _points(metrics):
    return [[m.value, m.step, m.timestamp] for m in metrics]


def the_last_value(w):
    number = w.experiment("last")
    run = w.run(number, "r")
    cases = {
        "by step": [(1.0, 10, 5), (2.0, 20, 3)],
        "by time in one step": [(1.0, 20, 1), (2.0, 10, 1)],
        "by value in one moment": [(1.0, 10, 1), (3.0, 10, 1), (2.0, 10, 1)],
        "a negative step": [(1.0, 10, -5), (2.0, 20, -9)],
        "NaN after a number": [(1.0, 10, 1), (math.nan, 10, 1)],
        "a number after NaN": [(math.nan, 10, 1), (1.0, 10, 1)],
        "NaN at a later step": [(1.0, 10, 1), (math.nan, 10, 2)],
        "infinity": [(math.inf, 10, 1), (HUGE, 10, 1)],
        "minus infinity": [(-math.inf, 10, 1), (-HUGE, 10, 1)],
        "the same twice": [(1.0, 10, 1), (1.0, 10, 1)],
    }
    for key, points in cases.items():
        for value, time, step in points:
            w.client.log_metric(run, key, value, timestamp=time, step=step)
        w.see(f"{key}: last", lambda: w.client.get_run(run).data.metrics[key])
        w.see(f"{key}: history", lambda: _points(w.client.get_metric_history(run, key)))
    batch = [Metric("in a batch", v, t, s) for v, t, s in [(1.0, 10, 1), (5.0, 10, 3), (2.0, 20, 2), (5.0, 10, 3)]]
    w.see("a batch", lambda: w.client.log_batch(run, metrics=batch))
    w.see("in a batch: last", lambda: w.client.get_run(run).data.metrics["in a batch"])
    w.see("in a batch: history", lambda: _points(w.client.get_metric_history(run, "in a batch")))
    w.http("the last point on the wire", "GET", f"runs/get?run_id={run}", show=lambda b: sorted(([m["key"], m["value"], m["timestamp"], m.get("step")] for m in b["run"]["data"]["metrics"]), key=str))


def values(w):
    number = w.experiment("values")
    run = w.run(number, "r")
    for name, value in [("zero", 0.0), ("minus zero", -0.0), ("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("huge", HUGE), ("tiny", 5e-324),
                        ("-huge", -HUGE), ("third", 1 / 3), ("int", 7), ("big int", 2**53 + 1), ("bool", True)]:
        w.see(f"log {name}", lambda: w.client.log_metric(run, f"v {name}", value, timestamp=1, step=0))
        w.see(f"read {name}", lambda: [w.client.get_run(run).data.metrics[f"v {name}"], _points(w.client.get_metric_history(run, f"v {name}"))])

    def body(value, **more):
        return {"run_id": run, "key": "wire", "value": value, "timestamp": 1, **more}

    for name, value in [("NaN", "NaN"), ("Infinity", "Infinity"), ("-Infinity", "-Infinity"), ("a number in a string", "1.5"), ("text", "high"), ("null", None),
                        ("true", True), ("a list", [1]), ("an object", {}), ("empty", "")]:
        w.http(f"value {name}", "POST", "runs/log-metric", body(value), says=("value",))
    w.http("value left out", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "timestamp": 1}, says=("value",))
    w.http("value is bare NaN", "POST", "runs/log-metric", raw=b'{"run_id":"%s","key":"bare","value":NaN,"timestamp":1}' % run.encode(), headers={"Content-Type": "application/json"})
    w.http("value is 1e999", "POST", "runs/log-metric", raw=b'{"run_id":"%s","key":"1e999","value":1e999,"timestamp":1}' % run.encode(), headers={"Content-Type": "application/json"})
    w.http("timestamp left out", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1}, says=("timestamp",))
    w.http("timestamp is text", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1, "timestamp": "now"}, says=("timestamp", "now"))
    w.http("timestamp in a string", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1, "timestamp": "12"})
    w.http("timestamp is negative", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1, "timestamp": -1}, says=("timestamp", "-1"))
    w.http("timestamp is 1.5", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1, "timestamp": 1.5}, says=("timestamp",))
    w.http("timestamp beyond 64 bits", "POST", "runs/log-metric", {"run_id": run, "key": "wire", "value": 1, "timestamp": 2**63})
    w.http("step is text", "POST", "runs/log-metric", body(1, step="first"), says=("step", "first"))
    w.http("step is 1.5", "POST", "runs/log-metric", body(1, step=1.5), says=("step",))
    w.http("step is huge", "POST", "runs/log-metric", body(1, step=2**63 - 1))
    w.http("step beyond 64 bits", "POST", "runs/log-metric", body(1, step=2**63))
    w.http("no key", "POST", "runs/log-metric", {"run_id": run, "value": 1, "timestamp": 1}, says=("key",))
    w.http("no run", "POST", "runs/log-metric", {"key": "k", "value": 1, "timestamp": 1}, says=("run_id",))


def history_in_pages(w):
    number = w.experiment("history")
    run = w.run(number, "r")
    w.client.log_batch(run, metrics=[Metric("m", float(i), 1000 - i, i) for i in range(25)])
    w.see("all of it", lambda: [m.step for m in w.client.get_metric_history(run, "m")])
    w.see("of a key that is not there", lambda: list(w.client.get_metric_history(run, "none")))

    def page(token, size):
        query = f"metrics/get-history?run_id={run}&metric_key=m&max_results={size}" + (f"&page_token={token}" if token else "")
        return w.http(f"a page of {size}{', next' if token else ''}", "GET", query, show=lambda b: [[m.get("step", 0) for m in b.get("metrics", [])], bool(b.get("next_page_token"))])

    answer = page(None, 10)
    for _ in range(3):
        token = (answer.json() or {}).get("next_page_token") if answer else None
        if token:
            answer = page(token, 10)
    page(None, 25)
    for size in (0, -1, 25000, 25001, "x"):
        w.http(f"max_results {size}", "GET", f"metrics/get-history?run_id={run}&metric_key=m&max_results={size}", show=lambda b: len(b.get("metrics", [])))
    w.http("a made-up token", "GET", f"metrics/get-history?run_id={run}&metric_key=m&max_results=5&page_token=nonsense")
    w.http("no key", "GET", f"metrics/get-history?run_id={run}", says=("metric_key",))
    w.http("no run", "GET", "metrics/get-history?metric_key=m", says=("run_id",))
    w.http("run_uuid", "GET", f"metrics/get-history?run_uuid={run}&metric_key=m", show=lambda b: len(b["metrics"]))


def history_in_bulk(w):
    number = w.experiment("bulk")
    one, two = w.run(number, "one"), w.run(number, "two")
    for run, factor in ((one, 1), (two, 2)):
        w.client.log_batch(run, metrics=[Metric("m", float(i * factor), i, i) for i in range(10)])
    base = "/ajax-api/2.0/mlflow/metrics"
    runs = f"run_ids={one}&run_ids={two}"
    each = f"run_id={one}&run_id={two}"
    w.http("bulk", "GET", f"{base}/get-history-bulk?{each}&metric_key=m", show=lambda b: sorted([m["run_id"] == one, m["value"], m["step"]] for m in b["metrics"]))
    w.http("bulk, the first 3 of one", "GET", f"{base}/get-history-bulk?run_id={one}&metric_key=m&max_results=3", show=lambda b: [m["value"] for m in b["metrics"]])
    w.http("bulk without runs", "GET", f"{base}/get-history-bulk?metric_key=m", says=("run_id",))
    w.http("bulk without a key", "GET", f"{base}/get-history-bulk?{each}", says=("metric_key",))
    w.http("interval", "GET", f"{base}/get-history-bulk-interval?{runs}&metric_key=m&max_results=3", show=lambda b: sorted([m["run_id"] == one, m["value"], m.get("step", 0)] for m in b["metrics"]))
    w.http("interval with bounds", "GET", f"{base}/get-history-bulk-interval?run_ids={one}&metric_key=m&max_results=10&start_step=3&end_step=5", show=lambda b: [m["value"] for m in b["metrics"]])


def params(w):
    number = w.experiment("params")
    run = w.run(number, "r")
    for key, value in [("lr", "0.1"), ("lr", "0.1"), ("number", 5), ("none", None), ("empty", ""), ("größe", "✓ 雪"), ("with space", " x "), ("a/b.c:d-e_f", "1"), ("lines", "a\nb")]:
        w.see(f"log {key!r} = {value!r}", lambda: w.client.log_param(run, key, value))
    w.see("another value", lambda: w.client.log_param(run, "lr", "0.2"), says=("lr", "0.1", "0.2"))
    w.see("the value stays", lambda: w.client.get_run(run).data.params["lr"])
    w.see("a batch with the same value", lambda: w.client.log_batch(run, params=[Param("lr", "0.1"), Param("new", "1")]))
    w.see("a batch with another value", lambda: w.client.log_batch(run, params=[Param("lr", "0.3"), Param("newer", "1")]), says=("lr", "0.1", "0.3"))
    w.http("one key twice in a batch", "POST", "runs/log-batch", {"run_id": run, "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]}, says=("d",))
    w.see("params", lambda: w.client.get_run(run).data.params)
    w.http("value left out", "POST", "runs/log-parameter", {"run_id": run, "key": "left out"})
    w.http("a value that is a number", "POST", "runs/log-parameter", {"run_id": run, "key": "k", "value": 5}, says=("value", "5"))
    w.http("no key", "POST", "runs/log-parameter", {"run_id": run, "value": "1"}, says=("key",))
    w.http("no run", "POST", "runs/log-parameter", {"key": "k", "value": "1"}, says=("run_id",))


def keys(w):
    number = w.experiment("keys")
    run = w.run(number, "r")
    for key in ["..", "a/../b", "/abs", "./x", "a//b", "a/", "a\\b", "a*b", "a\tb", "a\nb", "~x", "a%2fb", "[0]", "x" * 250, "x" * 251, " ", ".", "a/..", "ключ", "a:b", "a@b", "é"]:
        shown = key if len(key) < 20 else f"{len(key)} x"
        w.http(f"metric {shown!r}", "POST", "runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1})
        w.http(f"param {shown!r}", "POST", "runs/log-parameter", {"run_id": run, "key": key, "value": "1"})
        w.http(f"tag {shown!r}", "POST", "runs/set-tag", {"run_id": run, "key": key, "value": "1"})
    w.http("the message names the key", "POST", "runs/log-metric", {"run_id": run, "key": "bad*key", "value": 1, "timestamp": 1}, says=("bad*key",))
    w.http("the message of a batch names the place", "POST", "runs/log-batch", {"run_id": run, "metrics": [{"key": "ok", "value": 1, "timestamp": 1}, {"key": "bad*key", "value": 1, "timestamp": 1}]}, says=("metrics[1]", "bad*key"))
    w.see("nothing of a refused batch is kept", lambda: "ok" in w.client.get_run(run).data.metrics)


FLOWS = [the_last_value, values, history_in_pages, history_in_bulk, params, keys]
