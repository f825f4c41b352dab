"""Answers the run that made a version of a registered model, as MLflow's client reads it."""

import json
import sys

import mlflow


def main(name: str, version: str) -> None:
    client = mlflow.MlflowClient()
    run = client.get_run(client.get_model_version(name, version).run_id)
    experiment = client.get_experiment(run.info.experiment_id)
    found = mlflow.search_runs(experiment_names=[experiment.name], output_format="list")
    histories = {
        key: [[point.step, point.value] for point in client.get_metric_history(run.info.run_id, key)]
        for key in run.data.metrics
    }
    report = client.download_artifacts(run.info.run_id, "report.html")
    with open(report, encoding="utf-8") as file:
        text = file.read()
    answer = {
        "experiment": experiment.name,
        "status": run.info.status,
        "run_name": run.info.run_name,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": histories,
        "artifacts": sorted(file.path for file in client.list_artifacts(run.info.run_id)),
        "report": text,
        "runs_of_the_experiment": len(found),
    }
    json.dump(answer, sys.stdout)


main(*sys.argv[1:])
