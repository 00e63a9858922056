"""The demo leaves nothing behind; four hosts ping each other inside the VPN."""
import json
import os
import time
import uuid

from harness import CheckFailed, members, ping_all, require, say, wait_online

DEMO_SECONDS_MAX = 120
GONE_SECONDS_MAX = 5        # for the kernel to finish removing a namespace
MARK = "P2PVPN_CHECK_MARK"  # in the environment of whatever the demo starts


def check(run, _args):
    require("ip", "ping")
    run.build()
    demo(run)
    run.up("hosts", "--count", 4)
    bootstrap = run.bootstrap("wan")
    wait_online(bootstrap)
    nodes = members(run, ["h1", "h2", "h3", "h4"], "10.79.1.1:4001")
    ping_all(run, nodes, 4)
    ping_all(run, nodes, 6)


def demo(run):
    mark = uuid.uuid4().hex
    before = traces()
    run.env[MARK] = mark
    started = time.monotonic()
    r = run.command([run.launcher, "demo", "--json"], DEMO_SECONDS_MAX, check=False)
    del run.env[MARK]
    if r.returncode:
        raise CheckFailed(f"demo: exit {r.returncode}: {r.stderr.strip()[-400:]}")
    try:
        json.loads(r.stdout)
    except ValueError as e:
        raise CheckFailed(f"demo --json is not one JSON document: {r.stdout[:200]!r}") from e
    say(f"  demo: exit 0 after {time.monotonic() - started:.1f} s")
    deadline = time.monotonic() + GONE_SECONDS_MAX
    while left := sorted(traces() - before) + [f"process {p}" for p in marked(mark)]:
        if time.monotonic() > deadline:
            raise CheckFailed(f"demo left behind: {', '.join(left)}")
        time.sleep(0.2)
    say("  demo: no namespace, device or process left")


def traces():
    """Namespaces by name, and devices of the host's own namespace."""
    names = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
    return ({f"namespace {n}" for n in names}
            | {f"device {d}" for d in os.listdir("/sys/class/net")})


def marked(mark):
    """Living processes that have the mark in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if f"{MARK}={mark}".encode() in f.read():
                    found.append(int(pid))
        except OSError:     # it ended while we looked
            pass
    return found
