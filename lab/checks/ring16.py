"""A ring of members is the one that their IDs say; one that is killed is out of it soon."""
import re
import signal
import time

from harness import CheckFailed, api, members, require, say, wait_online

NEAR = 4                    # neighbours that a member keeps on each side
RIGHT_SECONDS_MAX = 90
GONE_SECONDS_MAX = 15
PING_INTERVAL, PING_SECONDS = 0.2, 40
KILL_AFTER_SECONDS = 5


def check(run, args):
    require("ip", "ping")
    run.build()
    hosts = list(run.up("hosts", "--count", args.count, "--delay", 2))
    wait_online(run.bootstrap("wan"))
    nodes = members(run, hosts, "10.79.1.1:4001", timeout=240)
    seconds = until_right(nodes)
    say(f"  {len(nodes)} members: status --json of each gives exactly the neighbours that the "
        f"sorted IDs say ({seconds:.1f} s after the last join)")
    kill_one(run, nodes)


def wrong(nodes):
    """What differs from the ring of the sorted IDs, or None."""
    rings = {n.space["overlayId"]: (n, n.space["ring"]) for n in nodes}
    order = sorted(rings)
    for at, identity in enumerate(order):
        node, ring = rings[identity]
        for side, step in (("successors", 1), ("predecessors", -1)):
            want = [order[(at + step * k) % len(order)]
                    for k in range(1, min(NEAR, len(order) - 1) + 1)]
            if ring[side] != want:
                short = [[i[:6] for i in ids] for ids in (ring[side], want)]
                return f"{node.name}: {side} {short[0]}, not {short[1]}"
    return None


def until_right(nodes):
    """Wait for the right ring; every node's own `status --json` has the last word."""
    started = time.monotonic()
    while True:
        for node in nodes:
            node.facts = api(node, "/v1/status") or node.facts
        reason = wrong(nodes)
        if not reason:
            seconds = time.monotonic() - started
            for node in nodes:
                node.refresh()
            reason = wrong(nodes)
            if not reason:
                return seconds
        if time.monotonic() - started > RIGHT_SECONDS_MAX:
            raise CheckFailed(f"the ring is not right after {RIGHT_SECONDS_MAX} s: {reason}")
        time.sleep(0.3)


def kill_one(run, nodes):
    """kill -9 of one, while the others ping each other all round."""
    order = sorted(nodes, key=lambda n: n.space["overlayId"])
    victim, others = order[len(order) // 2], [n for n in order if n is not order[len(order) // 2]]
    identity = victim.space["overlayId"]
    pings = []
    for at, source in enumerate(others):
        target = others[(at + len(others) // 3) % len(others)]
        run.exec(source.host, "ping", "-n", "-c", 1, "-W", 10, target.address())
        words = ["ping", "-n", "-i", PING_INTERVAL, "-c", int(PING_SECONDS / PING_INTERVAL),
                 "-W", 5, target.address()]
        pings.append((f"{source.name}->{target.name}",
                      run.start(source.host, words, f"ping-{source.name}")))
    time.sleep(KILL_AFTER_SECONDS)
    neighbours = [n for n in others if identity in n.neighbours()]
    victim.process.end(signal.SIGKILL)
    killed = time.monotonic()
    gone = {}
    while len(gone) < len(neighbours):
        for node in neighbours:
            node.facts = api(node, "/v1/status") or node.facts
            if node.name not in gone and identity not in node.neighbours():
                gone[node.name] = time.monotonic() - killed
        if time.monotonic() - killed > GONE_SECONDS_MAX:
            left = [n.name for n in neighbours if n.name not in gone]
            raise CheckFailed(f"{victim.name} is still in the lists of {', '.join(left)} "
                              f"{GONE_SECONDS_MAX} s after kill -9")
        time.sleep(0.1)
    say(f"  kill -9 of {victim.name}: out of the lists of its {len(neighbours)} neighbours after "
        f"{min(gone.values()):.1f} to {max(gone.values()):.1f} s (at most {GONE_SECONDS_MAX})")
    seconds = until_right(others)
    say(f"  the ring of the other {len(others)} is right {seconds:.1f} s later")
    judge_pings(pings)


def judge_pings(pings):
    sent = received = 0
    lost = []
    for name, process in pings:
        process.child.wait(timeout=PING_SECONDS + 30)
        m = re.search(r"(\d+) packets transmitted, (\d+) received", process.output())
        if not m:
            raise CheckFailed(f"ping {name} says nothing\n{process.tail()}")
        sent, received = sent + int(m[1]), received + int(m[2])
        if m[1] != m[2]:
            lost.append(f"{name} {int(m[1]) - int(m[2])}")
    say(f"  ping -i {PING_INTERVAL} among the others meanwhile: {received} of {sent} replies")
    if lost:
        raise CheckFailed(f"lost by the death of another: {', '.join(lost)}")
