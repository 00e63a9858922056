"""Two hosts that cannot reach each other: a third member relays, another takes over, direct again."""
import re
import signal
import time

from harness import (CheckFailed, Node, iperf3, members, ping, require, say, wait_joined,
                     wait_online)

RELAYED_SECONDS_MAX = 20
GAP_SECONDS_MAX = 1.0       # without a reply to ping -i 0.05 when the relay in use is killed
KILLS = 3
SPARE_SECONDS = 15          # for the ends to find, bind and measure a second relay
TAKEN_OVER_SECONDS_MAX = 15
DIRECT_SECONDS_MAX = 60
PINGS = 100
LIMIT_MBIT = "20000"        # so that it is the relay that is measured, not its limit
TABLE = "p2pvpn_check"


def check(run, _args):
    require("ip", "ping", "iperf3", "nft")
    run.build()
    run.up("hosts", "--count", 4)
    block(run, "10.79.1.0/24", "10.79.2.0/24")
    bootstrap = run.add_node(Node(run, "wan", "bootstrap",
                                  ["bootstrap", "--listen", "4001", "--no-relay"]))
    wait_online(bootstrap)
    relays = [run.join(h, "10.79.1.1:4001", extra=("--relay-limit", LIMIT_MBIT))
              for h in ("h3", "h4")]
    wait_joined(relays)
    one, other = members(run, ["h1", "h2"], "10.79.1.1:4001")
    relay = wait_relayed(run, one, other, relays, RELAYED_SECONDS_MAX)
    lossless(run, one, other, f"through {relay.name}")
    result = iperf3(run, one.host, other.host, other.address())
    say(f"  iperf3 through {relay.name}: {result['mbit']:.0f} Mbit/s, "
        f"{result['retransmits']} retransmissions, {result['congestion']}")
    if not relay.metrics().get("p2pvpn_relay_forwarded_frames_total"):
        raise CheckFailed(f"{relay.name} counts no forwarded frame")

    gaps = [kill_one(run, one, other, relays, n) for n in range(1, KILLS + 1)]
    say(f"  kill -9 of the relay in use, {KILLS} times: longest time without a reply {max(gaps):.2f} s "
        f"(at most {GAP_SECONDS_MAX:.0f})")
    if max(gaps) > GAP_SECONDS_MAX:
        raise CheckFailed(f"{max(gaps):.2f} s without a reply when the relay was killed")
    lossless(run, one, other, f"after {KILLS} kills")

    run.exec("wan", "nft", "delete", "table", "ip", TABLE)
    deadline = time.monotonic() + DIRECT_SECONDS_MAX
    lost = 0
    while active(one, other)["kind"] != "udp":
        lost += 5 - len(ping(run, one.host, other.address(), 5, 0.2, 2))
        if time.monotonic() > deadline:
            raise CheckFailed(f"still not direct: {active(one, other)}")
    say(f"  direct once nothing is in the way; {lost} pings lost on the way there")
    if lost:
        raise CheckFailed(f"{lost} pings lost while the path became direct")


def kill_one(run, one, other, relays, number):
    """kill -9 of the relay in use under a running ping; it starts again. Seconds without a reply."""
    time.sleep(SPARE_SECONDS)
    relay = wait_relayed(run, one, other, relays, TAKEN_OVER_SECONDS_MAX)
    flow = run.start(one.host, ["ping", "-n", "-D", "-i", "0.05", "-w", "8", other.address()], f"flow-{number}")
    time.sleep(2)
    relay.process.end(signal.SIGKILL)
    run.nodes.remove(relay)
    relays.remove(relay)
    flow.child.wait(timeout=20)
    times = [float(t) for t in re.findall(r"\[([\d.]+)\] \d+ bytes", flow.output())]
    if len(times) < 20 or times[-1] - times[0] < 6:
        raise CheckFailed(f"the ping did not come back\n{flow.tail()}")
    gap = max(b - a for a, b in zip(times, times[1:]))
    say(f"  {relay.name} killed: {len(times)} replies in {times[-1] - times[0]:.1f} s, {gap:.2f} s without one")
    again = run.join(relay.host, "10.79.1.1:4001", name=f"{relay.host}-{number}",
                     extra=("--relay-limit", LIMIT_MBIT))
    wait_joined([again])
    relays.append(again)
    return gap


def block(run, one, other):
    rules = (f"add table ip {TABLE}; add chain ip {TABLE} way {{ type filter hook forward priority 0; }}; "
             f"add rule ip {TABLE} way ip saddr {one} ip daddr {other} drop; "
             f"add rule ip {TABLE} way ip saddr {other} ip daddr {one} drop")
    run.exec("wan", "nft", rules)


def active(one, other):
    """The path that one's traffic to the other takes, or an empty one."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p for p in peer["paths"] if p["active"]), {"kind": None})
    return {"kind": None}


def wait_relayed(run, one, other, relays, timeout):
    """Until traffic both ways takes one of these relays; that relay."""
    started = time.monotonic()
    while True:
        ping(run, one.host, other.address(), 1, 0.2, 2)     # whose peer has which address shows with traffic
        paths = [active(one, other), active(other, one)]
        for relay in relays:
            if all(p["kind"] == "relay" and p["via"] in relay.ids for p in paths):
                say(f"  relayed by {relay.name} after {time.monotonic() - started:.1f} s")
                return relay
        if time.monotonic() - started > timeout:
            raise CheckFailed(f"no relay within {timeout} s: {paths}")
        time.sleep(0.2)


def lossless(run, one, other, label):
    times = ping(run, one.host, other.address(), PINGS, 0.05)
    say(f"  ping {label}: {len(times)} of {PINGS} replies, median "
        f"{sorted(times)[len(times) // 2] if times else float('nan'):.2f} ms")
    if len(times) < PINGS:
        raise CheckFailed(f"ping {label}: {PINGS - len(times)} lost")
