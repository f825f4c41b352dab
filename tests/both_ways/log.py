"""Logs an ONNX model as a version of a registered model, and answers what the client was told of it.

The graph takes windows of 5 readings of 3 sensors, `(n, 5, 3)`, and answers one number for each. `plain` is what any
runtime computes; `determinant` has an operator that the component lacks. With `promote` the alias production is moved
to the version. The answer has what ONNX Runtime computes for the windows on standard input.
"""

import json
import sys

import mlflow
import numpy
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

SHAPE = ["n", 5, 3]


def graph(kind: str):
    values = {"weights": numpy.array([[150.0], [200.0], [-50.0]], dtype=numpy.float32), "axis": numpy.array([1], dtype=numpy.int64)}
    if kind == "plain":
        nodes = [
            helper.make_node("ReduceMean", ["window", "axis"], ["mean"], keepdims=0),
            helper.make_node("Tanh", ["mean"], ["bounded"]),
            helper.make_node("MatMul", ["bounded", "weights"], ["rul"]),
        ]
    else:
        del values["weights"]
        nodes = [
            helper.make_node("Transpose", ["window"], ["turned"], perm=[0, 2, 1]),
            helper.make_node("MatMul", ["turned", "window"], ["square"]),
            helper.make_node("Det", ["square"], ["determinant"]),
            helper.make_node("Unsqueeze", ["determinant", "axis"], ["rul"]),
        ]
    constants = [numpy_helper.from_array(value, name) for name, value in values.items()]
    window = helper.make_tensor_value_info("window", TensorProto.FLOAT, SHAPE)
    rul = helper.make_tensor_value_info("rul", TensorProto.FLOAT, ["n", 1])
    body = helper.make_graph(nodes, "rul", [window], [rul], constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    checker.check_model(model)
    return model


def main(kind: str, name: str, then: str = "") -> None:
    windows = numpy.array(json.load(sys.stdin), dtype=numpy.float32)
    model = graph(kind)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (computed,) = session.run(None, {"window": windows})
    mlflow.set_experiment("from Python")
    with mlflow.start_run() as run:
        mlflow.log_params({"epochs": 20, "model_type": "tanh"})
        mlflow.log_metric("rmse", 12.5)
        info = mlflow.onnx.log_model(model, name="model", input_example=windows, registered_model_name=name, pip_requirements=[])
    client = mlflow.MlflowClient()
    version = client.get_model_version(name, info.registered_model_version)
    if then == "promote":
        client.set_registered_model_alias(name, "production", version.version)
    answer = {
        "run_id": run.info.run_id,
        "version": int(version.version),
        "status": version.status,
        "status_message": version.status_message,
        "computed": [float(value) for value in computed.ravel()],
    }
    json.dump(answer, sys.stdout)


main(*sys.argv[1:])
