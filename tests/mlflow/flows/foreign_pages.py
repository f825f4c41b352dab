"""What a web page of another origin can make a browser ask: other hosts, other origins, forms."""

JSON = {"Content-Type": "application/json"}
READ = "experiments/get?experiment_id=0"


def hosts(w):
    port = w.uri.rsplit(":", 1)[-1].rstrip("/")
    for host in [f"127.0.0.1:{port}", f"localhost:{port}", "127.0.0.1", "evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", f"evil.example#127.0.0.1:{port}", f"[::1]:{port}", "", "127.0.0.1:1"]:
        w.http(f"Host {host.replace(port, '<port>')!r}", "GET", READ, headers={"Host": host})


def origins(w):
    for origin in ["http://evil.example", "null", "http://localhost:3000", w.uri.rstrip("/"), "https://127.0.0.1.evil.example", "file://"]:
        shown = origin.replace(w.uri.rstrip("/"), "its own")
        answer = w.http(f"GET, Origin {shown}", "GET", READ, headers={"Origin": origin})
        w.see(f"GET, Origin {shown}: allowed to read", answer is not None and answer.headers.get("access-control-allow-origin") in (origin, "*"))
        w.http(f"POST, Origin {shown}", "POST", "runs/search", {"experiment_ids": ["0"], "max_results": 1}, headers={"Origin": origin})
        answer = w.http(f"OPTIONS, Origin {shown}", "OPTIONS", "runs/search", headers={"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
        w.see(f"OPTIONS, Origin {shown}: allowed to write", answer is not None and answer.headers.get("access-control-allow-origin") in (origin, "*"))


def forms(w):
    w.http("a form", "POST", "experiments/create", raw=b'{"name": "x', headers={"Content-Type": "text/plain", "Origin": "http://evil.example"})
    answer = w.http("headers of an answer", "GET", READ)
    w.see("it may not be sniffed", answer.headers.get("x-content-type-options") == "nosniff" if answer else None)
    w.see("it may not be framed", answer.headers.get("x-frame-options") if answer else None)


FLOWS = [hosts, origins, forms]
