"""One flow's ordered list of observations."""

import json
import os
import re
import traceback

from . import transport, wire
from .normal import Normaliser
from .plain import plain

API = "/api/2.0/mlflow/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/"


class Observer:
    """What a flow is given: names of its own, the client, raw HTTP, and `see` to write down what came back."""

    def __init__(self, uri: str, prefix: str, shared: dict):
        from mlflow import MlflowClient

        self.uri = uri
        self.prefix = prefix
        self.shared = shared
        self.client = MlflowClient()
        self.normal = Normaliser(prefix, uri.split("://", 1)[-1].rstrip("/"), shared.setdefault("experiments", []))
        self.seen: dict[str, object] = {}

    def name(self, name: str) -> str:
        """A name that no other recording has; it is written down as `~name`."""
        return f"{self.prefix}{name}"

    def experiment(self, name: str, **options) -> str:
        """A new experiment's id."""
        number = self.client.create_experiment(self.name(name), **options)
        self.normal.experiments.append(number)
        return number

    def run(self, experiment: str, name: str | None = None, **options) -> str:
        """A new run's id."""
        return self.client.create_run(experiment, run_name=name, **options).info.run_id

    def source(self) -> tuple[str, str]:
        """A run with a place below its artifacts: what a version may be made from."""
        def make():
            run = self.client.create_run(self.experiment("sources"))
            return f"{run.info.artifact_uri}/model", run.info.run_id
        return self.once("source", make)

    def version(self, model: str, **options):
        """A new version of the registered model `model`."""
        place, run = self.source()
        return self.client.create_model_version(model, place, run_id=run, **options)

    def once(self, name: str, make):
        """What `make` returned the first time it was asked for in this topic; it is not tried twice."""
        if name not in self.shared:
            try:
                self.shared[name] = (make(), None)
            except Exception as error:
                self.shared[name] = (None, error)
        made, error = self.shared[name]
        if error is not None:
            raise error
        return made

    def see(self, name: str, what, says: tuple = (), show=None):
        """Writes down a value, or what calling `what` returns or raises.

        `says` are words that an error's message must have; `show` picks what is written down of a result.
        Returns the result itself, or `None` after an error.
        """
        result = what
        if callable(what):
            transport.forget()
            try:
                result = what()
            except Exception as error:  # every failure of the server is something seen
                self._put(name, self._error(error, says))
                return None
        try:
            self._put(name, self.normal.value(plain(show(result) if show else result)))
        except Exception as error:
            self._put(name, {"unexpected": f"{type(error).__name__}: {error}"[:160]})
        return result

    def http(self, name: str, method: str, path: str, body=None, says: tuple = (), show=None, headers=None, raw=None):
        """Sends one raw request and writes down its status, and the error code or what `show` picks of the JSON body.

        `path` is relative to the REST root unless it begins with `/`. `body` is sent as JSON, `raw` as it is.
        """
        target = path if path.startswith("/") else API + path
        sent = dict(headers or {})
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        elif raw is None and method in ("POST", "PUT", "PATCH"):
            data = b""
        try:
            answer = wire.send(self.uri, method, target, data, sent)
        except Exception as error:
            self._put(name, {"unexpected": type(error).__name__})
            return None
        found = answer.json()
        if answer.status >= 400:
            code = found.get("error_code") if isinstance(found, dict) else None
            message = str(found.get("message", "")) if isinstance(found, dict) else ""
            self._put(name, self._refusal(code, answer.status, message, says))
        else:
            shown = show(found) if show else None
            self._put(name, {"status": answer.status, **({} if shown is None else {"shows": self.normal.value(plain(shown))})})
        return answer

    def stop(self, error: Exception) -> None:
        """Writes down that the flow could not go on."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        known = self._error(error, ())
        known["stopped"] = f"{os.path.basename(where.filename)}:{where.name}"
        self._put("the flow stopped", known)

    def _put(self, name: str, value) -> None:
        name = self.normal.text(name)
        key, count = name, 1
        while key in self.seen:
            count += 1
            key = f"{name} #{count}"
        self.seen[key] = value

    def _error(self, error: Exception, says: tuple) -> dict:
        code = getattr(error, "error_code", None)
        response = getattr(error, "response", None)
        if code is None and response is not None and hasattr(response, "status_code"):
            found = _object(response)
            return self._refusal(found.get("error_code"), response.status_code, str(found.get("message", "")), says)
        if code is None:
            return {"raises": type(error).__name__, "message": self.normal.message(str(error))}
        message = str(getattr(error, "message", error)).removeprefix(f"{code}: ")
        status = transport.status()
        if status is None and (found := re.search(r"too many (\d+) error responses", message)):
            status = int(found[1])
        if isinstance(status, int) and status < 400:
            status = "client"  # the server was content, the client is not
        return self._refusal(code, status, message, says)

    def _refusal(self, code, status, message: str, says: tuple) -> dict:
        refusal = {"error": code, "status": status, "message": self.normal.message(message)}
        if says:
            refusal["says"] = [self.normal.text(str(word)) for word in says]
            missing = [word for word in says if str(word).lower() not in message.lower()]
            if missing:
                refusal["unsaid"] = [self.normal.text(str(word)) for word in missing]
        return refusal


def _object(response) -> dict:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
