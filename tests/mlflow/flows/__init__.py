"""The topics, in the order in which they run; each is a module whose `FLOWS` are functions of an `Observer`."""

TOPICS = [
    "experiments",
    "search_experiments",
    "runs",
    "metrics_and_params",
    "search_runs",
    "search_runs_order",
    "registered_models",
    "model_versions",
    "aliases_stages",
    "search_models",
    "logged_models",
    "search_logged_models",
    "errors",
]
