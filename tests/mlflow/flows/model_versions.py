"""Model versions: create, read, describe, tag, copy, delete, download."""


def create_and_read(w):
    client, name = w.client, w.name("m")
    client.create_registered_model(name)
    place, run = w.source()
    w.see("create", lambda: client.create_model_version(name, place, run_id=run, tags={"k": "v", "größe": "✓"}, description="first", run_link="http://example.org/run"))
    w.see("get", lambda: client.get_model_version(name, "1"))
    w.see("create bare", lambda: client.create_model_version(name, f"runs:/{run}/model", run_id=run))
    w.see("numbers go up", lambda: w.version(name).version)
    w.see("download uri", lambda: [client.get_model_version_download_uri(name, v) for v in ("1", "2")])
    w.see("get what is not there", lambda: client.get_model_version(name, "99"), says=(name, "99"))
    w.see("get a version of no model", lambda: client.get_model_version(w.name("nobody"), "1"), says=(w.name("nobody"),))
    w.see("create for no model", lambda: client.create_model_version(w.name("nobody"), place, run_id=run), says=(w.name("nobody"),))
    w.see("download uri of what is not there", lambda: client.get_model_version_download_uri(name, "99"), says=("99",))
    for version in ["abc", "0", "-1", "1.5", "01", "", "99999999999999999999", " 1", "१"]:
        w.http(f"get version {version!r}", "GET", f"model-versions/get?name={name}&version={_quoted(version)}")
    w.http("a version by number", "DELETE", "model-versions/delete", {"name": name, "version": 3})
    w.see("versions now", lambda: [v.version for v in client.search_model_versions(f"name = '{name}'")])
    w.http("a version on the wire", "GET", f"model-versions/get?name={name}&version=2", show=lambda b: b["model_version"])


def sources(w):
    client, name = w.client, w.name("s")
    client.create_registered_model(name)
    place, run = w.source()
    other = client.create_run(w.experiment("other")).info
    gone = client.create_run(other.experiment_id).info.run_id
    client.delete_run(gone)
    model = client.create_logged_model(other.experiment_id, name="lm")
    root = place.rsplit("/", 1)[0]

    def make(shown, source, run_id=None, model_id=None, says=()):
        body = {"name": name, "source": source, **({"run_id": run_id} if run_id else {}), **({"model_id": model_id} if model_id else {})}
        w.http(shown, "POST", "model-versions/create", body, says=says)

    make("inside its run", f"{root}/a/b", run)
    make("the root of its run", root, run)
    make("inside its run, without run_id", f"{root}/a")
    make("of another run", f"{root}/a", other.run_id)
    make("of a run that is not there", f"{root}/a", "0" * 32)
    make("of a deleted run", f"runs:/{gone}/model", gone)
    make("runs:/", f"runs:/{run}/model", run)
    make("runs:/ without run_id", f"runs:/{run}/model")
    make("runs:/ of another run", f"runs:/{run}/model", other.run_id)
    make("runs:/ and no path", f"runs:/{run}", run)
    make("runs:/ and dots", f"runs:/{run}/../x", run)
    make("models:/ with its model_id", f"models:/{model.model_id}", model_id=model.model_id)
    make("models:/ without model_id", f"models:/{model.model_id}")
    make("models:/ with another model_id", f"models:/{model.model_id}", model_id="m-" + "0" * 32)
    make("models:/ that is not there", "models:/m-" + "0" * 32, model_id="m-" + "0" * 32)
    make("models:/ by name", f"models:/{name}/1")
    make("a model's artifacts", f"{model.artifact_location}", model_id=model.model_id)
    make("a model's artifacts without model_id", f"{model.artifact_location}")
    for shown, source in [("empty", ""), ("a local path", "/etc/passwd"), ("file:", "file:///etc/passwd"), ("file: with a host", "file://host/etc"), ("s3:", "s3://bucket/x"), ("http:", "http://example.org/x"), ("no scheme", "x/y"), ("dots", f"{root}/../x"), ("encoded dots", f"{root}/%2e%2e/x"), ("twice encoded dots", f"{root}/%252e%252e/x"),
                          ("a backslash", f"{root}/..\\x"), ("a fragment", f"{root}/x#y"), ("a query", f"{root}/x?y=z"), ("a NUL", f"{root}/x\x00"), ("a host", "mlflow-artifacts://elsewhere/x"), ("upper case", f"{root}/x".replace("mlflow-artifacts", "MLFLOW-ARTIFACTS")), ("dbfs:", "dbfs:/x"), ("models:", "models:/"), ("a long one", f"{root}/" + "x" * 600)]:
        make(f"source: {shown}", source, run)
    make("file: without a run", "file:///etc/passwd")
    make("s3: without a run", "s3://bucket/x")


