"""`mlflow.sklearn.autolog` of one fit."""

import mlflow

NEEDS = ["numpy", "pandas", "sklearn"]


def fit(w):
    import numpy
    from sklearn.linear_model import Ridge

    mlflow.set_experiment(w.name("auto"))
    mlflow.sklearn.autolog(silent=True, registered_model_name=w.name("ridge"), log_input_examples=True)
    try:
        rows = numpy.arange(20, dtype=float).reshape(10, 2)
        w.see("fit", lambda: Ridge(alpha=0.5).fit(rows, rows.sum(axis=1)), show=lambda found: type(found).__name__)
    finally:
        mlflow.sklearn.autolog(disable=True)
        mlflow.end_run()
    number = w.client.get_experiment_by_name(w.name("auto")).experiment_id
    run = w.client.search_runs([number])[0]
    w.see("status", run.info.status)
    w.see("params", run.data.params)
    w.see("metrics", sorted(run.data.metrics))
    w.see("tags", {key: value for key, value in run.data.tags.items() if key.startswith("estimator")})
    w.see("files", lambda: sorted(f.path for f in w.client.list_artifacts(run.info.run_id)))
    w.see("inputs", [d.dataset.source_type for d in run.inputs.dataset_inputs])
    w.see("outputs", len(run.outputs.model_outputs))
    w.see("the version", lambda: [[v.version, v.status] for v in w.client.search_model_versions(f"name = '{w.name('ridge')}'")])
    w.see("it predicts", lambda: mlflow.pyfunc.load_model(f"models:/{w.name('ridge')}/1").predict(rows[:1]), show=lambda found: len(found))
    w.see("the logged model's params", lambda: w.client.get_logged_model(run.outputs.model_outputs[0].model_id).params, show=lambda found: found.get("alpha"))


FLOWS = [fit]
