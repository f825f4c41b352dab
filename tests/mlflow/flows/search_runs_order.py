"""`search_runs`: order, pages, views and experiments."""

from mlflow.entities import ViewType

from flows.search_runs import made, search
from watch.tables import orders, pages


def in_order(w):
    made(w)
    orders(w, [
        ["metrics.loss"], ["metrics.loss ASC"], ["metrics.loss DESC"], ["metrics.loss desc"], ["metric.loss ASC"], ["metrics.`loss` ASC"], ["metrics.\"loss\" ASC"], ["metrics.acc DESC"], ["metrics.acc ASC", "metrics.loss ASC"],
        ["metrics.missing ASC"], ["metrics.`m 1` DESC"], ["params.lr ASC"], ["params.lr DESC"], ["param.model"], ["parameters.model DESC"], ["params.`with space`"], ["tags.team ASC"], ["tags.team DESC"], ["tag.team", "params.lr DESC"],
        ["attributes.start_time DESC"], ["attribute.start_time ASC"], ["start_time DESC"], ["start_time"], ["attributes.end_time ASC"], ["end_time DESC"], ["attributes.status", "start_time ASC"], ["status DESC", "start_time DESC"],
        ["run_name ASC"], ["attributes.run_name DESC"], ["attributes.`Run Name` ASC"], ["Created DESC"], ["attributes.created ASC"], ["user_id ASC", "start_time ASC"],
        (["attributes.nothing ASC"], "nothing"), (["nothing"],), (["metrics.loss UP"],), (["metrics.loss ASC DESC"],), (["metrics.loss, metrics.acc"],), ([""],), (["5"],), (["loss"], "loss"), (["datasets.name"],), (["things.x"], "things"), (["metrics.loss > 0"],), (["metrics.loss ASC; DROP TABLE runs"],), (["metrics."],), (["'metrics.loss'"],), (["lifecycle_stage"],),
    ], lambda order: [r.info.run_name for r in w.client.search_runs([made(w)], order_by=order)])
    w.http("order_by is a string", "POST", "runs/search", {"experiment_ids": [made(w)], "order_by": "start_time"}, show=lambda b: [r["info"]["run_name"] for r in b["runs"]])
    w.see("ties go by start time, the newest first", lambda: [r.info.run_name for r in w.client.search_runs([made(w)], order_by=["metrics.none"])])


def ties(w):
    number = w.experiment("ties")
    for _ in range(6):
        w.client.create_run(number, start_time=1000)
    w.see("equal start times go by run id", lambda: [r.info.run_id for r in w.client.search_runs([number])],
          show=lambda ids: ids == sorted(ids) and len(ids) == 6)
    w.see("by artifact_uri", lambda: [r.info.artifact_uri for r in w.client.search_runs([number], order_by=["artifact_uri DESC"])], show=lambda uris: uris == sorted(uris, reverse=True))
    w.see("descending too", lambda: [r.info.run_id for r in w.client.search_runs([number], order_by=["start_time DESC"])], show=lambda ids: ids == sorted(ids))


def in_pages(w):
    number = made(w)

    def fetch(size, **options):
        return lambda token: w.client.search_runs([number], max_results=size, page_token=token, **options)

    for size in (1, 3, 7, 8, 1000):
        w.see(f"pages of {size}", lambda: pages(fetch(size), lambda r: r.info.run_name))
    w.see("pages in an order", lambda: pages(fetch(3, order_by=["metrics.loss DESC"]), lambda r: r.info.run_name))
    w.see("pages of a filter", lambda: pages(fetch(2, filter_string="metrics.loss > 0"), lambda r: r.info.run_name))
    for size in (0, -1, 50000, 50001, 2**40):
        w.http(f"max_results {size}", "POST", "runs/search", {"experiment_ids": [number], "max_results": size}, says=("max_results",), show=lambda b: len(b.get("runs", [])))
    w.http("max_results is a string", "POST", "runs/search", {"experiment_ids": [number], "max_results": "many"}, says=("max_results", "many"))
    w.http("max_results left out", "POST", "runs/search", {"experiment_ids": [number]}, show=lambda b: len(b["runs"]))
    for token in ["nonsense", "eyJvZmZzZXQiOiAieCJ9", "eyJvZmZzZXQiOiAtMX0=", "e30=", "!!!!", "eyJvZmZzZXQiOiA5OTk5fQ==", "W10=", "🚂", "a", "eyJvZmZzZXQiOiAxLjV9"]:
        w.http(f"page_token {token}", "POST", "runs/search", {"experiment_ids": [number], "max_results": 5, "page_token": token}, show=lambda b: len(b.get("runs", [])))


def in_views(w):
    number = made(w)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        w.see(ViewType.to_string(view), lambda: search(w, "", run_view_type=view))
    for view in ["ALL", "NOBODY", 9]:
        w.http(f"run_view_type {view!r}", "POST", "runs/search", {"experiment_ids": [number], "run_view_type": view}, show=lambda b: len(b.get("runs", [])))


def in_experiments(w):
    one, two, three = (w.experiment(name) for name in ("one", "two", "three"))
    for place, number in enumerate([one, two, one, three]):
        w.client.create_run(number, start_time=1000 * place, run_name=f"r{place}")

    def found(numbers):
        return [r.info.run_name for r in w.client.search_runs(numbers)]

    w.see("two of them", lambda: found([one, two]))
    w.see("none", lambda: found([]))
    w.see("the same twice", lambda: found([one, one]))
    w.see("one that is not there", lambda: found([one, "999999999"]))
    w.client.delete_experiment(two)
    w.see("a deleted one", lambda: found([one, two]))
    w.see("a deleted one, all runs", lambda: [r.info.run_name for r in w.client.search_runs([one, two], run_view_type=ViewType.ALL)])
    w.http("left out", "POST", "runs/search", {}, show=lambda b: len(b.get("runs", [])))
    w.http("a number", "POST", "runs/search", {"experiment_ids": [int(one)]})
    w.http("not a number", "POST", "runs/search", {"experiment_ids": ["abc"]}, says=("abc",))
    w.http("not a list", "POST", "runs/search", {"experiment_ids": one}, says=("experiment_ids",))
    w.http("an empty id", "POST", "runs/search", {"experiment_ids": [""]})


FLOWS = [in_order, ties, in_pages, in_views, in_experiments]
