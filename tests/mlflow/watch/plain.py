"""MLflow's entities as JSON values. What is `None` or an empty collection is left out; an empty string is kept."""

import enum
import math


def plain(value):
    """`value` with nothing in it but dictionaries, lists, strings, numbers and booleans."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return _kept({str(key): plain(item) for key, item in value.items()})
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "__getitem__") and hasattr(value, "__len__"):
        return [plain(item) for item in value]  # a repeated field of a message
    if hasattr(type(value), "__iter__"):
        return plain(dict(value))
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    return str(value)


def _kept(fields: dict) -> dict:
    return {key: item for key, item in fields.items() if item is not None and item != {} and item != []}


def _number(value: float):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
