"""Webhooks: create, read, list, update, delete, and addresses that are refused. Nothing is delivered."""

HOOK = "https://93.184.216.34/hook"  # a public address in digits: no name needs to be looked up
EVENTS = ["registered_model.created", "model_version.created", "model_version_tag.set", "model_version_tag.deleted", "model_version_alias.created", "model_version_alias.deleted"]


def _shape(hook):
    return {"name": hook.name, "url": hook.url, "events": sorted(str(e) for e in hook.events), "description": hook.description, "status": hook.status.value, "secret": getattr(hook, "secret", None)}


def create_and_read(w):
    client = w.client
    hook = w.see("create", lambda: client.create_webhook(w.name("h"), HOOK, EVENTS, description="größe ✓", secret="a secret of the two", status="DISABLED"), show=_shape)
    w.see("the id is a string", isinstance(hook.webhook_id, str) and len(hook.webhook_id) > 0)
    w.see("get", lambda: client.get_webhook(hook.webhook_id), show=_shape)
    w.see("times", lambda: client.get_webhook(hook.webhook_id), show=lambda h: {"creation_timestamp": h.creation_timestamp, "last_updated_timestamp": h.last_updated_timestamp})
    w.http("the secret is never told", "GET", f"webhooks/{hook.webhook_id}", show=lambda b: sorted(k for k in b["webhook"] if "secret" in k))
    w.see("update", lambda: client.update_webhook(hook.webhook_id, name=w.name("other"), description="", url=HOOK + "/2", events=["model_version.created"], secret="another secret"), show=_shape)
    w.see("update nothing", lambda: client.update_webhook(hook.webhook_id), show=_shape)
    w.see("the same name again", lambda: client.create_webhook(w.name("other"), HOOK, EVENTS[:1], status="DISABLED"), show=_shape)
    active = w.see("active when nothing is said", lambda: client.create_webhook(w.name("active"), HOOK, ["budget_policy.exceeded"]), show=lambda h: h.status.value)
    w.see("delete", lambda: client.delete_webhook(hook.webhook_id))
    w.see("get what was deleted", lambda: client.get_webhook(hook.webhook_id), says=(hook.webhook_id,))
    w.see("delete again", lambda: client.delete_webhook(hook.webhook_id), says=(hook.webhook_id,))
    w.see("update what was deleted", lambda: client.update_webhook(hook.webhook_id, description="x"), says=(hook.webhook_id,))
    w.see("test what was deleted", lambda: client.test_webhook(hook.webhook_id), says=(hook.webhook_id,))
    for left in [active] + [h for h in client.list_webhooks() if h.name.startswith(w.prefix)]:
        if left:
            try:
                client.delete_webhook(left.webhook_id)
            except Exception:
                pass


def listed(w):
    client = w.client
    made = [client.create_webhook(w.name(f"h{i}"), HOOK, EVENTS[:1], status="DISABLED") for i in range(3)]
    w.see("all of them", lambda: sorted(h.name for h in client.list_webhooks() if h.name.startswith(w.prefix)))
    page = w.see("one at a time", lambda: client.list_webhooks(max_results=1), show=lambda p: [len(p), bool(p.token)])
    w.see("the next", lambda: client.list_webhooks(max_results=1, page_token=page.token), show=len)
    for size in (0, -1, 1000, 1001):
        w.http(f"max_results {size}", "GET", f"webhooks?max_results={size}")
    w.http("a made-up token", "GET", "webhooks?page_token=nonsense")
    for hook in made:
        client.delete_webhook(hook.webhook_id)
    w.see("none is left", lambda: [h.name for h in client.list_webhooks() if h.name.startswith(w.prefix)])


def refusals(w):
    event = {"entity": "MODEL_VERSION", "action": "CREATED"}

    def send(shown, says=(), **fields):
        body = {"name": w.name("x"), "url": HOOK, "events": [event], "status": "DISABLED", **fields}
        answer = w.http(shown, "POST", "webhooks", {k: v for k, v in body.items() if v != "left out"}, says=says)
        made = (answer.json() or {}).get("webhook") if answer and answer.status == 200 else None
        if made:
            w.client.delete_webhook(made["webhook_id"])

    for key in ("name", "url", "events"):
        send(f"no {key}", says=(key,), **{key: "left out"})
    for name in ["", " ", "a" * 63, "a" * 64, "with space", "größe", "-x", "x-", "a/b", "a.b_c-d"]:
        send(f"name {name if len(name) < 30 else len(name)!r}", name=name)
    send("no events at all", events=[])
    send("an event nobody knows", events=[{"entity": "NOBODY", "action": "CREATED"}])
    send("an action that the entity lacks", events=[{"entity": "MODEL_VERSION", "action": "DELETED"}])
    send("an event without an action", events=[{"entity": "MODEL_VERSION"}])
    send("an event that is text", events=["model_version.created"])
    send("an event twice", events=[event, event])
    send("a status nobody knows", status="ASLEEP")
    for url in ["", " ", "http://93.184.216.34/x", "ftp://93.184.216.34/x", "https://", "https:///x", "no scheme", "file:///etc/passwd", "javascript:alert(1)", "https://localhost/x", "https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x", "https://0177.0.0.1/x", "https://0.0.0.0/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://[fe80::1]/x", "https://[fd00::1]/x",
                "https://10.0.0.1/x", "https://172.16.0.1/x", "https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/x", "https://224.0.0.1/x", "https://255.255.255.255/x", "https://user:pass@127.0.0.1/x", "https://93.184.216.34@127.0.0.1/x", "https://93.184.216.34:8443/x", "https://93.184.216.34/" + "x" * 500, "HTTPS://93.184.216.34/x"]:
        send(f"url {url if len(url) < 60 else len(url)!r}", url=url)


FLOWS = [create_and_read, listed, refusals]
