"""`search_runs`: the filter grammar."""

import math

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from watch.tables import filters


def made(w) -> str:
    """An experiment with eight runs, a to h; h is deleted."""
    def make():
        number = w.experiment("searched")
        rows = [
            ("a", "FINISHED", 5000, {"loss": 0.5, "acc": 0.9}, {"lr": "0.1", "model": "lstm"}, {"team": "red"}),
            ("b", "FAILED", 4000, {"loss": 0.3, "a/b": 1.0}, {"lr": "0.01", "model": "LSTM"}, {"team": "Red", "with space": "x y", "a.b": "dot"}),
            ("c", "RUNNING", None, {"loss": math.nan, "m 1": 2.0}, {"model": "gru"}, {"team": "blue", "größe": "✓"}),
            ("d", "KILLED", 9000, {"loss": math.inf}, {"model": "größe", "with space": "1"}, {"quoted": "it's", "double": 'a"b'}),
            ("e", "SCHEDULED", None, {"loss": -math.inf}, {"lr": "10", "a.b": "dot"}, {"percent": "50%", "under": "a_b", "slash": "a\\b"}),
            ("f", "FINISHED", 6000, {"loss": 1e300, "acc": 0.9}, {}, {"team": ""}),
            ("50%_done", "FINISHED", 7000, {"loss": -2.5, "acc": 0.1}, {"lr": "0.1"}, {}),
            ("h", "FINISHED", 8000, {"loss": 0.5}, {"lr": "0.1"}, {"team": "red"}),
        ]
        for place, (name, status, end, metrics, params, tags) in enumerate(rows):
            run = w.client.create_run(number, start_time=1000 * (place + 1), run_name=name, tags={"mlflow.user": "ann" if place < 3 else "bob"}).info.run_id
            w.client.log_batch(run, [Metric(k, v, 1, 0) for k, v in metrics.items()], [Param(k, v) for k, v in params.items()], [RunTag(k, v) for k, v in tags.items()])
            if end or status != "RUNNING":
                w.client.set_terminated(run, status, end_time=end or 1)
            w.shared[f"run {name}"] = run
        w.client.delete_run(w.shared["run h"])
        for name, dataset, context in [("a", "fd001", "train"), ("b", "fd001", "test"), ("c", "FD002", "train")]:
            w.client.log_inputs(w.shared[f"run {name}"], [DatasetInput(Dataset(dataset, f"digest-{dataset}", "local", "{}"), [InputTag("mlflow.data.context", context)])])
        return number
    return w.once("searched", make)


def search(w, text, order=None, **options):
    """The names of the runs that a filter finds."""
    return [r.info.run_name for r in w.client.search_runs([made(w)], text, order_by=order or ["attributes.start_time ASC"], **options)]


def metrics(w):
    made(w)
    filters(w, [
        "metrics.loss > 0.3", "metrics.loss >= 0.3", "metrics.loss < 0.3", "metrics.loss <= 0.3", "metrics.loss = 0.3", "metrics.loss != 0.3", "metrics.loss=0.3", "metrics.loss>0.3",
        "metric.loss = 0.3", "metrics.`loss` = 0.3", "metrics.\"loss\" = 0.3", "metrics.'loss' = 0.3", "`metrics`.loss = 0.3", "metrics.loss = -2.5", "metrics.loss > -3", "metrics.loss < 1e10", "metrics.loss > 1E10",
        "metrics.loss > .4", "metrics.loss = 0.50", "metrics.`a/b` = 1", "metrics.a/b = 1", "metrics.`m 1` > 1", "metrics.\"m 1\" > 1", "metrics.missing > 0", "metrics.missing != 0", "metrics.LOSS > 0",
        "metrics.loss > 0 AND metrics.acc > 0.5", "metrics.loss > 0 and metrics.acc > 0.5", "metrics.loss > 0 AND metrics.loss < 0.4", "  metrics.loss   >   0.3  ", "metrics.loss > 0.3\nAND metrics.acc > 0",
        "metrics.loss > 999999999999999999999",
        ("metrics.loss > '0.3'", "0.3"), ("metrics.loss > high", "high"), ("metrics.loss LIKE '0%'",), ("metrics.loss IN (0.3)",), ("metrics.loss IS NULL",), ("metrics.loss == 0.3", "=="), ("metrics.loss <> 0.3", "<>"),
        ("metrics.loss > NaN", "NaN"), ("metrics.loss BETWEEN 0 AND 1",), ("metrics.loss > 0.3 OR metrics.acc > 0.5", "OR"), ("metrics.loss > 1_000",), ("metrics.loss > +1",), ("metrics.loss > 0x10",), ("metrics.loss > - 3",),
    ], lambda text: search(w, text))


