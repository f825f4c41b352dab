#!/usr/bin/env python3
"""Drives a tracking server through MLflow's own client and compares what it saw with what the real server said."""

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from watch import environment  # noqa: E402


def main() -> int:
    """Reads the command line; returns the exit status (1: something differs, 2: it could not be judged)."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    record = commands.add_parser("record", help="run the flows and write down what was seen")
    record.add_argument("--uri", default=os.environ.get("MLFLOW_TRACKING_URI"), help="the server's address")
    record.add_argument("--out", type=Path, required=True, help="where the observations go")
    record.add_argument("--only", action="append", default=[], help="a topic, or how its name begins; may be repeated")
    record.add_argument("--flow", action="append", default=[], help="the name of one flow; may be repeated")

    compare = commands.add_parser("compare", help="print where two recordings differ")
    compare.add_argument("expected", type=Path)
    compare.add_argument("seen", type=Path)
    compare.add_argument("--on-purpose", type=Path, action="append", default=[],
                         help="a file of answers that differ on purpose, laid over the expected ones")
    compare.add_argument("--allow-skips", action="store_true", help="a topic whose packages are missing is no difference")
    compare.add_argument("--only", action="append", default=[], help="as for record")
    compare.add_argument("--brief", action="store_true", help="one line a topic")

    arguments = parser.parse_args()
    if arguments.command == "record":
        if not arguments.uri:
            parser.error("--uri or MLFLOW_TRACKING_URI must name the server")
        environment.settle(arguments.uri)
        from watch import recording  # after the environment: MLflow reads it when it is imported
        return recording.record(arguments.uri, arguments.out, arguments.only, arguments.flow)
    from watch import comparing
    return comparing.compare(arguments)


if __name__ == "__main__":
    sys.exit(main())
