"""What a client of the registry guide's service asks, with the guide's own words: names, URLs, errors."""

import json
import sys

import requests

url, columns = sys.argv[1], None
readings = json.load(sys.stdin)


def asked(method, path, **more):
    answer = requests.request(method, url + path, timeout=30, **more)
    return {"status": answer.status_code, "body": answer.json()}


# The guide calls the settings op_setting_1 to op_setting_3, and all columns by name.
names = [f"op_setting_{n}" for n in range(1, 4)] + [f"sensor_{n}" for n in range(1, 22)]
named = [dict(zip(names, row)) for row in readings]
query = {"version": 1, "model_type": "lstm"}
short = [row[:23] for row in readings]
print(json.dumps({
    "root": asked("GET", "/"),
    "health": asked("GET", "/health"),
    "models": asked("GET", "/models"),
    "model": asked("GET", "/models/1"),
    "no_model": asked("GET", "/models/999"),
    "named": asked("POST", "/predict", params=query, json={"sensor_readings": named}),
    "alias": asked("POST", "/predict", json={"sensor_data": named}),
    "simple": asked("POST", "/predict/simple", params=query, json={"sensor_data": readings}),
    "short": asked("POST", "/predict/simple", json={"sensor_data": short}),
    "empty": asked("POST", "/predict", json={}),
    "page": requests.get(url + "/docs", timeout=30).status_code,
    "openapi": sorted(requests.get(url + "/openapi.json", timeout=30).json()["paths"]),
}))
