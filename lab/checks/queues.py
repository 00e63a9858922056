"""Data planes of several queues: both directions use all lanes, new keys and paths lose nothing."""
import re
import time

from checks.moved import readdress
from harness import CheckFailed, iperf3, members, ping_all, require, say, wait_joined, wait_online

QUEUES = (2, 2, 1)
SECONDS = 3
STREAMS = 12
INTERVAL = 0.02
# Sessions in use change keys every two minutes.
FLOW_SECONDS = 130
PATH_SECONDS_MAX = 3
SHARE_MIN = 0.02


def check(run, _args):
    require("ip", "ping", "iperf3")
    run.build()
    run.up("hosts", "--count", len(QUEUES))
    wait_online(run.bootstrap("wan"))
    nodes = [run.join(f"h{i + 1}", "10.79.1.1:4001", extra=["--queues", str(count)])
             for i, count in enumerate(QUEUES)]
    seconds = wait_joined(nodes)
    say(f"  {len(nodes)} members with {QUEUES} queues joined within {seconds:.1f} s")
    for node, count in zip(nodes, QUEUES):
        if node.metrics()["p2pvpn_data_queues_total"] != count:
            raise CheckFailed(f"{node.name} has not {count} queues")
    ping_all(run, nodes)
    ping_all(run, nodes, 6)
    one, two, single = nodes
    flows = [flow(run, a, b) for a in nodes for b in nodes if a is not b]
    bulk(run, one, two)
    bulk(run, two, one)
    bulk(run, one, single)
    bulk(run, single, one)
    for a, b in ((one, two), (two, one)):
        shares(a, b)
    lost_of(flows)
    moves(run, one, two)
    for node in nodes:
        steering(node)


def flow(run, a, b):
    count = int(FLOW_SECONDS / INTERVAL)
    return run.start(a.host, ["ping", "-n", "-q", "-c", count, "-i", INTERVAL, "-W", 5, b.address()],
                     f"flow-{a.name}-{b.name}")


def lost_of(flows):
    sent = lost = 0
    for one in flows:
        one.wait_for("packet loss", FLOW_SECONDS + 60)
        found = re.search(r"(\d+) packets transmitted, (\d+) received", one.output())
        sent += int(found[1])
        lost += int(found[1]) - int(found[2])
    say(f"  {lost} of {sent} pings beside that lost, new keys included")
    if lost:
        raise CheckFailed(f"{lost} pings lost")


def bulk(run, a, b):
    result = iperf3(run, a.host, b.host, b.address(), SECONDS, 1, STREAMS)
    say(f"  {a.name} to {b.name}, {STREAMS} streams: {result['mbit']:.0f} Mbit/s, "
        f"{result['retransmits']} retransmissions")


def shares(a, b):
    """Both lanes of a node carried a part of what it sent and received."""
    counted = a.metrics()
    for way in ("sent", "received"):
        whole = counted[f"p2pvpn_data_{way}_packets_total"]
        part = counted.get(f"p2pvpn_queue_1_data_{way}_packets_total", 0)
        say(f"  {a.name} {way} {part / whole:.0%} of {whole:.0f} packets on queue 1")
        if not SHARE_MIN < part / whole < 1 - SHARE_MIN:
            raise CheckFailed(f"{a.name} {way} {part:.0f} of {whole:.0f} packets on queue 1")


def moves(run, one, two):
    """A host gets another address under traffic of all lanes."""
    pings = [run.start(one.host, ["ping", "-n", "-D", "-i", "0.05", "-w", 12, two.address()], f"move-{i}")
             for i in range(8)]
    time.sleep(2)
    readdress(run, two.host, "10.79.77")
    for one_ping in pings:
        one_ping.child.wait(30)
        times = [float(t) for t in re.findall(r"\[([\d.]+)\] \d+ bytes", one_ping.output())]
        gap = max(b - a for a, b in zip(times, times[1:]))
        if gap > PATH_SECONDS_MAX or len(times) < 100:
            raise CheckFailed(f"a flow stood still for {gap:.1f} s")
    say(f"  {two.name} moved: {len(pings)} flows went on")


def steering(node):
    counted = node.metrics()
    dropped = {name: value for name, value in counted.items()
               if value and re.match(r"p2pvpn_session_drop_(handover|unknown_index|replayed|forged)", name)}
    say(f"  {node.name} dropped: {dropped or 'nothing'}")
    if any("handover" in name or "forged" in name for name in dropped):
        raise CheckFailed(f"{node.name} dropped {dropped}")
