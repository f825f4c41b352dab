"""`search_registered_models` and `search_model_versions`: filters, orders, pages."""

import time

from watch.tables import filters, orders, pages


def _made(w):
    def make():
        for name, versions, tags in [("alpha", 3, {"team": "red"}), ("Beta", 1, {"team": "Red", "a.b": "dot"}), ("gamma_1", 2, {"with space": "x y"}), ("gamma%2", 0, {})]:
            w.client.create_registered_model(w.name(name), tags=tags, description=f"the {name}")
            for place in range(versions):
                w.version(w.name(name), tags={"place": str(place)})
                if place == 1:
                    w.client.set_model_version_tag(w.name(name), "2", "mlflow.prompt.is_prompt", "false")
                time.sleep(0.003)
        w.client.set_registered_model_alias(w.name("alpha"), "champion", "2")
        return True
    w.once("models", make)


def models_by_filter(w):
    _made(w)
    n = w.name

    def search(text):
        mine = f"name LIKE '{w.prefix}%'"
        return [m.name for m in w.client.search_registered_models(f"{mine} AND {text}" if text else mine)]

    filters(w, [
        "", f"name = '{n('alpha')}'", f"attribute.name = '{n('alpha')}'", f"name != '{n('alpha')}'", f"name LIKE '{n('ga')}%'", "name LIKE '%BETA'", "name ILIKE '%BETA'", "name ilike '%beta'", "name like '%beta'", "name LIKE '%gamma_1'", "name LIKE '%gamma%2'",
        f"name IN ('{n('alpha')}', '{n('Beta')}')", f"name NOT IN ('{n('alpha')}')", f"name in ('{n('alpha')}')", f"name not in ('{n('alpha')}')", f"name = \"{n('alpha')}\"",
        "tags.team = 'red'", "tag.team = 'red'", "tags.team != 'red'", "tags.team LIKE 'r%'", "tags.team ILIKE 'r%'", "tags.`team` = 'red'", "tags.\"team\" = 'red'", "tags.`a.b` = 'dot'", "tags.a.b = 'dot'", "tags.`with space` = 'x y'", "tags.missing = 'x'", "tags.missing != 'x'",
        "tags.team = 'red' AND tags.team != 'blue'", "tag.`mlflow.prompt.is_prompt` != 'true'", "tags.`mlflow.prompt.is_prompt` = 'false'", "tags.`mlflow.prompt.is_prompt` = 'true'",
    ], search)
    filters(w, [
        ("name > 'x'", ">"), ("name = 5", "5"), ("name = x",), ("name == 'x'", "=="), ("name IN ()",), ("name IN (1)",), ("name IN ('x', 5)",), ("tags.team IS NULL",), ("tags.team IS NOT NULL",), ("tags.team > 'x'", ">"), ("tags.team IN ('x')",), ("tags.team = 5", "5"), ("version = '1'", "version"), ("run_id = 'x'", "run_id"), ("description = 'x'", "description"),
        ("creation_timestamp > 0", "creation_timestamp"), ("attributes.name = 'x'", "attributes"), ("attr.name = 'x'", "attr"), ("params.x = 'y'", "params"), ("`name` = 'x'",), ("attribute.`name` = 'x'",), ("name = 'a' OR name = 'b'",), ("name",), ("name = 'x' AND",), ("(name = 'x')",), ("name = 'x",), ("name = 'x'; name = 'y'",), ("🚂",),
    ], lambda text: [m.name for m in w.client.search_registered_models(text) if m.name.startswith(w.prefix)])


def models_in_order(w):
    _made(w)
    mine = f"name LIKE '{w.prefix}%'"
    orders(w, [
        [], ["name"], ["name ASC"], ["name DESC"], ["name desc"], ["attribute.name DESC"], ["timestamp"], ["timestamp ASC"], ["timestamp DESC"], ["timestamp desc", "name"], ["last_updated_timestamp ASC"], ["last_updated_timestamp DESC"], ["creation_timestamp DESC"], ["timestamp", "name DESC"],
        (["name", "name"],), (["tags.team"],), (["version"],), (["nothing"],), (["name UP"],), ([""],), (["name ASC DESC"],), (["name, timestamp"],), (["`name`"],),
    ], lambda order: [m.name for m in w.client.search_registered_models(mine, order_by=order)])


def models_in_pages(w):
    _made(w)
    mine = f"name LIKE '{w.prefix}%'"
    for size in (1, 3, 4, 1000):
        w.see(f"pages of {size}", lambda: pages(lambda token: w.client.search_registered_models(mine, max_results=size, page_token=token), lambda m: m.name))
    for size in (0, -1, 1000, 1001):
        w.http(f"max_results {size}", "GET", f"registered-models/search?max_results={size}", says=("max_results",))
    for token in ["nonsense", "eyJvZmZzZXQiOiAieCJ9", "eyJvZmZzZXQiOiAtMX0%3D", "e30%3D", "!!!!", "eyJvZmZzZXQiOiA5OTk5OTl9", "W10%3D"]:
        w.http(f"page_token {token}", "GET", f"registered-models/search?max_results=2&page_token={token}", show=lambda b: len(b.get("registered_models", [])))
    w.see("what one looks like", lambda: [m for m in w.client.search_registered_models(f"name = '{w.name('Beta')}'")], show=lambda found: [{**dict(m), "latest_versions": [dict(v) for v in m.latest_versions]} for m in found])
    w.http("by POST", "POST", "registered-models/search", {})