def params(w):
    made(w)
    filters(w, [
        "params.lr = '0.1'", "param.lr = '0.1'", "parameters.lr = '0.1'", "parameter.lr = '0.1'", "params.lr != '0.1'", "params.lr = \"0.1\"", "params.`lr` = '0.1'", "params.\"lr\" = '0.1'",
        "params.model LIKE 'ls%'", "params.model LIKE 'LS%'", "params.model ILIKE 'ls%'", "params.model like 'ls%'", "params.model ilike 'LS%'", "params.model LIKE '%t_'", "params.model LIKE 'lstm'", "params.model LIKE '%r%'",
        "params.model LIKE '%'", "params.model LIKE ''", "params.model = 'größe'", "params.model ILIKE 'GRÖSSE'", "params.model ILIKE 'GRÖßE'", "params.`with space` = '1'", "params.`a.b` = 'dot'", "params.a.b = 'dot'",
        "params.lr IS NULL", "params.lr IS NOT NULL", "params.lr is not null", "params.missing IS NULL", "params.missing = 'x'", "params.missing != 'x'", "params.model = 'lstm' AND params.lr = '0.1'",
        "params.lr IS NOT NULL AND metrics.loss > 0", "params.lr IS NULL AND params.model IS NOT NULL",
        ("params.lr = 0.1", "0.1"), ("params.lr > '0.1'", ">"), ("params.lr IN ('0.1')",), ("params.lr = x",), ("params.lr RLIKE '0.*'",), ("params.lr NOT LIKE '0%'",), ("params.lr IS 'x'",), ("params.lr NOT NULL",), ("params. = 'x'",), ("params = 'x'", "params"), ("param.s.lr = '0.1'",),
    ], lambda text: search(w, text))


def tags(w):
    made(w)
    filters(w, [
        "tags.team = 'red'", "tag.team = 'red'", "tags.team != 'red'", "tags.team = \"red\"", "tags.`team` = 'red'", "tags.\"team\" = 'red'", "tags.team LIKE 'r%'", "tags.team ILIKE 'R%'", "tags.team LIKE '%e%'",
        "tags.team = ''", "tags.team IS NULL", "tags.team IS NOT NULL", "tags.`with space` = 'x y'", "tags.\"with space\" = 'x y'", "tags.`a.b` = 'dot'", "tags.a.b = 'dot'", "tags.größe = '✓'", "tags.`größe` = '✓'",
        "tags.quoted = \"it's\"", "tags.quoted = 'it''s'", "tags.quoted = 'it\\'s'", "tags.double = 'a\"b'", "tags.percent = '50%'", "tags.percent LIKE '50\\%'", "tags.percent LIKE '50%'", "tags.under LIKE 'a_b'", "tags.under LIKE 'a\\_b'", "tags.slash = 'a\\b'", "tags.slash LIKE 'a\\\\b'",
        "tags.mlflow.user = 'ann'", "tags.`mlflow.user` = 'ann'", "tags.mlflow.runName = 'a'", "tags.`mlflow.runName` LIKE '50%'", "tags.TEAM = 'red'",
        ("tags.team = red", "red"), ("tags.team = 5", "5"), ("tags.team < 'x'", "<"), ("tags.team IN ('red')",), ("tags.team = 'red", ), ("tags.team = red'",), ("tags.`team = 'red'",), ("tag = 'x'",),
    ], lambda text: search(w, text))


def attributes(w):
    made(w)
    run = w.shared["run a"]
    other = w.shared["run b"]
    filters(w, [
        "attributes.status = 'FINISHED'", "attribute.status = 'FINISHED'", "attr.status = 'FINISHED'", "run.status = 'FINISHED'", "status = 'FINISHED'", "status != 'FINISHED'", "status = 'finished'", "status LIKE 'F%'", "status ILIKE 'f%'", "attributes.status = \"FAILED\"", "attributes.`status` = 'FAILED'",
        "attributes.run_name = 'a'", "run_name = 'a'", "run_name != 'a'", "run_name LIKE '50%'", "run_name LIKE '50\\%\\_done'", "run_name ILIKE 'A'", "attributes.`run name` = 'a'", "attributes.\"run name\" = 'a'", "attributes.`Run name` = 'a'", "attributes.`Run Name` = 'a'",
        "start_time > 3000", "attributes.start_time >= 3000", "start_time < 3000", "start_time <= 3000", "start_time = 3000", "start_time != 3000", "attributes.created > 3000", "Created > 3000", "attributes.`created` > 3000", "start_time > 2000 AND start_time < 5000",
        "end_time > 5000", "end_time <= 5000", "end_time != 5000", "attributes.end_time = 4000", "start_time > 3000.5",
        "user_id = 'unknown'", "attributes.user_id != 'unknown'", "user_id LIKE 'un%'", "artifact_uri LIKE '%artifacts'", "attributes.artifact_uri ILIKE '%ARTIFACTS'", "artifact_uri LIKE 'mlflow-artifacts:/%'",
        f"run_id = '{run}'", f"attributes.run_id = '{run}'", f"run_id != '{run}'", f"run_id IN ('{run}', '{other}')", f"run_id NOT IN ('{run}')", f"attributes.run_id IN ('{run}')", f"run_id in ('{run}')", f"run_id not in ('{run}')", f"run_id IN ('{run}','{other}') AND status = 'FAILED'", f'run_id IN ("{run}")',
        ("status IN ('FINISHED', 'FAILED')",), ("run_name IN ('a')",), ("status = FINISHED", "FINISHED"), ("status > 'A'", ">"), ("start_time = 'x'", "start_time"), ("start_time LIKE '1%'",), ("start_time > soon", "soon"), ("end_time IS NULL",), ("run_id IN ()",), ("run_id IN (1)",), ("run_id IN 'x'",), ("run_id IN ('x'",),
        ("lifecycle_stage = 'active'", "lifecycle_stage"), ("experiment_id = '1'", "experiment_id"), ("nothing = 'x'", "nothing"), ("attributes.nothing = 'x'", "nothing"), ("attributes.run_uuid = 'x'", "run_uuid"), ("things.x = '1'", "things"), ("Attributes.status = 'FINISHED'", "Attributes"), ("attributes.Status = 'FINISHED'", "Status"), ("attributes.'run name' = 'a'",), ("attributes.run name = 'a'",),
    ], lambda text: search(w, text))
    w.see("the beginning of a run_id", lambda: search(w, f"run_id LIKE '{run[:12]}%'"))
    w.see("not the whole of a run_id", lambda: search(w, f"run_id = '{run[:12]}'"))


