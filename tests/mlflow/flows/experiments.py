"""Experiments: create, read, rename, tag, delete, restore."""

from mlflow.entities import ViewType


def create_and_read(w):
    number = w.experiment("plain")
    w.see("by id", lambda: w.client.get_experiment(number))
    w.see("by name", lambda: w.client.get_experiment_by_name(w.name("plain")))
    tagged = w.experiment("tagged", tags={"a": "1", "mlflow.note.content": "größe ✓"})
    w.see("with tags", lambda: w.client.get_experiment(tagged))
    placed = w.experiment("placed", artifact_location="mlflow-artifacts:/elsewhere/deep")
    w.see("with a location of its own", lambda: w.client.get_experiment(placed).artifact_location)
    run = w.client.create_run(placed)
    w.see("a run lies below that location", run.info.artifact_uri)
    w.see("the id is a number in a string", number.isdecimal())


def the_default_experiment_is_there(w):
    w.see("experiment 0", lambda: w.client.get_experiment("0"), show=lambda e: [e.experiment_id, e.name, e.artifact_location])
    w.see("by its name", lambda: w.client.get_experiment_by_name("Default"), show=lambda e: e.experiment_id)


def what_is_not_there(w):
    w.see("by an id that is not there", lambda: w.client.get_experiment("999999999"), says=("999999999",))
    w.see("by a name that is not there", lambda: w.client.get_experiment_by_name(w.name("nobody")))
    w.http("the same on the wire", "GET", f"experiments/get-by-name?experiment_name={w.name('nobody')}", says=(w.name("nobody"),))
    w.see("by an id that is no number", lambda: w.client.get_experiment("abc"), says=("abc",))
    w.see("delete", lambda: w.client.delete_experiment("999999999"), says=("999999999",))
    w.see("restore", lambda: w.client.restore_experiment("999999999"), says=("999999999",))
    w.see("rename", lambda: w.client.rename_experiment("999999999", w.name("x")), says=("999999999",))
    w.see("tag", lambda: w.client.set_experiment_tag("999999999", "k", "v"), says=("999999999",))
    w.see("a run in it", lambda: w.client.create_run("999999999"), says=("999999999",))


def a_name_is_taken_once(w):
    number = w.experiment("taken")
    w.see("create it again", lambda: w.client.create_experiment(w.name("taken")), says=(w.name("taken"),))
    w.see("in other case it is another", lambda: w.client.create_experiment(w.name("TAKEN")).isdecimal())
    w.client.delete_experiment(number)
    w.see("create it again when deleted", lambda: w.client.create_experiment(w.name("taken")), says=(w.name("taken"),))
    other = w.experiment("other")
    w.see("rename another to it", lambda: w.client.rename_experiment(other, w.name("taken")))
    w.see("rename to its own name", lambda: w.client.rename_experiment(other, w.name("other")))


def names(w):
    padding = "n" * (500 - len(w.name("")))
    w.see("500 characters", lambda: w.client.create_experiment(w.name(padding)).isdecimal())
    w.http("501 characters", "POST", "experiments/create", {"name": w.name(padding + "n")}, says=("name", "500"))
    w.http("empty", "POST", "experiments/create", {"name": ""}, says=("name",))
    w.http("missing", "POST", "experiments/create", {}, says=("name",))
    w.http("null", "POST", "experiments/create", {"name": None}, says=("name",))
    w.http("a number", "POST", "experiments/create", {"name": 5}, says=("name", "5"))
    w.http("a list", "POST", "experiments/create", {"name": ["x"]}, says=("name",))
    for name in ["größe/✓ 雪", "with/slash", "..", "a\\b", "tab\tin", "quote'\"`", "%41", "  spaces  ", "emoji 🚂"]:
        number = w.see(f"create {name!r}", lambda: w.client.create_experiment(w.name(name)), show=lambda n: n.isdecimal())
        if number:
            w.see(f"read {name!r} by name", lambda: w.client.get_experiment_by_name(w.name(name)), show=lambda e: e.name)
    number = w.experiment("to-rename")
    w.http("rename to nothing", "POST", "experiments/update", {"experiment_id": number, "new_name": ""})
    w.http("rename without a name", "POST", "experiments/update", {"experiment_id": number})
    w.http("rename to 501 characters", "POST", "experiments/update", {"experiment_id": number, "new_name": "n" * 501})


def locations(w):
    for where in ["", "runs:/abc/x", "mlflow-artifacts:/x/../../y", "mlflow-artifacts:/x#y", "mlflow-artifacts:/x?y=z", "mlflow-artifacts:/%2e%2e/x"]:
        w.http(f"location {where!r}", "POST", "experiments/create", {"name": w.name(f"at {where}"), "artifact_location": where})


