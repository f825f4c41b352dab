"""Times ONNX Runtime on one thread: model, windows (raw float32), rows, columns -> nanoseconds as JSON."""

import json
import sys
import time

import numpy
import onnxruntime

model, windows, length, features, rounds, batch_rounds = sys.argv[1:3] + [int(a) for a in sys.argv[3:7]]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
windows = numpy.fromfile(windows, dtype="<f4").reshape(-1, length, features)


def timed(batch):
    start = time.perf_counter_ns()
    session.run(None, {name: batch})
    return time.perf_counter_ns() - start


singles = [numpy.ascontiguousarray(windows[i : i + 1]) for i in range(len(windows))]
for i in range(rounds // 10):
    timed(singles[i % len(singles)])
single = [timed(singles[i % len(singles)]) for i in range(rounds)]
for _ in range(batch_rounds // 10):
    timed(windows)
print(json.dumps({
    "version": onnxruntime.__version__,
    "single": single,
    "batch": [timed(windows) for _ in range(batch_rounds)],
    "answers": session.run(None, {name: windows})[0].reshape(-1).tolist(),
}))
