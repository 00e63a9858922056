"""Two hosts join the same new name at once: always one namespace. No overlay: none is founded."""
import os
import signal
import time

from harness import CheckFailed, Node, api, median, ping, require, say, wait_online

TRIES = 20
UPLINK_MILLIS = 5
ONE_SECONDS_MAX = 120
ALONE_SECONDS_MAX = 90
NOT_ESTABLISHED = 5         # exit code


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", 3, "--delay", UPLINK_MILLIS)
    wait_online(run.bootstrap("wan"))
    took = [race(run, turn) for turn in range(TRIES)]
    say(f"  {TRIES} races of two hosts: one namespace each time, both in it after "
        f"{median(took):.1f} s (median), {max(took):.1f} s at most")
    unreachable(run)


def race(run, turn):
    """Seconds until both are members of one namespace and of one ring."""
    name = f"race{turn}"
    both = [run.join(h, "10.79.1.1:4001", f"{h}-{turn}", name) for h in ("h1", "h2")]
    started = time.monotonic()
    while not (reason := one(both)) is None:
        if time.monotonic() - started > ONE_SECONDS_MAX:
            raise CheckFailed(f"{name}: {reason} after {ONE_SECONDS_MAX} s\n"
                              + "\n".join(n.process.tail() for n in both))
        time.sleep(0.2)
    seconds = time.monotonic() - started
    if not ping(run, "h1", both[1].address(), 1, wait=10):
        raise CheckFailed(f"{name}: h1 cannot ping h2")
    for node in both:
        node.process.send_signal(signal.SIGTERM)
    for node in both:
        node.process.end()
        run.nodes.remove(node)
    return seconds


def one(both):
    """What keeps the two from being one namespace's members with each other beside them."""
    spaces = []
    for node in both:
        if not node.process.running:
            raise CheckFailed(f"{node.name} ended\n{node.process.tail()}")
        node.facts = api(node, "/v1/status") or {}
        spaces += [s for s in node.facts.get("namespaces", []) if s["state"] == "joined"]
    if len(spaces) < 2:
        return "not both are members"
    if spaces[0]["id"] != spaces[1]["id"]:
        return "two namespaces"
    if any(b["overlayId"] not in a["ring"]["successors"] for a, b in (spaces, spaces[::-1])):
        return "two rings"
    return None


def unreachable(run):
    """Nothing answers at the bootstrap's address: exit 5, and no namespace in the state."""
    words = ["join", "--bootstrap", "10.79.2.1:4999", "--namespace", "nowhere", "--open"]
    node = Node(run, "h3", "alone", words)
    started = time.monotonic()
    try:
        code = node.process.child.wait(ALONE_SECONDS_MAX)
    except Exception as e:
        raise CheckFailed(f"no end after {ALONE_SECONDS_MAX} s\n{node.process.tail()}") from e
    founded = os.path.join(run.path("alone.state"), "namespaces")
    left = os.listdir(founded) if os.path.isdir(founded) else []
    say(f"  unreachable overlay: exit {code} after {time.monotonic() - started:.0f} s, "
        f"{len(left)} namespaces founded: {node.process.output().splitlines()[-1]}")
    if code != NOT_ESTABLISHED or left:
        raise CheckFailed(f"exit {code}, founded {left}\n{node.process.tail()}")
