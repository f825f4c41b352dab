"""Takes an exported model as others would: onnx.checker, then ONNX Runtime.

Usage: onnx_check.py MODEL.onnx WINDOWS.f32 BATCH ANSWERS.f32

Reads BATCH raw windows from WINDOWS.f32 (little-endian float32, row-major), runs them through ONNX
Runtime and writes the answers to ANSWERS.f32. Exits with a traceback if anything is not as it must be.
"""

import sys

import numpy
import onnx
import onnxruntime


def main(model_path, windows_path, batch, answers_path):
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)

    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    (window,) = session.get_inputs()
    (rul,) = session.get_outputs()
    assert (window.name, window.type) == ("window", "tensor(float)"), window
    assert (rul.name, rul.type) == ("rul", "tensor(float)"), rul
    assert window.shape[0] == "batch" and rul.shape == ["batch", 1], (window.shape, rul.shape)

    windows = numpy.fromfile(windows_path, dtype="<f4").reshape(int(batch), *window.shape[1:])
    together = session.run(None, {"window": windows})[0]
    assert together.shape == (int(batch), 1), together.shape
    one_by_one = numpy.concatenate([session.run(None, {"window": one[None]})[0] for one in windows])
    assert numpy.allclose(together, one_by_one, atol=1e-3), "a window's answer depends on its batch"
    together.astype("<f4").tofile(answers_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
