"""Remembers the HTTP status that MLflow's client last saw, which its exceptions do not keep."""

import requests

_last: dict = {"status": None, "requests": 0}
_send = requests.Session.send


def _watched(session, request, **options):
    _last["requests"] += 1
    _last["status"] = None
    response = _send(session, request, **options)
    _last["status"] = response.status_code
    return response


def listen() -> None:
    """Begins to listen to every `requests` session of this process; the requests themselves are untouched."""
    requests.Session.send = _watched


def forget() -> None:
    """Forgets what was seen."""
    _last.update(status=None, requests=0)


def status() -> "int | str | None":
    """The last status; `client` when nothing was sent, `None` when no answer came."""
    return _last["status"] if _last["requests"] else "client"
