"""A closed namespace: asked and approved, invited, refused with exit 4; a revoked member is out at once and stays out."""
import json
import os
import re
import signal
import time

from harness import CheckFailed, Node, require, say, wait_all, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
SPACE = "office"
REFUSED = 4
WAITING = 6
OUT_SECONDS_MAX = 5
ADMITTED_SECONDS_MAX = 10


def check(run, _args):
    require("ip", "ping", "iperf3")
    run.build()
    run.up("hosts", "--count", 6)
    wait_online(run.bootstrap("wan"))
    a = start(run, "h1", "a")
    wait_joined([a])
    b = asks(run, a)
    c = invited(run, a)
    refusals(run, a)
    denied(run, a)
    shown = a.json("members")["members"]
    rows = {m["name"]: m["role"] for m in shown if m["online"]}
    if rows != {"a": "admin", "b": "member", "c": "member"}:
        raise CheckFailed(f"members shows {rows}")
    revoked(run, a, b, c)
    comes_not_back(run, c)
    for node in (a, b):
        node.process.end(signal.SIGKILL)
    a, b = start(run, "h1", "a"), start(run, "h2", "b")
    wait_joined([a, b])
    say("  a and b were killed and started again")
    comes_not_back(run, c)
    key_kept_elsewhere(run, a, b)


def words(name, *more):
    return ["join", "--bootstrap", BOOTSTRAP, "--namespace", SPACE, "--name", name, *more]


def start(run, host, name, *more):
    return run.add_node(Node(run, host, name, words(name, *more)))


def state_of(node):
    spaces = (node.status() or {}).get("namespaces", [])
    return spaces[0] if spaces else {}


def asks(run, a):
    """B asks; the same code on both screens; A approves; B is in."""
    b = start(run, "h2", "b")
    wait_all([b], 30, "ask", lambda n: state_of(n).get("state") == "waiting-approval")
    code = state_of(b)["fingerprint"]
    if f"p2pvpn approve {code}" not in b.process.output():
        raise CheckFailed(f"b does not show its code {code}\n{b.process.tail()}")
    wait_all([a], 15, "hear of b", lambda n: n.ask("/v1/requests")["requests"])
    rows = a.json("requests")["requests"]
    if [(r["name"], r["fingerprint"], r["namespace"]) for r in rows] != [("b", code, SPACE)]:
        raise CheckFailed(f"b shows {code}, but requests at a: {rows}")
    started = time.monotonic()
    said = a.cli("approve", code.lower()).stdout.strip()
    seconds = wait_joined([b], ADMITTED_SECONDS_MAX)
    run.exec("h2", "ping", "-n", "-c", 3, "-W", 2, a.space["virtualIp"])
    say(f"  asked with code {code}; \"{said}\"; in {time.monotonic() - started:.1f} s after it was approved "
        f"({seconds:.1f} s of it waiting), and pings a")
    return b


def invited(run, a):
    """C comes with an invite, which names the way in too."""
    token = a.json("invite", "--namespace", SPACE)["token"]
    c = run.add_node(Node(run, "h3", "c", ["join", "--invite", token, "--name", "c"]))
    say(f"  invited (a token of {len(token)} characters): in after {wait_joined([c], 30):.1f} s")
    refused(run, "used", "used as often", "--invite", token)
    return c


def refused(run, name, reason, *more, space=SPACE):
    """A join that ends with 4, one line that says why, and no trace."""
    r = run.exec("h4", run.launcher, "join", "--bootstrap", BOOTSTRAP, "--namespace", space, "--name", name,
                 "--state", run.path(f"{name}.state"), "--socket", run.path(f"{name}.sock"), *more, check=False)
    last = r.stderr.strip().splitlines()[-1]
    if r.returncode != REFUSED or reason not in last:
        raise CheckFailed(f"{name}: exit {r.returncode}: {last}")
    say(f"  {name}: exit {r.returncode}: {last}")
    left = [os.path.join(d, f) for d, _, files in os.walk(run.path(f"{name}.state")) for f in files
            if re.search(r"/(namespaces|trust|issuer)$", d)]
    devices = run.exec("h4", "ip", "-o", "link", "show", "type", "tun").stdout
    if left or devices or os.path.exists(run.path(f"{name}.sock")):
        raise CheckFailed(f"{name} left behind: {left} {devices}")


def refusals(run, a):
    token = a.json("invite")["token"]
    at = len(token) // 2
    refused(run, "altered", "altered", "--invite",
            token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:])
    refused(run, "elsewhere", "not to other", "--invite", token, space="other")
    brief = a.json("invite", "--expires", "1s")["token"]
    time.sleep(1.5)
    refused(run, "late", "expired", "--invite", brief)


