"""Says where two recordings differ: one block for each flow."""

import json
import sys

from . import files

NOTHING = object()  # what the real server said of what it was never asked


def compare(arguments) -> int:
    """Prints the differences; returns 1 when there are any."""
    expected, seen = files.read(arguments.expected), files.read(arguments.seen)
    replaced: dict = {}
    for path in arguments.on_purpose:
        try:
            _lay_over(expected, files.read(path), replaced)
        except ValueError as problem:
            print(f"{path}: {problem}", file=sys.stderr)
            return 2
    differences = observations = 0
    for topic in {**expected, **seen}:
        if arguments.only and not any(topic.startswith(name) for name in arguments.only):
            continue
        blocks, wrong, count = _topic(topic, expected.get(topic, {}), seen.get(topic), arguments.allow_skips)
        idle = _idle(replaced.get(topic, {}), seen.get(topic, {}))
        blocks, wrong = blocks + idle, wrong + len(idle)
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


def _lay_over(expected: dict, rules: list, replaced: dict) -> None:
    """Puts the rules' answers in the place of the expected ones, which `replaced` keeps by topic, flow and name."""
    for rule in rules:
        topic = rule["topic"]
        if topic not in expected:
            raise ValueError(f"there is no topic {topic}")
        for flow in rule["flows"]:
            answers, before = expected[topic].setdefault(flow, {}), replaced.setdefault(topic, {})
            for name in rule["names"]:
                if (flow, name) in before:
                    raise ValueError(f"{topic} / {flow} / {name} has two rules")
                before[flow, name] = answers.get(name, NOTHING)
                answers[name] = rule["answer"]


def _idle(replaced: dict, seen: dict) -> list:
    """A block for each rule that nothing asks for: what was seen is what the real server said."""
    return [
        (flow, [f"  {_line(name)}\n    is as expected, and needs no rule"])
        for (flow, name), before in replaced.items()
        if before is not NOTHING and name in seen.get(flow, {}) and same(before, seen[flow][name])
    ]


def _topic(topic: str, expected: dict, seen: dict | None, allow_skips: bool) -> tuple[list, int, int]:
    """The blocks of one topic, how many observations differ, and of how many."""
    count = sum(len(flow) for flow in expected.values())
    if seen is None:
        return [("(all)", ["  not recorded"])], count, count
    if "skipped" in seen:
        needs = ", ".join(seen["skipped"]["needs"])
        print(f"{topic}: skipped, it needs {needs}", file=sys.stderr)
        return ([], 0, 0) if allow_skips else ([("(all)", [f"  skipped: needs {needs}"])], count, count)
    blocks, wrong = [], 0
    for flow in {**expected, **seen}:
        lines, differ = _flow(expected.get(flow, {}), seen.get(flow, {}))
        wrong += differ
        if lines:
            blocks.append((flow, lines))
    return blocks, wrong, count


def _flow(expected: dict, seen: dict) -> tuple[list[str], int]:
    """The lines that say what differs in one flow, and the number of observations that do."""
    lines, missing = [], []
    for name, value in expected.items():
        if name not in seen:
            missing.append(name)
        elif not same(value, seen[name]):
            lines.append(f"  {_line(name)}\n    expected {_short(value)}\n    seen     {_short(seen[name])}")
    extra = [name for name in seen if name not in expected]
    lines += [f"  {_line(name)}\n    not expected\n    seen     {_short(seen[name])}" for name in extra]
    wrong = len(lines) + len(missing) - ("the flow stopped" in extra and bool(missing))
    if missing and "the flow stopped" in extra:
        lines.append(f"  and {len(missing)} not seen after that: {', '.join(missing)}"[:600])
    else:
        lines += [f"  {_line(name)}\n    expected {_short(expected[name])}\n    not seen" for name in missing]
    return lines, wrong


def same(expected, seen) -> bool:
    """Whether one observation is as expected.

    Of an error the code, the status and the words in `says` count, not the sentence. Where the real server broke
    (5xx), where it let its database refuse (`BAD_REQUEST`), or answered without a code, any refusal (4xx) will do. What the
    client refused itself (`client`) may be refused by the server too.
    """
    if not (isinstance(expected, dict) and "error" in expected and isinstance(seen, dict) and "error" in seen):
        return expected == seen
    if "unsaid" in seen and "unsaid" not in expected and "says" in expected:
        return False
    status = expected["status"]
    loose = expected["error"] in (None, "BAD_REQUEST") or isinstance(status, int) and status >= 500
    if loose and isinstance(seen["status"], int) and 400 <= seen["status"] < 500:
        return True
    return expected["error"] == seen["error"] and status in (seen["status"], "client")


def _line(name: str) -> str:
    """A name on one line, whatever is in it."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)


def _short(value) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 600 else text[:600] + "…"
