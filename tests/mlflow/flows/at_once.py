"""Many clients at once: nothing is lost, and one of many wins."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from mlflow.entities import Metric, Param


def _all(work, items):
    def one(item):
        for _ in range(8):  # MLflow's own server refuses with BAD_REQUEST when two of its transactions meet
            try:
                return work(item) or "done"
            except Exception as error:
                code = getattr(error, "error_code", None) or type(error).__name__
                if code != "BAD_REQUEST":
                    break
        return code

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, items))


def _outcomes(work, items):
    return dict(Counter(_all(lambda item: work(item) and None, items)))


def one_name(w):
    w.see("one experiment", lambda: _outcomes(lambda _: w.client.create_experiment(w.name("e")), range(8)))
    w.see("one model", lambda: _outcomes(lambda _: w.client.create_registered_model(w.name("m")), range(8)))


def versions(w):
    w.client.create_registered_model(w.name("v"))
    w.source()
    w.see("numbers", lambda: sorted(_all(lambda _: int(w.version(w.name("v")).version), range(24)), key=str))
    w.see("in the registry", lambda: sorted(int(v.version) for v in w.client.search_model_versions(f"name = '{w.name('v')}'")))


def one_run(w):
    run = w.run(w.experiment("run"), "r")
    w.see("metrics", lambda: _outcomes(lambda i: w.client.log_metric(run, "m", float(i), timestamp=i, step=i), range(100)))
    w.see("all are there", lambda: len(w.client.get_metric_history(run, "m")))
    w.see("the last", lambda: w.client.get_run(run).data.metrics["m"])
    w.see("batches", lambda: _outcomes(lambda i: w.client.log_batch(run, metrics=[Metric(f"b{i}", 1.0, 1, 0)], params=[Param(f"p{i}", "1")]), range(40)))
    w.see("of all of them", lambda: [len(w.client.get_run(run).data.params), len(w.client.get_run(run).data.metrics)])
    w.see("one param, one value", lambda: _outcomes(lambda _: w.client.log_param(run, "same", "1") and None, range(8)))
    w.see("one param, many values", lambda: _outcomes(lambda i: w.client.log_param(run, "other", str(i)) and None, range(8)))
    w.see("tags", lambda: _outcomes(lambda i: w.client.set_tag(run, "t", str(i)), range(20)))
    w.see("one is left", lambda: w.client.get_run(run).data.tags["t"] in {str(i) for i in range(20)})


def one_alias(w):
    name = w.name("a")
    w.client.create_registered_model(name)
    for _ in range(4):
        w.version(name)
    w.see("moves", lambda: _outcomes(lambda i: w.client.set_registered_model_alias(name, "champion", str(i % 4 + 1)), range(24)))
    w.see("it points at one", lambda: len([v for v in range(1, 5) if "champion" in w.client.get_model_version(name, str(v)).aliases]))
    w.see("stages", lambda: _outcomes(lambda i: w.client.transition_model_version_stage(name, str(i % 4 + 1), "Production", archive_existing_versions=True) and None, range(12)))
    w.see("one is in production", lambda: len(w.client.get_latest_versions(name, ["Production"])))


FLOWS = [one_name, versions, one_run, one_alias]
