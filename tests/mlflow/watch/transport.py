"""Remembers the HTTP status that MLflow's client last saw, which its exceptions do not keep."""

from urllib.parse import urlsplit

import requests

_last: dict = {"status": None, "paths": []}
_send = requests.Session.send


def _watched(session, request, **options):
    _last["status"] = None
    _last["paths"].append(f"{request.method} {urlsplit(request.url).path}")
    response = _send(session, request, **options)
    _last["status"] = response.status_code
    return response


def listen() -> None:
    """Begins to listen to every `requests` session of this process; the requests themselves are untouched."""
    requests.Session.send = _watched


def forget() -> None:
    """Forgets what was seen."""
    _last.update(status=None, paths=[])


def status() -> "int | str | None":
    """The last status; `client` when nothing was sent, `None` when no answer came."""
    return _last["status"] if _last["paths"] else "client"


def paths() -> list[str]:
    """The method and path of every request since `forget`."""
    return list(_last["paths"])
