"""How a recording looks on disk: one observation a line."""

import json
from pathlib import Path


def write(path: Path, topics: dict) -> None:
    """Writes `topics` (topic, flow, observation, value) with the keys of every value sorted."""
    lines = ["{"]
    for number, (topic, flows) in enumerate(sorted(topics.items())):
        lines.append(f"{json.dumps(topic)}: {{")
        for place, (flow, seen) in enumerate(flows.items()):
            lines.append(f" {json.dumps(flow)}: {{")
            rows = [f"  {_dense(name)}: {_dense(value)}" for name, value in seen.items()]
            lines.append(",\n".join(rows))
            lines.append(" }" + ("," if place + 1 < len(flows) else ""))
        lines.append("}" + ("," if number + 1 < len(topics) else ""))
    lines.append("}")
    whole = path.with_name(path.name + ".part")
    whole.write_text("\n".join(lines) + "\n", encoding="utf-8")
    whole.replace(path)  # a full disk leaves the former recording as it was


def read(path: Path):
    """Reads what `write` wrote, or any other JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def _dense(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
