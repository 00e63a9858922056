"""The very first packet between two members that never spoke: not lost, and not late.

Members on uplinks of 25 ms. A pair counts when the two are not neighbours in the
namespace's ring and hold no session with each other, which is looked up right
before its ping. A pair is tested once, in one direction: afterwards it has spoken.
"""
import itertools
import random

from harness import (CheckFailed, median, members, ping, require, say, wait_online, wait_stable)

UPLINK_MILLIS = 25
HOPS = 2                    # between members that are not neighbours, in a ring of up to 16
RING_ROUND_TRIPS_MAX = 6
SLACK_MILLIS = 100
WAIT_SECONDS = 10
SEED = 1


def check(run, args):
    require("ip", "ping")
    run.build()
    hosts = list(run.up("hosts", "--count", args.count, "--delay", UPLINK_MILLIS))
    hop = 4 * UPLINK_MILLIS             # there and back, two uplinks each way
    ring_round_trip = HOPS * hop
    limit = RING_ROUND_TRIPS_MAX * ring_round_trip + SLACK_MILLIS
    say(f"  underlay round trip {hop} ms (measured "
        f"{median(ping(run, 'h1', '10.79.2.2', count=10)):.1f}), so {ring_round_trip} ms for "
        f"{HOPS} ring hops and back; limit {limit} ms")
    wait_online(run.bootstrap("wan"))
    nodes = members(run, hosts, "10.79.1.1:4001", timeout=180)
    wait_stable(nodes)
    say("  neighbours per node: "
        + " ".join(str(len(n.neighbours())) for n in nodes))
    times, lost, skipped = first_contacts(run, nodes)
    report(times, lost, skipped, ring_round_trip)
    if not times and not lost:
        raise CheckFailed("no pair without a session was left to test; try a higher --count")
    if lost:
        raise CheckFailed(f"{len(lost)} first pings lost: {', '.join(lost)}")
    if max(times) > limit:
        late = sum(t > limit for t in times)
        raise CheckFailed(f"{late} of {len(times)} first pings above {limit:.0f} ms, "
                          f"the slowest {max(times):.0f} ms")


def first_contacts(run, nodes):
    """Ping every pair that qualifies; (round trips, lost pairs, why others were left out)."""
    pairs = list(itertools.combinations(nodes, 2))
    random.Random(SEED).shuffle(pairs)      # no node gets all its contacts in a row
    times, lost = [], []
    skipped = {"ring neighbours": 0, "already a session": 0}
    for a, b in pairs:
        if b.ids & a.neighbours() or a.ids & b.neighbours():
            skipped["ring neighbours"] += 1
        elif has_session(a, b):
            skipped["already a session"] += 1
        else:
            got = ping(run, a.host, b.address(), 1, wait=WAIT_SECONDS)
            times += got
            if not got:
                lost.append(f"{a.name}->{b.name}")
    return times, lost, skipped


def has_session(a, b):
    """Sessions are shared between rings, so either of b's overlay IDs, or its name, tells."""
    return any(p["overlayId"] in b.ids or (p.get("name") == b.name and b.name)
               for p in a.peers())


def report(times, lost, skipped, ring_round_trip):
    left_out = ", ".join(f"{count} {why}" for why, count in skipped.items())
    say(f"  {len(times) + len(lost)} pairs had their first contact (left out: {left_out})")
    if times:
        say(f"  lost {len(lost)}; round trip median {median(times):.0f} ms, max "
            f"{max(times):.0f} ms = {max(times) / ring_round_trip:.1f} ring round trips; "
            f"slowest five: {' '.join(f'{t:.0f}' for t in sorted(times)[-5:])}")
