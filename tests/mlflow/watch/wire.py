"""Raw HTTP requests: the path goes out byte for byte, where a client library would tidy it up."""

import base64
import http.client
import json
import os
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Answer:
    """What came back: the status, the headers (names in lower case) and the body."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        """The body as JSON, or `None` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _authorization() -> dict:
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    if user := os.environ.get("MLFLOW_TRACKING_USERNAME"):
        secret = os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}
    return {}


def send(uri: str, method: str, target: str, body: bytes | None = None, headers: dict | None = None) -> Answer:
    """Sends one request to the server at `uri`; `target` is the path and query exactly as they go on the wire."""
    parts = urlsplit(uri)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH"))
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True, skip_host="Host" in (headers or {}))
        for name, value in {**_authorization(), **(headers or {})}.items():
            connection.putheader(name, value)
        if body is not None and "Transfer-Encoding" not in (headers or {}):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        if body:
            try:
                connection.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # a server may refuse a large body before it has read it all
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()
