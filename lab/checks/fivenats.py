"""Five members behind five port-restricted NATs, started together: how soon do all reach all?"""
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
    founder = members(run, ["f"], BOOTSTRAP)    # the namespace is there already
    captures = [run.start(f"g{h}", ["tcpdump", "-n", "-tt", "-l", "-i", "any", "-c", "1",
                                    "udp and dst host 203.0.113.2"], f"dump-{h}", "listening")
                for h in HOSTS]
    nodes = [run.join(h, BOOTSTRAP) for h in HOSTS]
    started = time.time()
    done, direct = {}, {}
    while len(direct) < len(HOSTS) * (len(HOSTS) - 1):
        if time.time() - started > GIVE_UP_SECONDS:
            raise CheckFailed(f"{len(done)} of 20 pairs answered, {len(direct)} direct")
        for node in nodes:
            node.joined = getattr(node, "joined", False) or bool(node.refresh())
        look(run, [n for n in nodes if n.joined], done, direct)
        time.sleep(LOOK_SECONDS)
    first = max(first_datagram(c) for c in captures)
    say(f"  last first datagram {first - started:.2f} s after the start; all 20 pairs answered "
        f"{max(done.values()) - first:.2f} s after it, over direct paths {max(direct.values()) - first:.2f} s after it")
    if max(max(done.values()), max(direct.values())) - first > SECONDS_MAX:
        raise CheckFailed(f"later than {SECONDS_MAX} s")
    del founder


def look(run, nodes, done, direct):
    for one in nodes:
        for other in nodes:
            pair = one.name, other.name
            if one is other or pair in direct:
                continue
            if pair not in done and ping(run, one.host, other.address(), 1, wait=1):
                done[pair] = time.time()
            path = one.path_to(other)
            if pair in done and path and path["kind"] == "udp":
                direct[pair] = time.time()


def first_datagram(capture):
    """When the gateway saw the member's first datagram to the bootstrap node."""
    lines = [line for line in capture.output().splitlines() if " > 203.0.113.2" in line]
    if not lines:
        raise CheckFailed("no datagram was captured")
    return float(lines[0].split()[0])
