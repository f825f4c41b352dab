"""Says where two recordings differ: one block for each flow."""

import json
import sys

from . import files


def compare(arguments) -> int:
    """Prints the differences; returns 1 when there are any."""
    expected, seen = files.read(arguments.expected), files.read(arguments.seen)
    for path in arguments.on_purpose:
        try:
            _lay_over(expected, files.read(path))
        except KeyError as missing:
            print(f"{path}: {missing.args[0]} is not in {arguments.expected}; name an observation that is", file=sys.stderr)
            return 2
    differences = observations = 0
    for topic in expected:
        if arguments.only and not any(topic.startswith(name) for name in arguments.only):
            continue
        blocks, wrong, count = _topic(topic, expected[topic], seen.get(topic), arguments.allow_skips)
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


def _lay_over(expected: dict, rules: list) -> None:
    """Lays the rules over the expected answers: `answer` takes the place of one, `also` lists others that will do."""
    for rule in rules:
        for flow in rule["flows"]:
            answers = expected[rule["topic"]].setdefault(flow, {})
            for name in rule["names"]:
                if "answer" in rule:
                    answers[name] = rule["answer"]
                elif name in answers:
                    answers[name] = {"one of": [answers[name], *rule["also"]]}
                else:
                    raise KeyError(f"{rule['topic']} / {flow} / {name}")


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
    if isinstance(expected, dict) and "one of" in expected:
        return any(same(answer, seen) for answer in expected["one of"])
    if isinstance(expected, dict) and "statuses" in expected:
        return isinstance(seen, dict) and seen.get("status") in expected["statuses"]
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
