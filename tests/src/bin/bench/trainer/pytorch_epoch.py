"""Trains a model on C-MAPSS as one would in PyTorch and times its epochs: settings -> figures as JSON.

It is what `overhaul-trainer train` is measured against: the same model, windows, batches, optimiser and schedule,
and the same look at validation windows after each epoch. `--batches loader` is the textbook's DataLoader,
`--batches tensor` takes each batch out of one tensor by index, which is as fast as it gets without leaving PyTorch.
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CAP = 125.0


class Recurrent(nn.Module):
    """Layers of GRU or LSTM, read at the last step."""

    def __init__(self, cell, features, a):
        super().__init__()
        self.layers = cell(features, a.hidden_size, a.layers, batch_first=True, dropout=a.dropout)
        self.fc = nn.Linear(a.hidden_size, 1)

    def forward(self, windows):
        sequence, _ = self.layers(windows)
        return self.fc(sequence[:, -1])


class Trend(nn.Module):
    """Each column projected on nine functions of time, and a perceptron on them."""

    def __init__(self, features, a):
        super().__init__()
        bases = self.start(a.sequence_length)
        self.bases = nn.Linear(a.sequence_length, len(bases), bias=False)
        self.bases.weight.data = bases
        inputs, layers = len(bases) * features, []
        for layer in range(a.layers):
            width = a.hidden_size * (2 if layer == 0 else 1)
            layers += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(a.dropout)]
            inputs = width
        self.mlp = nn.Sequential(*layers, nn.Linear(inputs, 1))

    @staticmethod
    def start(length):
        """Means and slopes over the last readings."""

        def row(values):
            return torch.cat([torch.zeros(length - len(values)), values])

        rows = [row(torch.full((5,), 0.2))]
        for sixths in 1, 2, 4, 6:
            horizon = length * sixths // 6
            steps = torch.arange(horizon) - (horizon - 1) / 2
            rows += [row(torch.full((horizon,), 1 / horizon)), row(steps / (steps**2).sum() * horizon / 2)]
        return torch.stack(rows)

    def forward(self, windows):
        return self.mlp(self.bases(windows.transpose(1, 2)).flatten(1))


def load(a):
    """The first `--windows` windows to train on, and those of the next units' later lives to validate on."""
    table = numpy.loadtxt(pathlib.Path(a.data) / f"train_{a.subset}.txt")
    ids, readings = table[:, 0], table[:, 2:]
    train = readings[: a.windows]
    scale = train.std(axis=0)
    constant = (train == train[0]).all(axis=0)
    readings = (readings - train.mean(axis=0)) / numpy.where(constant, 1.0, scale)
    units = [readings[ids == unit] for unit in numpy.unique(ids)]
    windows, labels, ends = [], [], [0]
    for unit in units:
        padded = numpy.concatenate([numpy.repeat(unit[:1], a.sequence_length - 1, axis=0), unit])
        windows.append(numpy.lib.stride_tricks.sliding_window_view(padded, a.sequence_length, axis=0).swapaxes(1, 2))
        labels.append(numpy.arange(len(unit) - 1, -1, -1.0))
        ends.append(ends[-1] + len(unit))
    windows = torch.tensor(numpy.concatenate(windows), dtype=torch.float32, device=a.device)
    labels = torch.tensor(numpy.concatenate(labels), dtype=torch.float32, device=a.device).unsqueeze(1)
    next_unit = next(number for number, end in enumerate(ends) if end >= a.windows)
    later = slice(ends[next_unit], ends[next_unit + a.validation_units])
    late = labels[later, 0] <= 1.2 * CAP
    targets = labels.clamp(max=CAP) / CAP
    return (windows[: a.windows], targets[: a.windows]), (windows[later][late], targets[later][late])


class Shuffled:
    """The batches of a DataLoader, indexed out of one tensor."""

    def __init__(self, windows, targets, batch_size):
        self.windows, self.targets, self.batch_size = windows, targets, batch_size

    def __len__(self):
        return math.ceil(len(self.windows) / self.batch_size)

    def __iter__(self):
        for places in torch.randperm(len(self.windows), device=self.windows.device).split(self.batch_size):
            yield self.windows[places], self.targets[places]


def epoch(model, batches, optimiser, schedule, count):
    """Trains one epoch; the mean loss."""
    model.train()
    criterion, total = nn.MSELoss(), 0.0
    for windows, targets in batches:
        optimiser.zero_grad()
        loss = criterion(model(windows), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += loss.detach() * len(targets)
    return float(total) / count


@torch.no_grad()
def validate(model, windows, targets):
    """RMSE in cycles."""
    model.eval()
    answers = torch.cat([model(batch).relu() for batch in windows.split(1024)])
    return CAP * float(((answers - targets) ** 2).mean().sqrt())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--subset", default="FD001")
    parser.add_argument("--model", choices=["gru", "lstm", "trend"], required=True)
    parser.add_argument("--batches", choices=["loader", "tensor"], required=True)
    parser.add_argument("--device", default="cpu")
    for name in "windows", "validation-units", "sequence-length", "hidden-size", "layers", "batch-size", "epochs":
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in "dropout", "lr", "weight-decay":
        parser.add_argument(f"--{name}", type=float, required=True)
    a = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)

    (windows, targets), validation = load(a)
    features = windows.shape[2]
    if a.model == "trend":
        model = Trend(features, a)
    else:
        model = Recurrent({"gru": nn.GRU, "lstm": nn.LSTM}[a.model], features, a)
    model.to(a.device)
    if a.batches == "loader":
        batches = DataLoader(TensorDataset(windows, targets), batch_size=a.batch_size, shuffle=True)
    else:
        batches = Shuffled(windows, targets, a.batch_size)
    optimiser = torch.optim.AdamW(model.parameters(), lr=a.lr, weight_decay=a.weight_decay)
    steps = a.epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=a.lr, total_steps=steps, cycle_momentum=False)

    epochs = []
    for _ in range(a.epochs):
        start = time.perf_counter()
        loss = epoch(model, batches, optimiser, schedule, len(windows))
        rmse = validate(model, *validation)
        epochs.append({"seconds": time.perf_counter() - start, "loss": loss, "validation_rmse": rmse})
    print(json.dumps({
        "device_name": "cpu" if a.device == "cpu" else torch.cuda.get_device_name(a.device),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "windows": len(windows),
        "batches": len(batches),
        "epochs": epochs,
    }))


if __name__ == "__main__":
    main()
