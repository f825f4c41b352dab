"""`search_experiments`: the filter grammar, order, pages and views."""

from mlflow.entities import ViewType

from watch.tables import filters, orders, pages


def _made(w):
    def make():
        for name, tags in [("alpha", {"team": "red", "size": "1"}), ("Beta", {"team": "Red"}), ("gamma", {"a.b": "dot", "with space": "x y"}),
                           ("delta_1", {"team": "blue"}), ("delta%2", {"größe": "✓", "quoted": "it's"})]:
            w.experiment(name, tags=tags)
        gone = w.experiment("omega", tags={"team": "red"})
        w.client.delete_experiment(gone)
        return True
    w.once("made", make)


def _search(w, text=None, order=None, **options):
    mine = f"name LIKE '{w.prefix}%'"
    found = w.client.search_experiments(filter_string=f"{mine} AND {text}" if text else mine, order_by=order, **options)
    return [e.name for e in found]


def by_filter(w):
    _made(w)
    n = w.name
    filters(w, [
        "", f"name = '{n('alpha')}'", f"attribute.name = '{n('alpha')}'", f"name != '{n('alpha')}'", f"name == '{n('alpha')}'",
        f"name LIKE '{n('delta')}%'", "name LIKE '%BETA'", "name ILIKE '%BETA'", "name ilike '%beta'", "name like '%a'",
        "name LIKE '%delta_1'", "name LIKE '%delta%2'", "name LIKE '%delta\\%2'",
        f"name IN ('{n('alpha')}', '{n('gamma')}')", f"name NOT IN ('{n('alpha')}')",
        "tags.team = 'red'", "tag.team = 'red'", "tags.team != 'red'", "tags.team LIKE 'r%'", "tags.team ILIKE 'R%'",
        "tags.team = \"red\"", "tags.`team` = 'red'", "tags.\"team\" = 'red'", "tags.'team' = 'red'",
        "tags.`a.b` = 'dot'", "tags.a.b = 'dot'", "tags.\"a.b\" = 'dot'", "tags.`with space` = 'x y'", "tags.`größe` = '✓'", "tags.größe = '✓'",
        "tags.team IS NULL", "tags.team IS NOT NULL", "tags.team is null", "tags.team IN ('red')", "tags.missing = 'x'", "tags.missing != 'x'",
        "tags.quoted = 'it''s'", "tags.quoted = \"it's\"",
        "tags.team = 'red' AND tags.size = '1'", "tags.team = 'red' and tags.size = '2'",
        "creation_time > 0", "attribute.creation_time > 0", "creation_time < 1000", "last_update_time >= 1", "creation_time != 5", "creation_time = 5",
        "creation_time > 1.5", "last_update_time < 99999999999999",
        "experiment_id != '0'", "experiment_id IN ('0')", "experiment_id NOT IN ('0')",
    ], lambda text: _search(w, text))


def by_a_bad_filter(w):
    _made(w)
    filters(w, [
        ("name", ), ("name =",), ("= 'x'",), ("name = x",), ("name = 5", "5"), ("name > 'x'", ">"), ("name <> 'x'",), ("name RLIKE 'x'",),
        ("creation_time = 'x'", "creation_time"), ("creation_time LIKE '1%'", "LIKE"), ("tags.team > 'x'", ">"), ("tags.team = 5", "5"), ("tags.team = red", "red"),
        ("nothing = 'x'", "nothing"), ("attributes.name = 'x'", "attributes"), ("attr.name = 'x'", "attr"), ("params.x = '1'", "params"), ("metrics.x > 1", "metrics"),
        ("tags.team = 'red' OR tags.team = 'blue'",), ("(tags.team = 'red')",), ("NOT tags.team = 'red'",), ("tags.team = 'red",), ("name = ''; DROP TABLE experiments",),
        ("lifecycle_stage = 'deleted'", "lifecycle_stage"), ("name IS NULL",), ("name = 'a' AND",), ("AND name = 'a'",), ("name = 'a' name = 'b'",), ("'x' = name",),
        ("1 = 1",), ("tags. = 'x'",), (".team = 'x'",), ("tags.team BETWEEN 'a' AND 'b'",), ("name IN ()",), ("experiment_id IN (1, 2)",), ("experiment_id = 1",),
    ], lambda text: [e.name for e in w.client.search_experiments(filter_string=text) if e.name.startswith(w.prefix)])


def in_order(w):
    _made(w)
    orders(w, [
        [], ["name"], ["name ASC"], ["name DESC"], ["name desc"], ["attribute.name ASC"], ["attribute.name DESC"], ["experiment_id ASC"], ["experiment_id DESC"],
        ["creation_time ASC"], ["creation_time DESC", "name ASC"], ["last_update_time"], ["`name` DESC"],
        (["tags.team"],), (["nothing"], "nothing"), (["name upwards"],), (["name ASC DESC"],), (["name, experiment_id"],), ([""],), (["5"],), (["attributes.name"],),
    ], lambda order: _search(w, None, order))


def in_views(w):
    _made(w)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        w.see(ViewType.to_string(view), lambda: _search(w, None, ["name"], view_type=view))
    for view in ["ACTIVE_ONLY", "NOBODY", 2, 9]:
        w.http(f"view_type {view!r}", "POST", "experiments/search", {"view_type": view, "max_results": 1})


def in_pages(w):
    _made(w)
    mine = f"name LIKE '{w.prefix}%'"
    for size in (1, 2, 5, 100):
        w.see(f"pages of {size}", lambda: pages(
            lambda token: w.client.search_experiments(filter_string=mine, max_results=size, order_by=["name"], page_token=token), lambda e: e.name))
    for size in (0, -1, 50001, 50000):
        w.http(f"max_results {size}", "POST", "experiments/search", {"max_results": size, "filter": mine}, says=("max_results",))
    w.http("max_results is a string", "POST", "experiments/search", {"max_results": "x"}, says=("max_results", "x"))
    w.http("max_results is left out", "POST", "experiments/search", {"filter": mine})
    w.http("by GET", "GET", "experiments/search?max_results=1")
    for token in ["nonsense", "eyJvZmZzZXQiOiAieCJ9", "eyJvZmZzZXQiOiAtMX0=", "e30=", "!!!!", "eyJvZmZzZXQiOiA5OTk5fQ==", "W10="]:
        w.http(f"page_token {token}", "POST", "experiments/search", {"max_results": 5, "page_token": token, "filter": mine},
               show=lambda body: len(body.get("experiments", [])))


FLOWS = [by_filter, by_a_bad_filter, in_order, in_views, in_pages]
