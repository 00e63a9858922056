"""Many sessions change keys under a running flow each: nothing is lost."""
import re

from harness import CheckFailed, members, ping_all, require, say, wait_online

MEMBERS = 7
KEYS_TRIALS = 20
INTERVAL = 0.05
# Sessions in use change keys every two minutes.
SECONDS = 135
SETTLE_SECONDS = 5


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", MEMBERS + 1)
    wait_online(run.bootstrap("h1"))
    nodes = members(run, [f"h{i}" for i in range(2, MEMBERS + 2)], "10.79.1.2:4001")
    ping_all(run, nodes)
    before = rekeyed(nodes)
    count = int(SECONDS / INTERVAL)
    flows = [run.start(one.host, ["ping", "-n", "-q", "-c", count, "-i", INTERVAL, "-W", SETTLE_SECONDS,
                                  other.address()], f"flow-{one.name}-{other.name}")
             for i, one in enumerate(nodes) for other in nodes[i + 1:]]
    sent = lost = 0
    for flow in flows:
        flow.wait_for("packet loss", SECONDS + 60)
        found = re.search(r"(\d+) packets transmitted, (\d+) received", flow.output())
        sent += int(found[1])
        lost += int(found[1]) - int(found[2])
    changes = rekeyed(nodes) - before
    say(f"  {len(flows)} flows, {changes:.0f} times new keys, {lost} of {sent} pings lost")
    if lost:
        raise CheckFailed(f"{lost} pings lost")
    if changes < KEYS_TRIALS:
        raise CheckFailed(f"only {changes:.0f} times new keys")


def rekeyed(nodes):
    return sum(n.metrics().get("p2pvpn_session_rekeyed_total", 0) for n in nodes)
