"""The variables that make MLflow's client answer the same on every machine, and quickly."""

import os
import sys

FIXED = {
    "LOGNAME": "judge",
    "USER": "judge",
    "USERNAME": "judge",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
    "COLUMNS": "400",
    "NO_COLOR": "1",
    "TZ": "UTC",
}

DROPPED = ["MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", "MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI"]


def settle(uri: str) -> None:
    """Sets the variables for the server at `uri`."""
    for name in DROPPED:
        os.environ.pop(name, None)
    os.environ.update(FIXED)
    os.environ["MLFLOW_TRACKING_URI"] = uri
    sys.argv[0] = "judge.py"