def datasets(w):
    made(w)
    filters(w, [
        "datasets.name = 'fd001'", "dataset.name = 'fd001'", "datasets.name != 'fd001'", "datasets.name LIKE 'fd%'", "datasets.name ILIKE 'fd%'", "datasets.name IN ('fd001', 'FD002')", "datasets.name NOT IN ('fd001')",
        "datasets.digest = 'digest-fd001'", "dataset.digest LIKE '%002'", "datasets.digest IN ('digest-fd001')", "dataset.context = 'train'", "datasets.context = 'test'", "datasets.context LIKE 't%'", "datasets.context IN ('train')",
        "datasets.name = 'fd001' AND datasets.context = 'train'", "dataset.name = 'fd001' AND metrics.loss > 0.4", "datasets.`name` = 'fd001'",
        ("datasets.name > 'x'", ">"), ("datasets.name = 5", "5"), ("datasets.nothing = 'x'", "nothing"), ("datasets.name IS NULL",), ("datasets.name IN ()",), ("datasets.source = 'x'", "source"),
    ], lambda text: search(w, text))


def together_and_broken(w):
    made(w)
    filters(w, [
        "", " ", "metrics.loss > 0 AND params.lr = '0.1' AND tags.team = 'red' AND status = 'FINISHED' AND datasets.name = 'fd001'", "params.model LIKE '%' AND tags.team IS NOT NULL AND start_time > 1000",
        "metrics.loss > 0 AND", "AND metrics.loss > 0", "metrics.loss > 0 AND AND metrics.acc > 0", "metrics.loss > 0 metrics.acc > 0", "metrics.loss > 0,", "metrics.loss > 0;", "metrics.loss > 0; metrics.acc > 0",
        "(metrics.loss > 0)", "((metrics.loss > 0) AND metrics.acc > 0)", "NOT metrics.loss > 0", "metrics.loss", "metrics.loss >", "> 0", "metrics.loss > 0 > 1", "1 = 1", "'a' = 'a'", "0.3 < metrics.loss", "metrics.loss > metrics.acc", "metrics.loss = params.lr",
        "metrics.loss > 0 -- comment", "metrics.loss > 0 /* comment */", "metrics.loss > 0 # x", "metrics.loss > (0)", "metrics.loss > (SELECT 1)", "'; DROP TABLE runs; --", "metrics.loss > 0 UNION SELECT 1", "metrics..loss > 0", "metrics.loss > 0 && metrics.acc > 0", "metrics.loss ! = 0", "*", "\\", "`", "'", "\"", "(", "()", "\x00", "metrics.`loss > 0", "tags.a = 'b' AND tags.`c", "🚂", "metrics.🚂 > 0",
    ], lambda text: search(w, text))
    w.see("a filter of 20 clauses", lambda: search(w, " AND ".join(["metrics.loss > 0"] * 20)))
    w.see("a filter of 100 clauses", lambda: search(w, " AND ".join(["metrics.loss > 0"] * 100)))
    w.see("a filter of 50 keys", lambda: search(w, " AND ".join(f"params.p{i} IS NULL" for i in range(50))))
    w.http("a filter that is a number", "POST", "runs/search", {"experiment_ids": [made(w)], "filter": 5}, says=("filter", "5"))


FLOWS = [metrics, params, tags, attributes, datasets, together_and_broken]
