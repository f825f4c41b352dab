"""What tritonclient asks a server of the Open Inference Protocol, with bytes and with JSON."""

import json
import sys

import numpy
import tritonclient.http as triton

url, name = sys.argv[1].removeprefix("http://"), sys.argv[2]
windows = numpy.asarray(json.load(sys.stdin), dtype=numpy.float32)
client = triton.InferenceServerClient(url=url)


def infer(binary_in, outputs, **more):
    tensor = triton.InferInput("window", list(windows.shape), "FP32")
    tensor.set_data_from_numpy(windows, binary_data=binary_in)
    answer = client.infer(name, [tensor], outputs=outputs, **more)
    response = answer.get_response()
    return {
        "model": response["model_name"],
        "version": response["model_version"],
        "id": response.get("id"),
        "outputs": {each["name"]: answer.as_numpy(each["name"]).tolist() for each in response["outputs"]},
    }


def refusal(shape, **more):
    tensor = triton.InferInput("window", shape, "FP32")
    tensor.set_data_from_numpy(numpy.zeros(shape, dtype=numpy.float32))
    try:
        client.infer(more.pop("model", name), [tensor], **more)
    except triton.InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    raise SystemExit("that was not refused")


def wanted(output, binary):
    return triton.InferRequestedOutput(output, binary_data=binary)


print(json.dumps({
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "model_ready": client.is_model_ready(name),
    "version_ready": client.is_model_ready(name, "1"),
    "other_ready": client.is_model_ready("other"),
    "server": client.get_server_metadata(),
    "metadata": client.get_model_metadata(name),
    "bytes": infer(True, None, request_id="seven"),
    "json": infer(False, [wanted("rul", False)]),
    "mixed": infer(True, [wanted("interval", True), wanted("rul", False)], model_version="1"),
    "shape": refusal([1, 30, 23]),
    "version": refusal([1, 30, 24], model_version="7"),
    "model": refusal([1, 30, 24], model="other"),
}))
