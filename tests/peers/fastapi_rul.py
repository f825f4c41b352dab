"""The peer of the gateway's figures: FastAPI, uvicorn and PyTorch answering POST /predict/simple from a bundle's weights.

Started as `uvicorn fastapi_rul:app` with BUNDLE naming the bundle of a GRU.
"""

import json
import os
import struct
from pathlib import Path

import numpy
import torch
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

BUNDLE = Path(os.environ["BUNDLE"])


def weights(path):
    """A safetensors file: a length, a JSON of names, types, shapes and places, and the numbers."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    tensors = json.loads(content[8 : 8 + length])
    tensors.pop("__metadata__", None)
    data = content[8 + length :]
    for name, tensor in tensors.items():
        start, end = tensor["data_offsets"]
        yield name, torch.tensor(numpy.frombuffer(data[start:end], dtype="<f4").reshape(tensor["shape"]).copy())


class Network(torch.nn.Module):
    def __init__(self, features, hidden, layers):
        super().__init__()
        self.gru = torch.nn.GRU(features, hidden, layers, batch_first=True)
        self.fc = torch.nn.Linear(hidden, 1)

    def forward(self, windows):
        steps, _ = self.gru(windows)
        return self.fc(steps[:, -1])


torch.set_num_threads(1)
metadata = json.loads((BUNDLE / "metadata.json").read_text())
scaler = json.loads((BUNDLE / "scaler.json").read_text())["features"]
mean = numpy.array([feature["mean"] for feature in scaler], dtype=numpy.float32)
scale = numpy.array([feature["scale"] for feature in scaler], dtype=numpy.float32)
looked_at = numpy.array([not feature.get("ignored", False) for feature in scaler], dtype=numpy.float32)
length, features = metadata["sequence_length"], metadata["input_features"]
network = Network(features, metadata["hidden_size"], metadata["layers"]).eval()
network.load_state_dict(dict(weights(BUNDLE / "weights.safetensors")))
app = FastAPI()


class Readings(BaseModel):
    sensor_data: list[list[float]] = Field(min_length=1, max_length=100)


class Prediction(BaseModel):
    predicted_rul: float
    model_version: int | None
    model_type: str


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/predict/simple")
def predict(readings: Readings) -> Prediction:
    if any(len(row) != features for row in readings.sensor_data):
        raise HTTPException(422, f"each row has {features} numbers")
    rows = numpy.asarray(readings.sensor_data, dtype=numpy.float32)[-length:]
    rows = numpy.concatenate([rows[:1].repeat(length - len(rows), axis=0), rows])
    window = torch.from_numpy((rows - mean) / scale * looked_at)
    with torch.inference_mode():
        # The network answers in shares of the longest life that it was taught.
        rul = network(window[None]).item() * metadata["rul_cap"]
    return Prediction(
        predicted_rul=max(rul, 0.0), model_version=metadata["version"], model_type=metadata["model_type"]
    )
