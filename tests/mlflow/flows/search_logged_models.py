"""`search_logged_models`: filters, orders, pages."""

import time

from mlflow.entities import Metric

from watch.tables import filters, orders, pages


def _made(w):
    def make():
        number = w.experiment("searched")
        run = w.run(number, "r")
        rows = [("alpha", {"lr": "0.1"}, {"team": "red"}, [("loss", 0.5, "fd001", "d1"), ("acc", 0.9, None, None)]),
                ("Beta", {"lr": "0.2"}, {"team": "Red"}, [("loss", 0.3, "fd001", "d1"), ("loss", 0.9, "fd002", "d2")]),
                ("gamma_1", {}, {}, [("loss", float("nan"), None, None)]),
                ("delta-2", {"a.b": "dot", "with space": "x"}, {"team": "blue", "a.b": "dot"}, [])]
        for place, (name, params, tags, metrics) in enumerate(rows):
            model = w.client.create_logged_model(number, name=name, source_run_id=run if place < 2 else None, params=params, tags=tags, model_type="t" if place == 0 else None).model_id
            for step, (key, value, dataset, digest) in enumerate(metrics):
                w.client.log_batch(run, metrics=[Metric(key, value, 10, step, model_id=model, dataset_name=dataset, dataset_digest=digest)])
            if place < 3:
                w.client.finalize_logged_model(model, "READY" if place < 2 else "FAILED")
            w.shared[f"model {name}"] = model
            time.sleep(0.003)
        return number
    return w.once("models", make)


def by_filter(w):
    number = _made(w)
    model = w.shared["model alpha"]
    run = w.client.get_logged_model(model).source_run_id
    filters(w, [
        "", "name = 'alpha'", "name != 'alpha'", "name LIKE '%a%'", "name LIKE 'a%'", "name ILIKE 'BETA'", "name like 'a%'", "name IN ('alpha', 'Beta')", "name NOT IN ('alpha')", "name in ('alpha')", "name LIKE 'gamma_1'", "name LIKE 'delta-2'", "attributes.name = 'alpha'", "name = \"alpha\"",
        "status = 'READY'", "status = 'PENDING'", "status = 'FAILED'", "status != 'READY'", "status = 'LOGGED_MODEL_READY'", "model_type = 't'", "model_type != 't'", f"model_id = '{model}'", f"model_id IN ('{model}')", f"attributes.model_id = '{model}'", f"source_run_id = '{run}'",
        "creation_timestamp > 0", "creation_time > 0", "last_updated_timestamp > 0", "creation_timestamp < 1000", "creation_timestamp >= 1.5",
        "params.lr = '0.1'", "params.lr != '0.1'", "params.lr LIKE '0%'", "params.`lr` = '0.1'", "params.`a.b` = 'dot'", "params.a.b = 'dot'", "params.`with space` = 'x'", "params.missing = 'x'", "params.lr IN ('0.1')",
        "tags.team = 'red'", "tags.team != 'red'", "tags.team ILIKE 'RED'", "tags.team LIKE 'r%'", "tags.`a.b` = 'dot'", "tags.missing = 'x'", "tags.team IN ('red')", "tags.team NOT IN ('red')",
        "metrics.loss < 0.4", "metrics.loss > 0", "metrics.loss = 0.5", "metrics.loss != 0.5", "metrics.acc >= 0.9", "metrics.`loss` < 0.4", "metrics.missing > 0", "metrics.loss < 0.4 AND params.lr = '0.2'", "name = 'alpha' AND tags.team = 'red' AND metrics.loss > 0.1",
        ("metric.loss < 0.4", "metric"), ("param.lr = '0.1'", "param"), ("tag.team = 'red'", "tag"), ("attribute.name = 'alpha'", "attribute"), ("attr.name = 'x'", "attr"), ("nothing = 'x'", "nothing"), ("attributes.nothing = 'x'", "nothing"), ("name > 'x'", ">"), ("name = 5",), ("name = x",), ("metrics.loss = 'x'",), ("metrics.loss LIKE '0%'", "LIKE"), ("creation_timestamp LIKE '1%'", "LIKE"),
        ("creation_timestamp = 'x'",), ("tags.team IS NULL",), ("tags.team > 'x'", ">"), ("name IN ()",), ("name = 'a' OR name = 'b'",), ("name",), ("(name = 'a')",), ("name = 'a",), ("name = 'a'; name = 'b'",), ("name = 'a' AND",), ("experiment_id = '1'",), ("datasets.name = 'x'", "datasets"), ("metrics.loss == 1", "=="), ("🚂",),
    ], lambda text: [m.name for m in w.client.search_logged_models([number], text)])