def rename_and_tag(w):
    number = w.experiment("before")
    created = w.client.get_experiment(number)
    w.see("rename", lambda: w.client.rename_experiment(number, w.name("after")))
    renamed = w.client.get_experiment(number)
    w.see("renamed", renamed, show=lambda e: e.name)
    w.see("last_update_time did not go back", renamed.last_update_time >= created.last_update_time)
    w.see("creation_time is the same", renamed.creation_time == created.creation_time)
    w.see("the old name is free", lambda: w.client.get_experiment_by_name(w.name("before")))
    for key, value in [("k", "v"), ("k", "other"), ("empty", ""), ("größe", "✓"), ("with space", " x "), ("a/b.c:d-e_f", "1"), ("number", 5)]:
        w.see(f"tag {key!r} = {value!r}", lambda: w.client.set_experiment_tag(number, key, value))
    w.see("tags", lambda: w.client.get_experiment(number).tags)
    w.see("delete a tag", lambda: w.client.delete_experiment_tag(number, "k"))
    w.see("delete it again", lambda: w.client.delete_experiment_tag(number, "k"))
    w.see("tags after", lambda: w.client.get_experiment(number).tags)


def tag_limits(w):
    number = w.experiment("tag-limits")

    def tag(key, value):
        return {"experiment_id": number, "key": key, "value": value}

    for key in ["", "..", "a/../b", "/abs", "./x", "a//b", "a\\b", "a*b", "x" * 250, "x" * 251, "a\nb"]:
        shown = key if len(key) < 20 else f"{len(key)} x"
        w.http(f"key {shown!r}", "POST", "experiments/set-experiment-tag", tag(key, "v"), says=("key",))
    for length in (5000, 20000, 20001):
        w.http(f"a value of {length}", "POST", "experiments/set-experiment-tag", tag("long", "v" * length), says=("value", "20000"))
    w.http("no key", "POST", "experiments/set-experiment-tag", {"experiment_id": number, "value": "v"}, says=("key",))
    w.http("no value", "POST", "experiments/set-experiment-tag", {"experiment_id": number, "key": "k"})
    w.http("no experiment", "POST", "experiments/set-experiment-tag", {"key": "k", "value": "v"}, says=("experiment_id",))
    w.see("tags", lambda: {k: len(v) for k, v in w.client.get_experiment(number).tags.items()})


def delete_and_restore(w):
    number = w.experiment("mortal")
    run = w.run(number, "in it")
    gone = w.run(number, "deleted before")
    w.client.delete_run(gone)
    w.see("delete", lambda: w.client.delete_experiment(number))
    w.see("by id", lambda: w.client.get_experiment(number), show=lambda e: [e.name, e.lifecycle_stage])
    w.see("by name", lambda: w.client.get_experiment_by_name(w.name("mortal")), show=lambda e: e and e.lifecycle_stage)
    w.see("its run", lambda: w.client.get_run(run).info.lifecycle_stage)
    w.see("delete again", lambda: w.client.delete_experiment(number), says=())
    w.see("rename", lambda: w.client.rename_experiment(number, w.name("risen")))
    w.see("tag", lambda: w.client.set_experiment_tag(number, "k", "v"))
    w.see("delete a tag", lambda: w.client.delete_experiment_tag(number, "k"))
    w.see("a new run", lambda: w.client.create_run(number))
    w.see("a metric of its run", lambda: w.client.log_metric(run, "m", 1.0))
    w.see("a tag of its run", lambda: w.client.set_tag(run, "t", "1"))
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        w.see(f"runs, view {ViewType.to_string(view)}",
              lambda: sorted(r.info.run_name for r in w.client.search_runs([number], run_view_type=view)))
    w.see("restore", lambda: w.client.restore_experiment(number))
    w.see("restored", lambda: w.client.get_experiment(number), show=lambda e: [e.name, e.lifecycle_stage])
    w.see("restore again", lambda: w.client.restore_experiment(number))
    w.see("its runs are back", lambda: {r.info.run_name: r.info.lifecycle_stage for r in w.client.search_runs([number], run_view_type=ViewType.ALL)})
    w.see("a metric now", lambda: w.client.log_metric(run, "m", 1.0))


FLOWS = [
    create_and_read, the_default_experiment_is_there, what_is_not_there, a_name_is_taken_once, names, locations,
    rename_and_tag, tag_limits, delete_and_restore,
]