def versions_by_filter(w):
    _made(w)
    n = w.name
    _, run = w.source()

    def search(text):
        mine = f"name LIKE '{w.prefix}%'"
        return [f"{v.name}/{v.version}" for v in w.client.search_model_versions(f"{mine} AND {text}" if text else mine)]

    filters(w, [
        "", f"name = '{n('alpha')}'", f"attribute.name = '{n('alpha')}'", f"name != '{n('alpha')}'", "name LIKE '%gamma_1'", "name ILIKE '%BETA'", f"name IN ('{n('alpha')}', '{n('Beta')}')", f"name NOT IN ('{n('alpha')}')", f"name in ('{n('alpha')}')",
        "version_number = 1", "version_number > 1", "version_number >= 2", "version_number < 2", "version_number <= 2", "version_number != 2", "attribute.version_number = 3", "version_number = 1.0", "version_number > 1.5",
        f"run_id = '{run}'", f"run_id IN ('{run}')", f"run_id NOT IN ('{run}')", f"run_id != '{run}'", "run_id LIKE '%'", "run_id = ''", "source_path LIKE '%/model'", "source_path = 'x'", "source_path != 'x'", "source_path ILIKE '%/MODEL'",
        "tags.place = '1'", "tag.place = '1'", "tags.place != '1'", "tags.place LIKE '%'", "tags.`place` = '0'", "tags.missing = 'x'", "tags.missing != 'x'", "tags.`mlflow.prompt.is_prompt` != 'true'", "tags.`mlflow.prompt.is_prompt` = 'false'",
        f"name = '{n('alpha')}' AND version_number = 2", f"name = '{n('alpha')}' AND tags.place = '1' AND run_id = '{run}'",
    ], search)
    filters(w, [
        ("version = '1'", "version"), ("version_number = '1'",), ("version_number LIKE '1'",), ("version_number IN (1, 2)",), ("version_number = x",), ("name > 'x'", ">"), ("name = 5",), ("name IN ()",), ("source_path IN ('x')",), ("run_id > 'x'", ">"), ("tags.place > '1'", ">"), ("tags.place IN ('1')",), ("tags.place IS NULL",),
        ("current_stage = 'None'", "current_stage"), ("aliases = 'x'", "aliases"), ("status = 'READY'", "status"), ("creation_timestamp > 0",), ("attributes.name = 'x'", "attributes"), ("attribute.`name` = 'x'",), ("user_id = 'x'", "user_id"), ("name = 'a' OR name = 'b'",), ("name",), ("name = 'x",), ("params.x = '1'", "params"),
    ], lambda text: [f"{v.name}/{v.version}" for v in w.client.search_model_versions(text) if v.name.startswith(w.prefix)])


def versions_in_order(w):
    _made(w)
    mine = f"name LIKE '{w.prefix}%'"
    orders(w, [
        [], ["name"], ["name ASC"], ["name DESC"], ["version_number ASC"], ["version_number DESC"], ["version_number DESC", "name ASC"], ["name ASC", "version_number DESC"], ["name DESC", "version_number ASC"], ["creation_timestamp ASC"], ["creation_timestamp DESC"], ["last_updated_timestamp ASC"], ["attribute.version_number DESC", "name"], ["attribute.name", "version_number"],
        (["version"],), (["version_number UP"],), (["nothing"],), (["tags.place"],), (["run_id"],), (["timestamp"],), ([""],), (["name, version_number"],),
    ], lambda order: [f"{v.name}/{v.version}" for v in w.client.search_model_versions(mine, order_by=order)])


def versions_in_pages(w):
    _made(w)
    mine = f"name LIKE '{w.prefix}%'"
    for size in (1, 4, 6, 200000):
        w.see(f"pages of {size}", lambda: pages(lambda token: w.client.search_model_versions(mine, max_results=size, page_token=token), lambda v: f"{v.name}/{v.version}"))
    for size in (0, -1, 200000, 200001):
        w.http(f"max_results {size}", "GET", f"model-versions/search?max_results={size}", says=("max_results",))
    for token in ["nonsense", "eyJvZmZzZXQiOiAieCJ9", "e30%3D", "!!!!", "eyJvZmZzZXQiOiA5OTk5OTl9", "W10%3D"]:
        w.http(f"page_token {token}", "GET", f"model-versions/search?max_results=2&page_token={token}", show=lambda b: len(b.get("model_versions", [])))
    w.see("what one looks like", lambda: list(w.client.search_model_versions(f"name = '{w.name('alpha')}' AND version_number = 2")))
    w.see("a deleted one is not found", lambda: [w.client.delete_model_version(w.name("alpha"), "3"), [v.version for v in w.client.search_model_versions(f"name = '{w.name('alpha')}'")]][1])


FLOWS = [models_by_filter, models_in_order, models_in_pages, versions_by_filter, versions_in_order, versions_in_pages]
