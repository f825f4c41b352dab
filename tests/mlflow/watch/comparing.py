"""Says where two recordings differ: one block for each flow."""

import json
import sys

from . import files


def compare(arguments) -> int:
    """Prints the differences; returns 1 when there are any."""
    expected, seen = files.read(arguments.expected), files.read(arguments.seen)
    for path in arguments.on_purpose:
        _lay_over(expected, files.read(path))
    differences = observations = 0
    for topic in expected:
        if arguments.only and not any(topic.startswith(name) for name in arguments.only):
            continue
        blocks, count = _topic(topic, expected[topic], seen.get(topic), arguments.allow_skips)
        wrong = sum(len(lines) for _, lines in blocks)
        differences += wrong
        observations += count
        if arguments.brief:
            print(f"{topic}: {wrong} of {count} differ")
            continue
        for flow, lines in blocks:
            print(f"== {topic} / {flow}")
            print("\n".join(lines))
    print(f"{differences} of {observations} observations differ", file=sys.stderr)
    return 1 if differences else 0


def _lay_over(expected: dict, purpose: dict) -> None:
    """Puts the answers that differ on purpose in the place of the expected ones; each has its reason beside it."""
    for topic, flow_answers in purpose.items():
        for flow, answers in flow_answers.items():
            for name, answer in answers.items():
                expected.setdefault(topic, {}).setdefault(flow, {})[name] = answer["value"]


def _topic(topic: str, expected: dict, seen: dict | None, allow_skips: bool) -> tuple[list, int]:
    count = sum(len(flow) for flow in expected.values())
    if seen is None:
        return [("(all)", ["  not recorded"])], count
    if "skipped" in seen:
        needs = ", ".join(seen["skipped"]["needs"])
        print(f"{topic}: skipped, it needs {needs}", file=sys.stderr)
        return ([] if allow_skips else [("(all)", [f"  skipped: needs {needs}"])]), count
    blocks = [(flow, _flow(expected.get(flow, {}), seen.get(flow, {}))) for flow in {**expected, **seen}]
    return [(flow, lines) for flow, lines in blocks if lines], count


def _flow(expected: dict, seen: dict) -> list[str]:
    lines = []
    for name, value in expected.items():
        if name not in seen:
            lines.append(f"  {name}\n    expected {_short(value)}\n    not seen")
        elif not same(value, seen[name]):
            lines.append(f"  {name}\n    expected {_short(value)}\n    seen     {_short(seen[name])}")
    lines += [f"  {name}\n    not expected\n    seen     {_short(seen[name])}" for name in seen if name not in expected]
    return lines


def same(expected, seen) -> bool:
    """Whether one observation is as expected.

    Of an error the code, the status and the words in `says` count, not the sentence. Where the real server
    broke (5xx), any refusal (4xx) will do.
    """
    if isinstance(expected, dict) and "error" in expected and isinstance(seen, dict) and "error" in seen:
        if isinstance(expected["status"], int) and expected["status"] >= 500:
            return isinstance(seen["status"], int) and 400 <= seen["status"] < 500 or seen["status"] == expected["status"]
        if "unsaid" in seen and "unsaid" not in expected:
            return False
        return expected["error"] == seen["error"] and expected["status"] == seen["status"]
    return expected == seen


def _short(value) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 600 else text[:600] + "…"
