"""Members in networks that let only TCP or only web traffic out, and a public node that offers TLS on 443."""
import re
import signal
import sys
import time

from harness import (HERE, CheckFailed, Node, Run, members, ping, require, say, wait_joined,
                     wait_online)

CELLS = (("udp-blocked", "udp-blocked"), ("web-only", "web-only"), ("udp-blocked", "web-only"))
BOOTSTRAP = "203.0.113.2:4001"
STREAM = {"udp-blocked": "tcp", "web-only": "tls"}
PINGS = 20
SETTLE_SECONDS_MAX = 30
UDP_SECONDS_MAX = 60
AFTER_SECONDS = 5           # so long the pings go on after the switch
CREDENTIALS = "lab:proxy%20word"
PLAIN_CREDENTIALS = "lab:proxy word"
PROXY_PORT = 3128


def check(run, _args):
    require("ip", "ping", "nft")
    run.build()
    rows = []
    for one, other in CELLS:
        with Run(run.launcher, run.logs) as own:
            rows.append((one, other, *cell(own, one, other)))
    with Run(run.launcher, run.logs) as own:
        proxied(own)
    say("\n| a | b | joined, s | pings relayed | back on UDP after, s | pings meanwhile, lost |")
    say("|---|---|---|---|---|---|")
    for row in rows:
        say("| " + " | ".join(map(str, row)) + " |")


def start(run):
    """The public bootstrap node, and its overlay ID."""
    node = run.add_node(Node(run, "s", "bootstrap", ["bootstrap", "--listen", "4001", "--listen", "tls:443"]))
    wait_online(node)
    return node.status()["overlayId"]


def cell(run, one, other):
    """What the row of the table says, after the names of the kinds."""
    run.up("nat", f"a={one}", f"b={other}")
    public = start(run)
    started = time.monotonic()
    a, b = members(run, ["a", "b"], BOOTSTRAP)
    joined = time.monotonic() - started
    answered = len(ping(run, "a", b.address(), PINGS))
    if answered < PINGS:
        raise CheckFailed(f"{one} {other}: {PINGS - answered} of {PINGS} pings lost")
    wait_paths(a, b, public, ("relay", "relay", STREAM[one], STREAM[other]), SETTLE_SECONDS_MAX)
    answered += len(ping(run, "a", b.address(), PINGS))
    say(f"  {one} {other}: relayed, bootstrap over {STREAM[one]} and {STREAM[other]}, "
        f"{answered} of {2 * PINGS} pings")
    if answered < 2 * PINGS:
        raise CheckFailed(f"{one} {other}: pings lost over the relay")
    pings = run.start("a", ["ping", "-n", "-i", "0.1", b.address()], "pings", "time=")
    for host in ("a", "b"):
        run.lab("open-udp", host)
    seconds = wait_paths(a, b, public, ("udp", "udp", "udp", "udp"), UDP_SECONDS_MAX)
    time.sleep(AFTER_SECONDS)
    pings.end(signal.SIGINT)
    seen = {int(n) for n in re.findall(r"icmp_seq=(\d+).*time=", pings.output())}
    lost = max(seen) - len(seen)
    say(f"  {one} {other}: all on UDP {seconds:.1f} s after it opened, {lost} of {max(seen)} pings lost")
    if lost:
        raise CheckFailed(f"{one} {other}: {lost} pings lost on the way back to UDP")
    return f"{joined:.1f}", f"{answered} of {2 * PINGS}", f"{seconds:.1f}", f"{max(seen)}, {lost}"


def wait_paths(a, b, public, wanted, timeout):
    """Until a to b, b to a, a and b to the bootstrap take such paths; the seconds it took."""
    begun = time.monotonic()
    while True:
        paths = (active(a, b), active(b, a), to_public(a, public), to_public(b, public))
        if paths == wanted:
            return time.monotonic() - begun
        if time.monotonic() - begun > timeout:
            raise CheckFailed(f"paths {paths} after {timeout} s, wanted {wanted}")
        time.sleep(0.2)


def active(one, other):
    """The kind of path that one's traffic to the other takes, or None."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p["kind"] for p in peer["paths"] if p["active"]), None)
    return None


def to_public(node, public):
    """The kind of path that a node's session with the bootstrap takes, or None."""
    for peer in node.peers():
        if peer["namespace"] is None and peer["overlayId"] == public:
            return next((p["kind"] for p in peer["paths"] if p["active"]), None)
    return None


def proxied(run):
    """One member whose gateway forwards nothing at all, but runs a proxy that wants a password."""
    run.up("nat", "a=web-only", "b=open")
    public = start(run)
    run.exec("ga", "nft", "insert", "rule", "ip", "lab", "forward", "drop")
    proxy = run.start("ga", [sys.executable, f"{HERE}/connectproxy.py", PROXY_PORT, PLAIN_CREDENTIALS],
                      "proxy", "ready")
    gateway = run.exec("a", "ip", "route", "show", "default").stdout.split()[2]
    b = run.join("b", BOOTSTRAP)
    wait_joined([b])
    refused = run.join("a", BOOTSTRAP, "refused", extra=("--proxy", f"http://lab:wrong@{gateway}:{PROXY_PORT}"))
    refused.process.wait_for("407", SETTLE_SECONDS_MAX)
    refused.process.end()
    run.nodes.remove(refused)
    a = run.join("a", BOOTSTRAP, extra=("--proxy", f"http://{CREDENTIALS}@{gateway}:{PROXY_PORT}"))
    seconds = wait_joined([a])
    answered = len(ping(run, "a", b.address(), PINGS))
    path = to_public(a, public)
    requests = re.findall(r"CONNECT (\S+)", proxy.output())
    say(f"  through a proxy: joined after {seconds:.1f} s, bootstrap over {path}, member over {active(a, b)}, "
        f"{answered} of {PINGS} pings, {len(requests)} requests to {', '.join(sorted(set(requests)))}")
    if answered < PINGS or path not in ("tcp", "tls") or not requests:
        raise CheckFailed("through a proxy: pings lost, or not through it")
    for node in (a, refused):
        if "proxy word" in node.process.output() or "wrong" in node.process.output():
            raise CheckFailed(f"{node.name}: credentials in the log")
