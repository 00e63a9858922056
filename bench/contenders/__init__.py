"""Who takes part: a contender is added by a file here and a line in REGISTRY.

A peer of its own subnet (10.99.N.0/24), device and port can be up beside all others.
"""
import time

import harness
from bench.contenders.base import Contender
from bench.contenders.fastd import Fastd
from bench.contenders.n2n import N2n
from bench.contenders.nebula import Nebula
from bench.contenders.openvpn import OpenVpn
from bench.contenders.p2pvpn import P2pvpn
from bench.contenders.plain import Bare, Vxlan
from bench.contenders.tinc import Tinc
from bench.contenders.wireguard import WireGuardGo, WireGuardGoNew
from bench.contenders.yggdrasil import Yggdrasil
from harness import CheckFailed, say

REGISTRY = (Bare, Vxlan, OpenVpn, Tinc, N2n, WireGuardGo, WireGuardGoNew, Fastd, Nebula,
            Yggdrasil, P2pvpn)
KEYS = [c.key for c in REGISTRY]
ANSWER_SECONDS_MAX = 20
OWN_WAY_PINGS = 50


def choose(keys, wireguard_go=None, variants=()):
    """The contenders of these keys that can run here, and {name: reason} of the others.

    `variants` are (name, environment) of each p2pvpn that takes part; none: one, as it is.
    """
    chosen, skipped = [], {}
    for c in (c for c in REGISTRY if c.key in keys):
        if c is P2pvpn:
            found = [P2pvpn(*v, n) for n, v in enumerate(variants or [("p2pvpn", {})])]
        elif c is WireGuardGoNew:
            found = [WireGuardGoNew(wireguard_go)] if wireguard_go else []
        else:
            found = [c()]
        for contender in found:
            missing = contender.missing()
            if missing:
                skipped[contender.name] = f"not installed: {', '.join(missing)}"
            else:
                chosen.append(contender)
    return chosen, skipped


def start_all(run, chosen, *up_words):
    """A fresh pair topology; the contenders that are up in it, each on the link itself, and {name: reason}."""
    harness.require("ip", "ping", "iperf3")
    addresses = run.up("pair", *up_words)
    up, skipped = [], {}
    for c in chosen:
        started = time.monotonic()
        try:
            c.start(run, addresses)
            wait_answer(run, c)
        except CheckFailed as e:
            if not c.optional:
                raise
            say(f"  {c.name} does not come up: {e}")
            skipped[c.name] = "does not come up"
            continue
        up.append(c)
        say(f"  {c.name}: {c.describe()} ({time.monotonic() - started:.1f} s)")
    for c in up:
        check_own_way(run, c, up)
    return up, skipped


def wait_answer(run, c):
    deadline = time.monotonic() + ANSWER_SECONDS_MAX
    while not harness.ping(run, c.source, c.target, 1, wait=0.3):
        if time.monotonic() > deadline:
            tails = [p.tail(10) for host in c.daemons.values() for p in host]
            raise CheckFailed(f"{c.name}: no answer from {c.target}\n" + "\n".join(tails))


def check_own_way(run, c, chosen):
    """Fail when this contender's packets pass another one's tunnel: it would measure both."""
    others = {o.device(c.source): o.name for o in chosen if o is not c and o.device(c.source)}
    before = sent(run, c.source)
    harness.ping(run, c.source, c.target, OWN_WAY_PINGS, 0.005)
    after = sent(run, c.source)
    for device, name in others.items():
        if after[device] - before[device] >= OWN_WAY_PINGS:
            raise CheckFailed(f"the packets of {c.name} take the tunnel of {name}")


def sent(run, host):
    """Device name -> packets that it has sent."""
    lines = run.exec(host, "cat", "/proc/net/dev").stdout.splitlines()[2:]
    rows = [line.replace(":", " ").split() for line in lines]
    return {row[0]: int(row[10]) for row in rows}


__all__ = ["Bare", "Contender", "OpenVpn", "P2pvpn", "choose", "start_all"]
