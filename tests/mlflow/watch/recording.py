"""Runs the topics one after the other and writes down what was seen."""

import contextlib
import importlib
import importlib.util
import logging
import os
import secrets
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import flows

from . import files, transport
from .observer import Observer

FLOW_SECONDS = 120


def record(uri: str, out: Path, only: list[str], wanted: list[str]) -> int:
    """Runs the chosen topics against `uri` and writes `out`; returns the exit status."""
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    transport.listen()
    names = [topic for topic in flows.TOPICS if chosen(topic, only)]
    if not names:
        print(f"no topic is called {' or '.join(only)}; there are: {', '.join(flows.TOPICS)}", file=sys.stderr)
        return 2
    topics = {}
    for topic in names:
        began = time.monotonic()
        with _nowhere():
            topics[topic] = _topic(topic, uri, wanted)
        count = sum(len(seen) for seen in topics[topic].values())
        print(f"{topic}: {count} observations in {time.monotonic() - began:.1f} s", file=sys.stderr)
        files.write(out, topics)  # after each, so that an interruption costs one topic
    return 0


@contextlib.contextmanager
def _nowhere():
    """Drops what MLflow prints and writes here: where a server names no place for artifacts, the client takes its folder."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as dropped, contextlib.redirect_stderr(dropped), contextlib.redirect_stdout(dropped):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def _limit(seconds: int):
    """Ends what takes longer: a server may hang, or answer so that the client asks for ever."""
    def over(_signal, _frame):
        raise TimeoutError(f"not done in {seconds} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 5)  # and again, should one observation swallow it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def chosen(topic: str, only: list[str]) -> bool:
    """Whether `--only` asks for this topic."""
    return not only or any(topic.startswith(name) for name in only)


def _topic(topic: str, uri: str, wanted: list[str]) -> dict:
    module = importlib.import_module(f"flows.{topic}")
    missing = [name for name in getattr(module, "NEEDS", []) if importlib.util.find_spec(name) is None]
    if missing:
        return {"skipped": {"needs": missing}}
    seen, shared = {}, {}
    prefix = f"j{secrets.token_hex(4)}z-"
    for flow in module.FLOWS:
        if wanted and flow.__name__ not in wanted:
            continue
        observer = Observer(uri, prefix, shared)
        try:
            with _limit(FLOW_SECONDS):
                flow(observer)
        except Exception as error:  # a half-finished server still yields a list
            observer.stop(error)
        seen[flow.__name__] = observer.seen
    return seen
