"""`mlflow.pyfunc.log_model` and every way to load what it made; inputs from pandas."""

import mlflow
from click.testing import CliRunner
from mlflow.cli import cli

NEEDS = ["numpy", "pandas", "scipy"]


def _model(factor):
    class Scaled(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            import numpy

            return (numpy.asarray(model_input, dtype=float).ravel() * factor).tolist()

    return Scaled()


def _log(w, factor, **options):
    mlflow.set_experiment(w.name("pyfunc"))
    with mlflow.start_run(run_name=f"times {factor}") as run:
        mlflow.log_metric("rmse", 12.5)
        info = mlflow.pyfunc.log_model(name="model", python_model=_model(factor), input_example=[1.0], pip_requirements=[], **options)
    return run.info.run_id, info


def _logged(w):
    return w.once("logged", lambda: [_log(w, factor, registered_model_name=w.name("scaled")) for factor in (2, 3)])


def log(w):
    made = _logged(w)
    run, info = made[0]
    client, name = w.client, w.name("scaled")
    w.see("what log_model says", {"model_uri": info.model_uri, "model_id": info.model_id, "run_id": info.run_id, "flavors": sorted(info.flavors), "version": info.registered_model_version, "name": info.name})
    w.see("the versions", lambda: [[v.version, v.source, v.run_id, v.status, v.current_stage] for v in client.search_model_versions(f"name = '{name}'")])
    w.see("the logged model", lambda: client.get_logged_model(info.model_id), show=lambda m: {"name": m.name, "status": m.status, "source_run_id": m.source_run_id, "tags": {k: v for k, v in m.tags.items() if "source" not in k}, "metrics": [[x.key, x.value] for x in m.metrics or []]})
    w.see("the run's outputs", lambda: [[o.model_id, o.step] for o in client.get_run(run).outputs.model_outputs])
    w.see("its files", lambda: sorted(f.path for f in client.list_logged_model_artifacts(info.model_id)))
    w.see("its files by the run", lambda: sorted(f.path for f in client.list_artifacts(run, "model")))
    w.see("the experiment's models", lambda: sorted(m.model_id for m in mlflow.search_logged_models(experiment_ids=[client.get_run(run).info.experiment_id], output_format="list")) == sorted(i.model_id for _, i in made))


def load(w):
    made = _logged(w)
    client, name = w.client, w.name("scaled")
    client.set_registered_model_alias(name, "production", "2")
    client.transition_model_version_stage(name, "1", "Staging")
    for shown, uri in [("by alias", f"models:/{name}@production"), ("by version", f"models:/{name}/1"), ("by stage", f"models:/{name}/Staging"), ("the latest", f"models:/{name}/latest"), ("by model id", f"models:/{made[0][1].model_id}"), ("by run", f"runs:/{made[0][0]}/model"), ("by artifact URI", client.get_logged_model(made[1][1].model_id).artifact_location)]:
        w.see(f"load {shown}", lambda: mlflow.pyfunc.load_model(uri).predict([1.5]))
    for shown, uri in [("an alias", f"models:/{name}@nobody"), ("a version", f"models:/{name}/99"), ("a stage", f"models:/{name}/Production"), ("a model", f"models:/{w.name('nobody')}/1"), ("a model id", "models:/m-" + "0" * 32), ("a run", f"runs:/{'0' * 32}/model"), ("a path", f"runs:/{made[0][0]}/nothing")]:
        w.see(f"{shown} that is not there", lambda: mlflow.pyfunc.load_model(uri))
    w.see("get_model_info", lambda: mlflow.models.get_model_info(f"models:/{name}@production"), show=lambda i: [i.model_id, sorted(i.flavors), i.signature is not None])
    w.see("the input example", lambda: mlflow.pyfunc.load_model(f"models:/{name}@production").input_example, show=lambda e: list(e))


def register(w):
    made = _logged(w)
    run, info = made[0]
    w.see("by run", lambda: mlflow.register_model(f"runs:/{run}/model", w.name("by run"), tags={"a": "b"}), show=_version)
    w.see("by model id", lambda: mlflow.register_model(info.model_uri, w.name("by id")), show=_version)
    w.see("again", lambda: mlflow.register_model(info.model_uri, w.name("by id")), show=_version)
    w.see("a run that is not there", lambda: mlflow.register_model(f"runs:/{'0' * 32}/model", w.name("lost")))
    w.see("a copy loads", lambda: [w.client.copy_model_version(f"models:/{w.name('by id')}/1", w.name("copied")), mlflow.pyfunc.load_model(f"models:/{w.name('copied')}/1").predict([1.5])][1])
    w.see("the logged model knows its versions", lambda: w.client.get_logged_model(info.model_id).tags.get("mlflow.modelVersions"))


def _version(v):
    return [v.name, v.version, v.source, v.run_id, v.tags, v.status]


def search_as_a_table(w):
    made = _logged(w)
    number = w.client.get_run(made[0][0]).info.experiment_id
    w.see("columns", lambda: mlflow.search_runs([number]), show=lambda frame: sorted(c for c in frame.columns if "git" not in c))
    w.see("rows", lambda: mlflow.search_runs(experiment_names=[w.name("pyfunc")], order_by=["start_time"]), show=lambda frame: frame["tags.mlflow.runName"].tolist())
    w.see("mlflow experiments csv", lambda: CliRunner().invoke(cli, ["experiments", "csv", "-x", number]).stdout, show=lambda out: sorted(c for c in out.splitlines()[0].split(",") if "git" not in c))


def inputs_from_pandas(w):
    import numpy
    import pandas

    mlflow.set_experiment(w.name("inputs"))
    with mlflow.start_run() as run:
        frame = mlflow.data.from_pandas(pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), source="https://example.org/fd001.csv", name="fd001", targets="a")
        w.see("a frame", lambda: mlflow.log_input(frame, context="train", tags={"k": "v"}))
        w.see("an array", lambda: mlflow.log_input(mlflow.data.from_numpy(numpy.zeros((2, 3)), source="https://example.org/x.npy", name="array"), context="test"))
        w.see("a table", lambda: mlflow.log_table({"a": [1, 2], "b": ["x", "y"]}, "table.json"))
        w.see("more of it", lambda: mlflow.log_table({"a": [3], "b": ["z"]}, "table.json"))
    w.see("the inputs", lambda: w.client.get_run(run.info.run_id).inputs.dataset_inputs, show=lambda found: sorted(([d.dataset.name, d.dataset.digest, d.dataset.source_type, d.dataset.source, d.dataset.schema, d.dataset.profile, sorted([t.key, t.value] for t in d.tags)] for d in found), key=str))
    w.see("the table", lambda: mlflow.load_table("table.json", run_ids=[run.info.run_id]), show=lambda t: t.to_dict("list"))


FLOWS = [log, load, register, search_as_a_table, inputs_from_pandas]
