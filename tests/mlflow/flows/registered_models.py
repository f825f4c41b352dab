"""Registered models: create, read, rename, describe, tag, delete, latest versions."""


def _shape(model):
    return {**dict(model), "latest_versions": [[v.version, v.current_stage] for v in model.latest_versions]}


def create_and_read(w):
    w.see("create", lambda: w.client.create_registered_model(w.name("m"), tags={"k": "v", "größe": "✓"}, description="a *model*"), show=_shape)
    w.see("get", lambda: w.client.get_registered_model(w.name("m")), show=_shape)
    w.see("create bare", lambda: w.client.create_registered_model(w.name("bare")), show=_shape)
    w.see("create again", lambda: w.client.create_registered_model(w.name("m")), says=(w.name("m"),))
    w.see("in other case it is another", lambda: w.client.create_registered_model(w.name("M")).name)
    w.see("get what is not there", lambda: w.client.get_registered_model(w.name("nobody")), says=(w.name("nobody"),))
    w.http("a tag twice", "POST", "registered-models/create", {"name": w.name("twice"), "tags": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}, show=lambda b: b["registered_model"]["tags"])
    w.http("a fresh one on the wire", "GET", f"registered-models/get?name={w.name('bare')}", show=lambda b: b)


def names(w):
    for name in ["größe ✓ 雪", "with space", "a.b", "a\\b", "quote'\"`", "%41", "x" * 200, "tab\tin", "emoji 🚂", "a#b?c&d"]:
        shown = name if len(name) < 30 else f"{len(name)} x"
        w.see(f"create {shown!r}", lambda: w.client.create_registered_model(w.name(name)).name)
        w.see(f"get {shown!r}", lambda: w.client.get_registered_model(w.name(name)).name)
    for name in ["", " ", "a/b", "a:b", "..", ".", "/abs", "a/../b", "//", None, "x" * 257, "x" * 300]:
        shown = name if name is None or len(name) < 30 else f"{len(name)} x"
        body = {"name": w.name(name[len(w.prefix):]) if name and len(name) > 30 else name}
        w.http(f"create {shown!r} on the wire", "POST", "registered-models/create", body)
    for name in ["", "..", "a/b", "%2e%2e", "%00"]:
        w.http(f"get {name!r} on the wire", "GET", f"registered-models/get?name={name}")


def rename(w):
    client = w.client
    name, after = w.name("before"), w.name("after")
    client.create_registered_model(name, tags={"k": "v"}, description="d")
    client.create_registered_model(w.name("taken"))
    for _ in range(2):
        w.version(name)
    client.set_model_version_tag(name, "1", "vk", "vv")
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Staging")
    w.see("rename", lambda: client.rename_registered_model(name, after))
    w.see("the old name", lambda: client.get_registered_model(name), says=(name,))
    w.see("the new name", lambda: client.get_registered_model(after), show=_shape)
    w.see("versions", lambda: [[v.name, v.version, v.tags, v.current_stage, v.aliases] for v in client.search_model_versions(f"name = '{after}'")])
    w.see("by alias", lambda: client.get_model_version_by_alias(after, "champion").version)
    w.see("the old name is free", lambda: client.create_registered_model(name).name)
    w.see("to a name that is taken", lambda: client.rename_registered_model(after, w.name("taken")), says=(w.name("taken"),))
    w.see("to its own name", lambda: client.rename_registered_model(after, after))
    w.http("renamed on the wire", "POST", "registered-models/rename", {"name": after, "new_name": w.name("third")}, show=lambda b: b["registered_model"]["name"])
    client.rename_registered_model(w.name("third"), after)
    w.see("what is not there", lambda: client.rename_registered_model(w.name("nobody"), w.name("x")), says=(w.name("nobody"),))
    for new in ["", " ", "a/b", "..", None]:
        w.http(f"to {new!r}", "POST", "registered-models/rename", {"name": after, "new_name": new}, says=("name",))


