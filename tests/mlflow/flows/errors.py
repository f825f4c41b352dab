"""Malformed requests: what the status and the error code are, and what the message names."""

JSON = {"Content-Type": "application/json"}


def bodies(w):
    number = w.experiment("bodies")
    run = w.run(number, "r")
    for name, raw in [("no JSON", b"this is no JSON"), ("half of it", b'{"experiment_id": "'), ("an array", b"[]"), ("an array of objects", b'[{"name": "x"}]'), ("a string", b'"text"'), ("a number", b"5"), ("null", b"null"), ("empty", b""),
                      ("true", b"true"), ("not UTF-8", b'{"name": "\xff\xfe"}'), ("JSON in a string", b'"{}"'), ("a comment", b"/* x */ {}"), ("two objects", b"{} {}"), ("a BOM", b"\xef\xbb\xbf{}"), ("a NUL", b'{"name": "a\x00b"}')]:
        for path in ("runs/search", "experiments/create", "runs/log-batch"):
            w.http(f"{path}: {name}", "POST", path, raw=raw, headers=JSON)
    w.http("deeply nested", "POST", "runs/search", raw=b'{"filter":' + b"[" * 5000 + b"]" * 5000 + b"}", headers=JSON)
    w.http("a key twice", "POST", "experiments/create", raw=b'{"name": "%s", "name": "%s"}' % (w.name("first").encode(), w.name("second").encode()), headers=JSON)
    w.see("the second counts", lambda: w.client.get_experiment_by_name(w.name("second")) is not None)
    w.http("a field nobody knows", "POST", "runs/set-tag", {"run_id": run, "key": "k", "value": "v", "nobody": 1})
    w.http("a name in camel case", "POST", "runs/set-tag", {"runId": run, "key": "k", "value": "v"})
    w.http("both spellings", "POST", "runs/set-tag", {"run_id": run, "runId": run, "key": "k", "value": "v"})
    for content in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "application/JSON", "multipart/form-data", ""]:
        w.http(f"Content-Type {content!r}", "POST", "runs/search", raw=b'{"experiment_ids": ["%s"]}' % number.encode(), headers={"Content-Type": content} if content else {})
    w.http("no Content-Type", "POST", "runs/search", raw=b'{"experiment_ids": ["%s"]}' % number.encode())


def wrong_types(w):
    number = w.experiment("types")
    run = w.run(number, "r")
    cases = [
        ("runs/log-metric", {"run_id": run, "key": "m", "value": "a string", "timestamp": 1}, ("value", "a string")),
        ("runs/log-metric", {"run_id": 5, "key": "m", "value": 1, "timestamp": 1}, ("run_id", "5")),
        ("runs/log-metric", {"run_id": run, "key": 5, "value": 1, "timestamp": 1}, ("key", "5")),
        ("runs/log-metric", {"run_id": run, "key": None, "value": 1, "timestamp": 1}, ("key",)),
        ("runs/log-batch", {"run_id": run, "metrics": {"a": 1}}, ("metrics",)),
        ("runs/log-batch", {"run_id": run, "metrics": "x"}, ("metrics", "x")),
        ("runs/log-batch", {"run_id": run, "metrics": [5]}, ("metrics",)),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": "high", "timestamp": 1}]}, ("metrics", "high")),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "timestamp": 1}]}, ("metrics", "value")),
        ("runs/log-batch", {"run_id": run, "metrics": [{"value": 1, "timestamp": 1}]}, ("metrics", "key")),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": 1}]}, ("metrics", "timestamp")),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": None, "timestamp": 1}]}, ("metrics", "value")),
        ("runs/log-batch", {"run_id": run, "params": [{"value": "1"}]}, ("params", "key")),
        ("runs/log-batch", {"run_id": run, "params": [{"key": "p"}]}, ()),
        ("runs/log-batch", {"run_id": run, "params": [{"key": "p", "value": 5}]}, ("params",)),
        ("runs/log-batch", {"run_id": run, "tags": [{"value": "1"}]}, ("tags", "key")),
        ("runs/log-batch", {"run_id": run, "tags": [{"key": "t", "value": 1}]}, ("tags",)),
        ("runs/log-batch", {"run_id": run, "tags": None}, ()),
        ("runs/log-batch", {"metrics": []}, ("run_id",)),
        ("runs/create", {"experiment_id": 5.5}, ("experiment_id", "5.5")),
        ("runs/create", {"experiment_id": [number]}, ("experiment_id",)),
        ("runs/search", {"experiment_ids": [number], "order_by": [5]}, ("order_by",)),
        ("runs/search", {"experiment_ids": [number], "page_token": 5}, ("page_token", "5")),
        ("runs/search", {"experiment_ids": [number], "max_results": 1.5}, ("max_results",)),
        ("runs/search", {"experiment_ids": [number], "max_results": [1]}, ("max_results",)),
        ("runs/search", {"experiment_ids": [number], "run_view_type": []}, ("run_view_type",)),
        ("runs/delete", {"run_id": ["x"]}, ("run_id",)),
        ("runs/delete", {}, ("run_id",)),
        ("runs/restore", {}, ("run_id",)),
        ("experiments/delete", {"experiment_id": []}, ("experiment_id",)),
        ("experiments/delete", {}, ("experiment_id",)),
        ("experiments/restore", {}, ("experiment_id",)),
        ("experiments/update", {"new_name": "x"}, ("experiment_id",)),
        ("registered-models/create", {"name": 5}, ("name", "5")),
        ("registered-models/create", {"name": w.name("m"), "tags": [{"key": 5, "value": "1"}]}, ("tags",)),
        ("model-versions/create", {"name": w.name("m")}, ("source",)),
        ("model-versions/create", {"source": "x"}, ("name",)),
        ("model-versions/transition-stage", {"name": w.name("m"), "version": "1"}, ("stage",)),
        ("registered-models/alias", {"name": w.name("m"), "alias": "a"}, ("version",)),
        ("logged-models", {}, ("experiment_id",)),
        ("logged-models/search", {"experiment_ids": 5}, ("experiment_ids",)),
        ("logged-models/search", {}, ("experiment_ids",)),
    ]
    for path, body, says in cases:
        shown = ", ".join(f"{k}: {v!r}" for k, v in body.items() if v != run).replace(f"'{number}'", "an id")
        w.http(f"{path} {{{shown}}}", "POST", path, body, says=says)


