"""Ids, times, names and addresses as symbols, so that two recordings of one behaviour are equal."""

import re
import time

TIMES = {
    "start_time", "end_time", "creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp",
    "timestamp", "creation_timestamp_ms", "last_updated_timestamp_ms",
}
EXPERIMENT_FIELDS = {"experiment_id", "experiment_ids"}
CHECKOUT = "mlflow.source.git."  # tags that the client makes of the folder it runs in
DAY_MS = 86_400_000

_ID = re.compile(r"\b(?:m-[0-9a-f]{32}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")
_FOLDER = re.compile(r"'/(?:[^/'\s]+/){3,}")
_LONG = re.compile(r"(.)\1{29,}")
_ROOT = re.compile(r"mlflow-artifacts:/+(?:[^/\s]+:\d+/+)?(?=\d)")
_ROOT_EXPERIMENT = re.compile(r"(?<=mlflow-artifacts:/)(\d+)\b")


class Normaliser:
    """Symbols in the order of first appearance, for one flow."""

    def __init__(self, prefix: str, address: str, experiments: list[str]):
        self.prefix = prefix
        self.experiments = experiments  # the numbers of the topic's experiments, for messages
        self.address = address
        self.symbols: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def symbol(self, kind: str, raw: str) -> str:
        """The symbol of `raw`, made when it is first seen."""
        if raw not in self.symbols:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.symbols[raw] = f"<{kind}{self.counts[kind]}>"
        return self.symbols[raw]

    def text(self, text: str) -> str:
        """A string with its ids, the flow's names and the server's address replaced."""
        text = _ROOT.sub("mlflow-artifacts:/", text)
        text = _ROOT_EXPERIMENT.sub(lambda found: self._experiment(found[1]), text)
        text = text.replace(self.prefix, "~").replace(self.address, "<address>")
        text = _ID.sub(lambda found: self.symbol("model" if found[0][:2] == "m-" else "id", found[0]), text)
        return _LONG.sub(lambda found: f"<{len(found[0])} × {found[1]}>", text)

    def message(self, text: str) -> str:
        """An error's message: as `text`, and the numbers of the topic's experiments too; cut to 120 characters."""
        text = self.text(text)
        for number in self.experiments if "xperiment" in text or "rtifact" in text else []:
            text = re.sub(rf"(?<![\w.]){re.escape(number)}(?![\w.])", lambda found: self._experiment(found[0]), text)
        text = _FOLDER.sub("'<folder>/", text)
        return text if len(text) <= 120 else text[:120] + "…"

    def _experiment(self, number: str) -> str:
        return "0" if number == "0" else self.symbol("exp", f"experiment {number}")

    def value(self, value, field: str = ""):
        """A plain value with every string, time and experiment id in it replaced."""
        if isinstance(value, dict):
            return {self.text(key): self.value(item, key) for key, item in value.items() if not key.startswith(CHECKOUT)}
        if isinstance(value, list):
            return [self.value(item, field) for item in value]
        if field in EXPERIMENT_FIELDS and isinstance(value, (str, int)):
            return self._experiment(str(value))
        if field in TIMES and isinstance(value, (int, float)) and not isinstance(value, bool):
            return "<time>" if abs(value - time.time() * 1000) < DAY_MS and value == int(value) else value
        return self.text(value) if isinstance(value, str) else value