def describe_and_tag(w):
    client, name = w.client, w.name("d")
    client.create_registered_model(name)
    w.version(name)
    before = client.get_model_version(name, "1")
    w.see("describe", lambda: client.update_model_version(name, "1", "new ✓"), show=lambda v: v.description)
    w.see("describe by nothing", lambda: client.update_model_version(name, "1", ""), show=lambda v: v.description)
    w.see("last_updated did not go back", lambda: client.get_model_version(name, "1").last_updated_timestamp >= before.last_updated_timestamp)
    w.see("describe what is not there", lambda: client.update_model_version(name, "9", "x"), says=("9",))
    w.http("a long description", "PATCH", "model-versions/update", {"name": name, "version": "1", "description": "d" * 5001}, show=lambda b: len(b["model_version"]["description"]))
    for key, value in [("k", "v"), ("k", "other"), ("empty", ""), ("größe", "✓"), ("number", 5)]:
        w.see(f"tag {key!r} = {value!r}", lambda: client.set_model_version_tag(name, "1", key, value))
    w.see("tags", lambda: client.get_model_version(name, "1").tags)
    w.see("delete a tag", lambda: client.delete_model_version_tag(name, "1", "k"))
    w.see("delete it again", lambda: client.delete_model_version_tag(name, "1", "k"))
    w.see("tag what is not there", lambda: client.set_model_version_tag(name, "9", "k", "v"), says=("9",))
    w.see("delete the tag of what is not there", lambda: client.delete_model_version_tag(name, "9", "k"), says=("9",))
    for key in ["", "..", "/abs", "a*b", "x" * 250, "x" * 251]:
        shown = key if len(key) < 30 else f"{len(key)} x"
        w.http(f"key {shown!r}", "POST", "model-versions/set-tag", {"name": name, "version": "1", "key": key, "value": "v"})
    for length in (100000, 100001):
        w.http(f"a value of {length}", "POST", "model-versions/set-tag", {"name": name, "version": "1", "key": "long", "value": "v" * length})
    w.http("no value", "POST", "model-versions/set-tag", {"name": name, "version": "1", "key": "none"})
    w.see("tag by stage", lambda: client.set_model_version_tag(name, key="s", value="1", stage="None"))
    w.see("tags at last", lambda: sorted(client.get_model_version(name, "1").tags))


def copy(w):
    client, name = w.client, w.name("from")
    client.create_registered_model(name)
    w.version(name, tags={"a": "1"}, description="d")
    client.set_registered_model_alias(name, "champion", "1")
    w.see("to a new model", lambda: client.copy_model_version(f"models:/{name}/1", w.name("to")))
    w.see("by alias", lambda: client.copy_model_version(f"models:/{name}@champion", w.name("to")), show=lambda v: [v.name, v.version, v.source, v.tags, v.description])
    w.see("to itself", lambda: client.copy_model_version(f"models:/{name}/1", name), show=lambda v: [v.name, v.version, v.source])
    w.see("the copy is downloaded from", lambda: client.get_model_version_download_uri(w.name("to"), "1"))
    w.see("a copy of a copy", lambda: client.copy_model_version(f"models:/{w.name('to')}/1", w.name("third")), show=lambda v: [v.version, v.source])
    w.see("what is not there", lambda: client.copy_model_version(f"models:/{name}/99", w.name("to")), says=("99",))
    w.see("the original is gone", lambda: client.delete_model_version(name, "1"))
    w.see("the copy now", lambda: client.get_model_version_download_uri(w.name("to"), "1"))


def delete(w):
    client, name = w.client, w.name("del")
    client.create_registered_model(name)
    for _ in range(3):
        w.version(name)
    client.set_registered_model_alias(name, "challenger", "3")
    w.see("delete", lambda: client.delete_model_version(name, "3"))
    w.see("get", lambda: client.get_model_version(name, "3"), says=("3",))
    w.see("its alias", lambda: client.get_model_version_by_alias(name, "challenger"), says=("challenger",))
    w.see("the model's aliases", lambda: client.get_registered_model(name).aliases)
    w.see("delete again", lambda: client.delete_model_version(name, "3"), says=("3",))
    w.see("tag it", lambda: client.set_model_version_tag(name, "3", "k", "v"), says=("3",))
    w.see("alias to it", lambda: client.set_registered_model_alias(name, "a", "3"), says=("3",))
    w.see("its download uri", lambda: client.get_model_version_download_uri(name, "3"), says=("3",))
    w.see("the next number", lambda: w.version(name).version)
    w.see("delete all", lambda: [client.delete_model_version(name, v) for v in ("1", "2", "4")] and None)
    w.see("a number is never used twice", lambda: w.version(name).version)
    w.see("delete of no model", lambda: client.delete_model_version(w.name("nobody"), "1"), says=(w.name("nobody"),))


def delete_what_is_in_production(w):
    client, name = w.client, w.name("prod")
    client.create_registered_model(name)
    for _ in range(2):
        w.version(name)
    client.set_registered_model_alias(name, "production", "1")
    client.transition_model_version_stage(name, "2", "Production")
    w.see("a version with the alias production", lambda: client.delete_model_version(name, "1"))
    w.see("a version in the stage Production", lambda: client.delete_model_version(name, "2"))
    w.see("the model", lambda: client.delete_registered_model(name))


def _quoted(text):
    from urllib.parse import quote
    return quote(text)


FLOWS = [create_and_read, sources, describe_and_tag, copy, delete, delete_what_is_in_production]