def missing_in_queries(w):
    for path in ["experiments/get", "experiments/get-by-name", "runs/get", "metrics/get-history", "artifacts/list", "registered-models/get", "registered-models/alias", "registered-models/alias?name=x", "model-versions/get", "model-versions/get?name=x",
                 "model-versions/get?name=x&version=abc", "model-versions/get-download-uri", "model-versions/search?max_results=x", "registered-models/search?max_results=x", "experiments/get?experiment_id=", "experiments/get?experiment_id=1&experiment_id=2"]:
        w.http(path, "GET", path)
    for method, path in [("DELETE", "registered-models/delete"), ("DELETE", "model-versions/delete"), ("DELETE", "registered-models/alias"), ("DELETE", "registered-models/delete-tag"), ("DELETE", "model-versions/delete-tag"), ("PATCH", "registered-models/update"), ("PATCH", "model-versions/update"), ("POST", "registered-models/rename"), ("POST", "registered-models/set-tag"), ("POST", "model-versions/set-tag"), ("POST", "registered-models/get-latest-versions")]:
        w.http(f"{method} {path} {{}}", method, path, {})


def endpoints(w):
    for method, path in [("GET", "/api/2.0/mlflow/nothing"), ("POST", "/api/2.0/mlflow/runs/nothing"), ("GET", "/api/2.0/nothing"), ("GET", "/api/9.0/mlflow/runs/get"), ("POST", "/api/2.0/mlflow/"), ("GET", "/api/2.0/mlflow/experiments/get/"), ("POST", "/api/2.0/mlflow//runs/search"),
                         ("GET", "/api/2.0/mlflow/runs/create"), ("DELETE", "/api/2.0/mlflow/runs/search"), ("PUT", "/api/2.0/mlflow/runs/create"), ("PATCH", "/api/2.0/mlflow/experiments/create"), ("POST", "/api/2.0/mlflow/runs/get"), ("BREW", "/api/2.0/mlflow/runs/get"), ("HEAD", "/api/2.0/mlflow/experiments/get?experiment_id=0"),
                         ("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0"), ("GET", "/ajax-api/2.0/mlflow/experiments/get?experiment_id=0"), ("GET", "/api/2.0/mlflow/EXPERIMENTS/get?experiment_id=0"), ("GET", "/api/2.0/mlflow/experiments/list"), ("GET", "/health"), ("GET", "/version")]:
        w.http(f"{method} {path}", method, path)


FLOWS = [bodies, wrong_types, missing_in_queries, endpoints]
