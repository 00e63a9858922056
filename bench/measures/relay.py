"""Through one relay, beside a direct pair of the same members, and what it costs the relay."""
from dataclasses import dataclass

import harness
from bench import cost
from bench.contenders import P2pvpn
from bench.measures.base import Chart, Column, Measure
from bench.measures.rtt import pings, spread
from checks import relay as ways
from harness import CheckFailed

ENDPOINT = "10.79.1.1:4001"
RELAY = "h3"
RELAYED, DIRECT = ("h1", "h2"), ("h4", "h5")
HOSTS = 5
RELAYED_SECONDS_MAX = 40
LIMIT_MBIT = 20000          # the relay is measured, not its limit
OMIT_SECONDS = 1


class Way(P2pvpn):
    """Two of five members: the ones that a firewall parts, or two that it does not."""

    def __init__(self, name, about, nodes, relay=None):
        super().__init__()
        self.name, self.about, self.nodes, self.relay = name, about, nodes, relay
        self.source, self.sink = nodes[0].host, nodes[1].host
        self.target = nodes[1].address()
        self.daemons = {n.host: [n.process] for n in [*nodes, *([relay] if relay else [])]}

    def describe(self):
        return self.about

    def check(self):
        """Fail unless packets go the way that is meant."""
        for one, two in (self.nodes, self.nodes[::-1]):
            path = ways.active(one, two)
            if path["kind"] != ("relay" if self.relay else "udp"):
                raise CheckFailed(f"{self.name}: the path is {path}")


@dataclass(frozen=True)
class RelayStage:
    """Five members on hosts of their own; no packet passes between the first two directly."""
    words: tuple = ("hosts", "--count", str(HOSTS))

    def start(self, run, chosen):
        harness.require("ip", "ping", "iperf3", "nft")
        variants = [c for c in chosen if isinstance(c, P2pvpn)]
        if not variants:
            return [], {}
        variant = variants[0]
        run.command([*variant.launcher(run), "--version"], timeout=900)
        run.up(*self.words)
        ways.block(run, "10.79.1.0/24", "10.79.2.0/24")
        harness.wait_online(variant.node(run, "wan", "bootstrap", "bootstrap", "--listen", "4001", "--no-relay"))
        relay = variant.member(run, RELAY, ENDPOINT, "--relay-limit", str(LIMIT_MBIT))
        harness.wait_joined([relay])
        ends = {h: variant.member(run, h, ENDPOINT, "--no-relay") for h in (*RELAYED, *DIRECT)}
        harness.wait_joined(list(ends.values()))
        one, two = (ends[h] for h in RELAYED)
        ways.wait_relayed(run, one, two, [relay], RELAYED_SECONDS_MAX)
        variant.nodes = [one, two]
        return [Way("direct", variant.describe(), [ends[h] for h in DIRECT]),
                Way("relayed", variant.describe(), [one, two], relay)], {}


class Relayed(Measure):
    """TCP and ping of the first p2pvpn that takes part."""
    name = "relay"
    title = "Through one relay"
    reference = "direct"
    columns = (Column("Mbit/s", "mbit", spread=True, to_reference=True),
               Column("ping, median ms", "medianMs", 3, to_reference=True),
               Column("CPU s/GB, sender", "senderSecondsPerGb", 2),
               Column("CPU s/GB, relay", "relaySecondsPerGb", 2),
               Column("CPU s/GB, receiver", "receiverSecondsPerGb", 2),
               Column("relay's / mean of its ends'", "relayShare", 2),
               Column("retransmissions per GB", "retransmitsPerGb"))
    charts = (Chart("TCP through one relay", "mbit", "Mbit/s", "direction"),)

    def stages(self):
        for direction in self.args.direction:
            yield RelayStage(), {"direction": direction.replace("-", " to "), "streams": "1 stream"}

    def seconds(self):
        return self.args.seconds + OMIT_SECONDS + 3

    def take(self, run, contender, case):
        reverse = case["direction"] == "b to a"
        ping = spread(pings(run, contender))
        with cost.Meter(contender) as spent:
            r = harness.iperf3(run, contender.source, contender.sink, contender.target, self.args.seconds,
                               OMIT_SECONDS, reverse=reverse)
        contender.check()
        ends = [contender.sink, contender.source] if reverse else [contender.source, contender.sink]
        sender, receiver = (spent.by_host[h] / r["gigabytes"] for h in ends)
        figures = {"mbit": r["mbit"], "medianMs": ping["medianMs"], "senderSecondsPerGb": sender,
                   "receiverSecondsPerGb": receiver, "retransmits": r["retransmits"],
                   "retransmitsPerGb": r["retransmits"] / (r["mbit"] / 8000 * self.args.seconds)}
        if contender.relay:
            between = spent.by_host[RELAY] / r["gigabytes"]
            figures.update(relaySecondsPerGb=between, relayShare=2 * between / (sender + receiver))
        return figures
