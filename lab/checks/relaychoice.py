"""Two members that cannot be direct, twelve public ones at different distances: the best of them relays."""
import time

from harness import CheckFailed, Node, median, members, ping, require, say, wait_online

# One-way delay of each public member's uplink, ms.
DELAYS = (31, 7, 52, 18, 5, 44, 11, 60, 25, 3, 38, 14)
ENDS_DELAY = 10
BOOTSTRAP = "203.0.113.2:4001"
SETTLE_SECONDS = 60
PINGS = 20
OVER_BEST_MAX = 1.1
UNDERLAY_PINGS = 9


def check(run, _args):
    require("ip", "ping", "nft")
    run.build()
    public = [f"p{i}" for i in range(1, len(DELAYS) + 1)]
    hosts = run.up("nat", "a=symmetric", "b=symmetric", *(f"{h}=open" for h in public),
                   "--delay", ",".join(map(str, (ENDS_DELAY, ENDS_DELAY, *DELAYS))))
    wait_online(run.add_node(Node(run, "s", "bootstrap",
                                  ["bootstrap", "--listen", "4001", "--no-relay"])))
    nodes = members(run, [*public, "a", "b"], BOOTSTRAP, timeout=240)
    a, b = nodes[-2:]
    path = settle(run, a, b)
    times = ping(run, "a", b.address(), PINGS)
    # While all members run: their processors are the same two, and that shows in every round trip.
    sums = {h: underlay(run, "a", hosts[h][0]) + underlay(run, "b", hosts[h][0]) for h in public}
    used = next((n for n in nodes if path.get("via") in n.ids), None)
    table(sums, used)
    best, got = min(sums.values()), median(times)
    say(f"  relayed: median of {len(times)} pings {got:.1f} ms, "
        f"best possible {best:.1f} ms ({got / best:.3f} x)")
    if len(times) < PINGS:
        raise CheckFailed(f"{PINGS - len(times)} pings lost")
    if path.get("kind") != "relay" or used is None:
        raise CheckFailed(f"not relayed by a public member: {path}")
    if got > best * OVER_BEST_MAX:
        raise CheckFailed(f"relayed in {got:.1f} ms, which is more than {OVER_BEST_MAX} x {best:.1f} ms")


def underlay(run, host, address):
    """Round trip without any tunnel, ms."""
    times = ping(run, host, address, UNDERLAY_PINGS)
    if not times:
        raise CheckFailed(f"{host} does not reach {address}")
    return median(times)


def settle(run, a, b):
    """A ping each second for a minute, the path printed when it changes; the last path."""
    started, last = time.monotonic(), None
    while time.monotonic() - started < SETTLE_SECONDS:
        times = ping(run, a.host, b.address(), 1, 0.2, 2)
        path = active(a, b)
        seen = (path.get("kind"), path.get("via"))
        if seen != last:
            say(f"  after {time.monotonic() - started:4.1f} s: {path.get('kind')} "
                f"{(path.get('via') or '')[:8]} {times[0] if times else float('nan'):.1f} ms")
            last = seen
        time.sleep(0.8)
    return active(a, b)


def active(one, other):
    """The path that one's traffic to the other takes, or an empty one."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p for p in peer["paths"] if p["active"]), {})
    return {}


def table(sums, used):
    say("\n| member | uplink, ms one way | a to it and it to b, ms there and back | relays |\n|---|---|---|---|")
    for (host, value), delay in zip(sums.items(), DELAYS):
        say(f"| {host} | {delay} | {value:.1f} | {'yes' if used and used.name == host else ''} |")
    say("")