def by_dataset(w):
    number = _made(w)
    for shown, datasets, text in [("fd001", [{"dataset_name": "fd001"}], "metrics.loss < 0.4"), ("fd001 alone", [{"dataset_name": "fd001"}], None), ("with digest", [{"dataset_name": "fd001", "dataset_digest": "d1"}], "metrics.loss > 0"), ("another digest", [{"dataset_name": "fd001", "dataset_digest": "x"}], "metrics.loss > 0"),
                                  ("fd002", [{"dataset_name": "fd002"}], "metrics.loss > 0.5"), ("two", [{"dataset_name": "fd001"}, {"dataset_name": "fd002"}], "metrics.loss > 0.4"), ("nobody", [{"dataset_name": "nobody"}], None)]:
        w.see(shown, lambda: [m.name for m in w.client.search_logged_models([number], text, datasets=datasets)])
    w.http("without a name", "POST", "logged-models/search", {"experiment_ids": [number], "datasets": [{"dataset_digest": "d1"}]}, says=("dataset_name",))


def in_order(w):
    number = _made(w)
    for shown, order in [("name", [{"field_name": "name"}]), ("name descending", [{"field_name": "name", "ascending": False}]), ("creation time", [{"field_name": "creation_time"}]), ("creation_timestamp", [{"field_name": "creation_timestamp", "ascending": False}]), ("last_updated_timestamp", [{"field_name": "last_updated_timestamp"}]),
                         ("a metric", [{"field_name": "metrics.loss"}]), ("a metric descending", [{"field_name": "metrics.loss", "ascending": False}]), ("a metric of a dataset", [{"field_name": "metrics.loss", "dataset_name": "fd002"}]), ("a metric of a dataset and digest", [{"field_name": "metrics.loss", "dataset_name": "fd001", "dataset_digest": "d1"}]),
                         ("two keys", [{"field_name": "status"}, {"field_name": "name", "ascending": False}]), ("attributes.name", [{"field_name": "attributes.name"}]), ("a param", [{"field_name": "params.lr"}]), ("a tag", [{"field_name": "tags.team"}]), ("what is not there", [{"field_name": "nothing"}]), ("no field", [{"ascending": True}]),
                         ("a digest without a name", [{"field_name": "metrics.loss", "dataset_digest": "d1"}]), ("a dataset for a name", [{"field_name": "name", "dataset_name": "fd001"}]), ("none", [])]:
        w.see(shown, lambda: [m.name for m in w.client.search_logged_models([number], order_by=order)])


def in_pages(w):
    number = _made(w)
    for size in (1, 3, 50):
        w.see(f"pages of {size}", lambda: pages(lambda token: w.client.search_logged_models([number], max_results=size, page_token=token), lambda m: m.name))
    w.see("pages in an order", lambda: pages(lambda token: w.client.search_logged_models([number], order_by=[{"field_name": "name"}], max_results=3, page_token=token), lambda m: m.name))
    for size in (0, -1, 50, 51, 1000, 50001):
        w.http(f"max_results {size}", "POST", "logged-models/search", {"experiment_ids": [number], "max_results": size}, show=lambda b: len(b.get("models", [])))
    first = w.client.search_logged_models([number], max_results=1)
    w.see("another filter with the token of one", lambda: w.client.search_logged_models([number], "name = 'alpha'", max_results=1, page_token=first.token), show=lambda found: [m.name for m in found])
    for token in ["nonsense", "e30=", "!!!!", "eyJvZmZzZXQiOiAxfQ=="]:
        w.http(f"page_token {token}", "POST", "logged-models/search", {"experiment_ids": [number], "page_token": token}, show=lambda b: len(b.get("models", [])))
    w.see("no experiments", lambda: list(w.client.search_logged_models([])))
    w.see("an experiment that is not there", lambda: list(w.client.search_logged_models(["999999999"])))
    w.see("what one looks like", lambda: w.client.search_logged_models([number], "name = 'alpha'")[0])


def in_experiments(w):
    one, two = w.experiment("one"), w.experiment("two")
    for number, name in [(one, "a"), (two, "b"), (one, "c")]:
        w.client.create_logged_model(number, name=name)
        time.sleep(0.003)
    w.see("two of them", lambda: [m.name for m in w.client.search_logged_models([one, two])])
    w.see("the same twice", lambda: [m.name for m in w.client.search_logged_models([one, one])])
    w.client.delete_experiment(two)
    w.see("a deleted one", lambda: [m.name for m in w.client.search_logged_models([one, two])])
    w.http("not a number", "POST", "logged-models/search", {"experiment_ids": ["abc"]}, says=("abc",))


FLOWS = [by_filter, by_dataset, in_order, in_pages, in_experiments]
