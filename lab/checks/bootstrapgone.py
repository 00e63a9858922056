"""The bootstrap is killed for good: members go on, and a new one joins through a member."""
import re
import signal
import time

from harness import (CheckFailed, members, ping_all, require, say, wait_joined, wait_online)

SILENCE_SECONDS = 5         # for members to notice that the bootstrap is gone
JOIN_SECONDS_MAX = 60


def check(run, _args):
    require("ip", "ping")
    run.build()
    addresses = run.up("hosts", "--count", 5, "--delay", 5)
    bootstrap = run.bootstrap("wan")
    wait_online(bootstrap)
    nodes = members(run, ["h1", "h2", "h3", "h4"], "10.79.1.1:4001")
    ping_all(run, nodes, label=" with the bootstrap")
    bootstrap.process.end(signal.SIGKILL)
    say("  bootstrap killed for good")
    ping_all(run, nodes, label=" right after")
    time.sleep(SILENCE_SECONDS)
    ping_all(run, nodes, label=f" {SILENCE_SECONDS} s later")
    for node in nodes:
        if node.refresh() is None:
            raise CheckFailed(f"{node.name} is no longer a member: {node.facts}")
    door = endpoint(nodes[2], addresses["h3"])
    say(f"  h5 joins through {nodes[2].name} at {door}")
    new = run.join("h5", door)
    seconds = wait_joined([new], JOIN_SECONDS_MAX)
    say(f"  h5 joined as {new.address()} after {seconds:.1f} s")
    if new.space["id"] != nodes[0].space["id"]:
        raise CheckFailed(f"h5 is in another namespace: {new.space['id']}, not "
                          f"{nodes[0].space['id']}")
    ping_all(run, [*nodes, new], label=" with the new member")
    ping_all(run, [*nodes, new], 6, label=" with the new member")


def endpoint(node, addresses):
    """HOST:PORT of a UDP endpoint that the node says it can be reached at."""
    uris = [e["uri"] for e in node.facts.get("endpoints", [])]
    for uri in uris:
        m = re.fullmatch(r"udp://([\d.]+):(\d+)", uri)
        if m and m[1] in addresses:
            return f"{m[1]}:{m[2]}"
    raise CheckFailed(f"{node.name} names no UDP endpoint of {addresses}: {uris}")