def denied(run, a):
    """Whoever waits in the background is told so with 6; who is denied ends."""
    r = run.exec("h4", run.launcher, *words("d"), "--detach", "--state", run.path("d.state"), "--socket",
                 run.path("d.sock"), check=False)
    if r.returncode != WAITING:
        raise CheckFailed(f"join --detach that has to wait: exit {r.returncode}: {r.stderr.strip()[-300:]}")
    wait_all([a], 15, "hear of d", lambda n: n.ask("/v1/requests")["requests"])
    a.cli("deny", "d")
    deadline = time.monotonic() + 20
    while os.path.exists(run.path("d.sock")) or "denied" not in last_line(run.path("d.state/daemon.log")):
        if time.monotonic() > deadline:
            raise CheckFailed(f"d runs on after it was denied: {last_line(run.path('d.state/daemon.log'))}")
        time.sleep(0.2)
    say(f"  d waits with exit {WAITING}; denied: {last_line(run.path('d.state/daemon.log'))}")


def last_line(path):
    with open(path) as f:
        return f.read().strip().splitlines()[-1]


def revoked(run, a, b, c):
    """Put out in the middle of a stream and of pings to both."""
    server = run.start("h1", ["iperf3", "-s", "-1", "-B", a.space["virtualIp"]], "iperf3-server")
    time.sleep(0.5)
    stream = run.start("h3", ["iperf3", "-c", a.space["virtualIp"], "-t", 30], "iperf3")
    pings = [run.start("h3", ["ping", "-n", "-D", "-i", "0.05", "-w", 25, n.space["virtualIp"]], f"ping-{n.name}")
             for n in (a, b)]
    time.sleep(5)
    before = time.time()
    said = a.cli("revoke", "c").stdout.strip()
    done = time.time()
    time.sleep(OUT_SECONDS_MAX + 3)
    for ping in pings:
        times = [float(t) for t in re.findall(r"^\[([\d.]+)\] \d+ bytes from", ping.output(), re.M)]
        if len(times) < 20 or times[0] > before:
            raise CheckFailed("c did not ping before it was put out")
        last = times[-1] - before
        if last > OUT_SECONDS_MAX + done - before:
            raise CheckFailed(f"c was answered for {last:.1f} s after the command began")
    wait_all([c], 5, "see that it is out", lambda n: state_of(n).get("state") == "revoked")
    if "health" not in c.status() or "revoked" not in [h["code"] for h in c.status()["health"]]:
        raise CheckFailed("c's health does not say that it was revoked")
    say(f"  \"{said}\" ({done - before:.2f} s): last answered {last:.2f} s after the command began; c sees that it is "
        "out, and its stream to a stands")
    for process in (stream, server, *pings):
        process.end()
    c.process.end()


def comes_not_back(run, c):
    r = run.exec("h3", run.launcher, *words("c"), "--state", run.path("c.state"), "--socket", run.path("c2.sock"),
                 check=False)
    last = r.stderr.strip().splitlines()[-1]
    if r.returncode != REFUSED or "revoked" not in last:
        raise CheckFailed(f"c comes back: exit {r.returncode}: {last}")
    say(f"  c again: exit {r.returncode}: {last}")


def key_kept_elsewhere(run, a, b):
    """The key leaves the founder; B's certificate is signed where the key is, and B lets E in with the founder away."""
    key, request, certificate = run.path("office.ca"), run.path("b.request"), run.path("b.certificate")
    a.cli("namespace", "export-ca", SPACE, "--file", key)
    again = a.cli("namespace", "export-ca", SPACE, "--file", run.path("again.ca"), check=False)
    if again.returncode != REFUSED or os.path.exists(run.path("again.ca")):
        raise CheckFailed(f"the key was given away twice: exit {again.returncode}: {again.stderr.strip()}")
    b.cli("namespace", "request", SPACE, "--file", request)
    signed = run.exec("h6", run.launcher, "namespace", "sign", "--ca", key, "--file", request, "--role", "admin",
                      "--valid", "365d").stdout
    with open(certificate, "w") as f:
        f.write(signed)
    b.cli("namespace", "install", SPACE, "--file", certificate)
    if state_of(b)["role"] != "admin":
        raise CheckFailed(f"b is {state_of(b)['role']} with a certificate for an administrator")
    a.process.end()
    token = b.json("invite", "--namespace", SPACE)["token"]
    e = run.add_node(Node(run, "h5", "e", ["join", "--invite", token, "--name", "e"]))
    seconds = wait_joined([e], 30)
    run.exec("h5", "ping", "-n", "-c", 3, "-W", 2, b.space["virtualIp"])
    say(f"  the key was taken away from a, signed for b as an administrator, and a is down: b invites e, in after "
        f"{seconds:.1f} s")
    a = start(run, "h1", "a")
    wait_joined([a])
    a.cli("namespace", "import-ca", SPACE, "--file", key)
    a.cli("namespace", "rotate", SPACE)
    run.exec("h5", "ping", "-n", "-c", 5, "-i", 0.2, "-W", 2, a.space["virtualIp"])
    say("  a is back, has the key back, and replaces it: e goes on pinging a")