def describe_and_tag(w):
    client = w.client
    name = w.name("d")
    client.create_registered_model(name)
    before = client.get_registered_model(name)
    w.see("describe", lambda: client.update_registered_model(name, "new ✓"), show=_shape)
    w.see("describe by nothing", lambda: client.update_registered_model(name, ""), show=lambda m: m.description)
    w.http("describe by null", "PATCH", "registered-models/update", {"name": name, "description": None}, show=lambda b: b["registered_model"].get("description"))
    w.http("a long description", "PATCH", "registered-models/update", {"name": name, "description": "d" * 5000}, show=lambda b: len(b["registered_model"]["description"]))
    w.http("a longer description", "PATCH", "registered-models/update", {"name": name, "description": "d" * 5001})
    w.see("last_updated did not go back", lambda: client.get_registered_model(name).last_updated_timestamp >= before.last_updated_timestamp)
    w.see("what is not there", lambda: client.update_registered_model(w.name("nobody"), "x"), says=(w.name("nobody"),))
    for key, value in [("k", "v"), ("k", "other"), ("empty", ""), ("größe", "✓"), ("number", 5), ("with space", " ")]:
        w.see(f"tag {key!r} = {value!r}", lambda: client.set_registered_model_tag(name, key, value))
    w.see("tags", lambda: client.get_registered_model(name).tags)
    w.see("delete a tag", lambda: client.delete_registered_model_tag(name, "k"))
    w.see("delete it again", lambda: client.delete_registered_model_tag(name, "k"))
    w.see("tag what is not there", lambda: client.set_registered_model_tag(w.name("nobody"), "k", "v"), says=(w.name("nobody"),))
    w.see("delete the tag of what is not there", lambda: client.delete_registered_model_tag(w.name("nobody"), "k"), says=(w.name("nobody"),))
    for key in ["", "..", "/abs", "a*b", "a\\b", "x" * 250, "x" * 251]:
        shown = key if len(key) < 30 else f"{len(key)} x"
        w.http(f"key {shown!r}", "POST", "registered-models/set-tag", {"name": name, "key": key, "value": "v"})
    for length in (100000, 100001):
        w.http(f"a value of {length}", "POST", "registered-models/set-tag", {"name": name, "key": "long", "value": "v" * length})
    w.http("no value", "POST", "registered-models/set-tag", {"name": name, "key": "k"})
    w.see("keys", lambda: sorted(client.get_registered_model(name).tags))


def delete(w):
    client = w.client
    name = w.name("mortal")
    client.create_registered_model(name, tags={"k": "v"})
    w.version(name, tags={"a": "b"})
    w.version(name)
    client.set_registered_model_alias(name, "champion", "1")
    w.see("delete", lambda: client.delete_registered_model(name))
    w.see("get", lambda: client.get_registered_model(name), says=(name,))
    w.see("a version of it", lambda: client.get_model_version(name, "1"), says=(name,))
    w.see("by alias", lambda: client.get_model_version_by_alias(name, "champion"), says=(name,))
    w.see("versions", lambda: list(client.search_model_versions(f"name = '{name}'")))
    w.see("delete again", lambda: client.delete_registered_model(name), says=(name,))
    w.see("create anew", lambda: client.create_registered_model(name), show=_shape)
    w.see("its tags", lambda: client.get_registered_model(name).tags)
    w.see("its first version", lambda: w.version(name).version)


def latest_versions(w):
    client = w.client
    name = w.name("l")
    client.create_registered_model(name)
    for _ in range(5):
        w.version(name)
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Production")
    client.transition_model_version_stage(name, "3", "Staging")
    client.transition_model_version_stage(name, "4", "Archived")

    def latest(stages=None):
        return sorted([v.current_stage, v.version] for v in client.get_latest_versions(name, stages))

    w.see("all stages", latest)
    for stages in [["Production"], ["production"], ["None"], ["Staging", "Archived"], ["Nowhere"], []]:
        w.see(f"{stages}", lambda: latest(stages))
    w.see("in the model", lambda: sorted([v.current_stage, v.version] for v in client.get_registered_model(name).latest_versions))
    w.see("of what is not there", lambda: client.get_latest_versions(w.name("nobody")), says=(w.name("nobody"),))
    w.http("by GET", "GET", f"registered-models/get-latest-versions?name={name}", show=lambda b: sorted(v["version"] for v in b["model_versions"]))
    w.http("by POST", "POST", "registered-models/get-latest-versions", {"name": name, "stages": ["Staging"]}, show=lambda b: [v["version"] for v in b["model_versions"]])


FLOWS = [create_and_read, names, rename, describe_and_tag, delete, latest_versions]
