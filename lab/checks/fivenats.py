"""Five members behind five port-restricted NATs, started together: how soon do all reach all?"""
import threading
import time

from harness import CheckFailed, Run, members, ping, require, say, wait_online

BOOTSTRAP = "203.0.113.2:4001"
HOSTS = ("a", "b", "c", "d", "e")
SECONDS_MAX = 3.0
GIVE_UP_SECONDS = 60
LOOK_SECONDS = 0.05


def check(run, _args):
    require("ip", "ping", "nft", "tcpdump")
    run.build()
    with Run(run.launcher, run.logs) as own:
        once(own)


def once(run):
    run.up("nat", *(f"{h}=port-restricted" for h in HOSTS), "f=open")
    wait_online(run.bootstrap("s"))
    members(run, ["f"], BOOTSTRAP)      # founds the namespace
    captures = [run.start(f"g{h}", ["tcpdump", "-n", "-tt", "-l", "-i", "any", "-c", "1",
                                    "udp and dst host 203.0.113.2"], f"dump-{h}", "listening")
                for h in HOSTS]
    nodes = [run.join(h, BOOTSTRAP) for h in HOSTS]
    started = time.time()
    answered, direct = {}, {}
    watchers = [threading.Thread(target=watch, args=(run, n, nodes, answered, direct), daemon=True)
                for n in nodes]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    if len(direct) < len(HOSTS) * (len(HOSTS) - 1):
        raise CheckFailed(f"{len(answered)} of 20 pairs answered, {len(direct)} direct")
    first = max(first_datagram(c) for c in captures)
    say(f"  last first datagram {first - started:.2f} s after the start; all 20 pairs answered "
        f"{max(answered.values()) - first:.2f} s after it, over direct paths {max(direct.values()) - first:.2f} s after it")
    if max(max(answered.values()), max(direct.values())) - first > SECONDS_MAX:
        raise CheckFailed(f"later than {SECONDS_MAX} s")


def is_in(node):
    """Whether it has said that it is a member, to its own watcher."""
    return any(s["state"] == "joined" for s in node.facts.get("namespaces", []))


def watch(run, node, nodes, answered, direct):
    """Pings the others from one member until each has answered over a direct path."""
    give_up = time.time() + GIVE_UP_SECONDS
    others = [n for n in nodes if n is not node]
    while time.time() < give_up and any((node.name, n.name) not in direct for n in others):
        time.sleep(LOOK_SECONDS)
        if not node.refresh():
            continue
        for other in others:
            pair = node.name, other.name
            if pair in direct or not is_in(other):
                continue
            if pair not in answered and ping(run, node.host, other.address(), 1, wait=0.5):
                answered[pair] = time.time()
            path = node.path_to(other)
            if pair in answered and path and path["kind"] == "udp":
                direct[pair] = time.time()


def first_datagram(capture):
    """When the gateway saw the member's first datagram to the bootstrap node."""
    lines = [line for line in capture.output().splitlines() if " > 203.0.113.2" in line]
    if not lines:
        raise CheckFailed("no datagram was captured")
    return float(lines[0].split()[0])
