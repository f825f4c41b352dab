"""Aliases and stages."""


def _model(w, name, versions):
    w.client.create_registered_model(name)
    for _ in range(versions):
        w.version(name)
    return name


def aliases(w):
    client, name = w.client, _model(w, w.name("m"), 3)
    w.see("set", lambda: client.set_registered_model_alias(name, "champion", "1"))
    w.see("get", lambda: client.get_model_version_by_alias(name, "champion"))
    w.see("move", lambda: client.set_registered_model_alias(name, "champion", "2"))
    w.see("moved", lambda: client.get_model_version_by_alias(name, "champion").version)
    w.see("the old version has it no more", lambda: client.get_model_version(name, "1").aliases)
    w.see("set it again", lambda: client.set_registered_model_alias(name, "champion", "2"))
    w.see("a second one", lambda: client.set_registered_model_alias(name, "a-challenger", "2"))
    w.see("of the version", lambda: sorted(client.get_model_version(name, "2").aliases))
    w.see("of the model", lambda: client.get_registered_model(name).aliases)
    w.see("in a search", lambda: [[v.version, sorted(v.aliases)] for v in client.search_model_versions(f"name = '{name}'")])
    w.http("on the wire", "GET", f"registered-models/alias?name={name}&alias=champion", show=lambda b: sorted(b["model_version"]["aliases"]))
    w.see("in other case", lambda: client.get_model_version_by_alias(name, "Champion"), says=("Champion",))
    w.see("a version by number", lambda: client.set_registered_model_alias(name, "number", 3))
    w.see("delete", lambda: client.delete_registered_model_alias(name, "champion"))
    w.see("get what was deleted", lambda: client.get_model_version_by_alias(name, "champion"), says=("champion",))
    w.see("delete again", lambda: client.delete_registered_model_alias(name, "champion"))
    w.see("to a version that is not there", lambda: client.set_registered_model_alias(name, "x", "99"), says=("99",))
    w.see("of a model that is not there", lambda: client.set_registered_model_alias(w.name("nobody"), "x", "1"), says=(w.name("nobody"),))
    w.see("get of a model that is not there", lambda: client.get_model_version_by_alias(w.name("nobody"), "x"), says=(w.name("nobody"),))
    w.see("delete of a model that is not there", lambda: client.delete_registered_model_alias(w.name("nobody"), "x"), says=(w.name("nobody"),))


def alias_names(w):
    name = _model(w, w.name("n"), 1)
    for alias in ["latest", "LATEST", "Latest", "v1", "V22", "v", "v1a", "1", "", " ", "a b", "a.b", "a/b", "..", "größe", "a@b", "a_b-C", "x" * 255, "x" * 256, "🚂", "production", "-", "_"]:
        shown = alias if len(alias) < 30 else f"{len(alias)} x"
        w.http(f"set {shown!r}", "POST", "registered-models/alias", {"name": name, "alias": alias, "version": "1"})
    for alias in ["latest", "v1", "", "..", "x" * 256]:
        shown = alias if len(alias) < 30 else f"{len(alias)} x"
        w.http(f"get {shown!r}", "GET", f"registered-models/alias?name={name}&alias={alias}")
        w.http(f"delete {shown!r}", "DELETE", "registered-models/alias", {"name": name, "alias": alias})
    w.http("the message names it", "POST", "registered-models/alias", {"name": name, "alias": "bad alias", "version": "1"}, says=("bad alias",))
    w.http("version is text", "POST", "registered-models/alias", {"name": name, "alias": "a", "version": "abc"}, says=("version", "abc"))
    w.see("aliases", lambda: sorted(w.client.get_registered_model(name).aliases))


def stages(w):
    client, name = w.client, _model(w, w.name("s"), 4)

    def all_stages():
        return {v.version: v.current_stage for v in client.search_model_versions(f"name = '{name}'")}

    w.see("to Staging", lambda: client.transition_model_version_stage(name, "1", "Staging"))
    w.see("a second in Staging", lambda: client.transition_model_version_stage(name, "2", "Staging").current_stage)
    w.see("both are", all_stages)
    w.see("a third archives them", lambda: client.transition_model_version_stage(name, "3", "Staging", archive_existing_versions=True).current_stage)
    w.see("after that", all_stages)
    w.see("in lower case", lambda: client.transition_model_version_stage(name, "4", "production").current_stage)
    w.see("to Production and archive", lambda: client.transition_model_version_stage(name, "3", "PRODUCTION", archive_existing_versions=True).current_stage)
    w.see("after that too", all_stages)
    w.see("into its own stage and archive", lambda: client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True).current_stage)
    w.see("it stays", all_stages)
    w.see("to Archived", lambda: client.transition_model_version_stage(name, "3", "Archived").current_stage)
    w.see("to Archived and archive", lambda: client.transition_model_version_stage(name, "4", "Archived", archive_existing_versions=True))
    w.see("to None", lambda: client.transition_model_version_stage(name, "3", "None").current_stage)
    w.see("to None and archive", lambda: client.transition_model_version_stage(name, "3", "None", archive_existing_versions=True))
    w.see("to a stage nobody knows", lambda: client.transition_model_version_stage(name, "1", "Nowhere"), says=("Nowhere",))
    w.see("of a version that is not there", lambda: client.transition_model_version_stage(name, "99", "Staging"), says=("99",))
    w.see("stages of a version", lambda: client.get_model_version_stages(name, "1"))
    w.http("archive is text", "POST", "model-versions/transition-stage", {"name": name, "version": "1", "stage": "Staging", "archive_existing_versions": "yes"}, says=("archive_existing_versions",))
    w.http("archive left out", "POST", "model-versions/transition-stage", {"name": name, "version": "1", "stage": "Staging"}, show=lambda b: b["model_version"]["current_stage"])
    w.http("an empty stage", "POST", "model-versions/transition-stage", {"name": name, "version": "1", "stage": ""}, says=("stage",))
    w.see("at last", all_stages)


FLOWS = [aliases, alias_names, stages]
