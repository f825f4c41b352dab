"""Loads a model by its URI through MLflow and answers what it predicts for the windows on standard input."""

import json
import sys

import mlflow
import numpy


def main(uri: str) -> None:
    windows = numpy.array(json.load(sys.stdin), dtype=numpy.float32)
    predicted = mlflow.pyfunc.load_model(uri).predict(windows)
    if isinstance(predicted, dict):  # an ONNX model's outputs by their names
        (predicted,) = predicted.values()
    json.dump([float(value) for value in numpy.asarray(predicted).ravel()], sys.stdout)


main(*sys.argv[1:])
