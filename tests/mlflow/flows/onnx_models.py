"""`mlflow.onnx.log_model(..., registered_model_name=...)` and every way to load what it made."""

import mlflow

NEEDS = ["numpy", "onnx", "onnxruntime", "pandas"]


def graph():
    """A window of 5 readings of 3 sensors, their mean times fixed weights: (N, 5, 3) to (N, 1)."""
    import numpy
    from onnx import TensorProto, checker, helper, numpy_helper

    weights = numpy_helper.from_array(numpy.array([[1.0], [2.0], [-0.5]], dtype=numpy.float32), "weights")
    axes = numpy_helper.from_array(numpy.array([1], dtype=numpy.int64), "axes")
    nodes = [helper.make_node("ReduceMean", ["window", "axes"], ["mean"], keepdims=0), helper.make_node("MatMul", ["mean", "weights"], ["rul"])]
    body = helper.make_graph(nodes, "rul", [helper.make_tensor_value_info("window", TensorProto.FLOAT, ["n", 5, 3])], [helper.make_tensor_value_info("rul", TensorProto.FLOAT, ["n", 1])], [weights, axes])
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    checker.check_model(model)
    return model


def window():
    """One input."""
    import numpy
    return numpy.arange(15, dtype=numpy.float32).reshape(1, 5, 3)


def _logged(w):
    def make():
        mlflow.set_experiment(w.name("onnx"))
        with mlflow.start_run(run_name="onnx") as run:
            info = mlflow.onnx.log_model(graph(), name="model", registered_model_name=w.name("rul"), input_example=window(), pip_requirements=[])
        return run.info.run_id, info
    return w.once("onnx", make)


def log(w):
    run, info = _logged(w)
    w.see("what log_model says", {"model_uri": info.model_uri, "flavors": sorted(info.flavors), "version": info.registered_model_version, "signature": info.signature.to_dict() if info.signature else None})
    w.see("the version", lambda: w.client.get_model_version(w.name("rul"), "1"), show=lambda v: [v.source, v.run_id, v.status])
    w.see("its files", lambda: sorted(f.path for f in w.client.list_logged_model_artifacts(info.model_id)))
    w.see("download uri", lambda: w.client.get_model_version_download_uri(w.name("rul"), "1"))


def load(w):
    run, info = _logged(w)
    name = w.name("rul")
    w.client.set_registered_model_alias(name, "production", "1")
    w.client.transition_model_version_stage(name, "1", "Production")
    for shown, uri in [("by alias", f"models:/{name}@production"), ("by version", f"models:/{name}/1"), ("by stage", f"models:/{name}/Production"), ("the latest", f"models:/{name}/latest"), ("by model id", info.model_uri), ("by run", f"runs:/{run}/model")]:
        w.see(f"pyfunc {shown}", lambda: mlflow.pyfunc.load_model(uri).predict(window()), show=lambda found: {key: [round(float(x), 4) for x in value.ravel()] for key, value in found.items()})
        w.see(f"the graph {shown}", lambda: mlflow.onnx.load_model(uri), show=lambda found: found.SerializeToString() == graph().SerializeToString())
    w.see("a second version", lambda: mlflow.register_model(f"runs:/{run}/model", name).version)


FLOWS = [log, load]
