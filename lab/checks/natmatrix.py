"""Two members behind NATs of each pair of kinds, and a public bootstrap node: which path, and when."""
import time

from harness import CheckFailed, Run, members, ping, require, say, wait_online

KINDS = ("open", "full-cone", "restricted", "port-restricted", "cgn", "symmetric", "udp-blocked")
BOOTSTRAP = "203.0.113.2:4001"
SETTLE_SECONDS_MAX = 25
PINGS = 20


def expected(one, other):
    """The best path that mapping and filtering allow, without predicted ports."""
    first, second = sorted((one, other), key=KINDS.index)
    if second == "udp-blocked":
        return "tcp" if first == "open" else "relay"
    direct = second != "symmetric" or first in ("open", "full-cone", "restricted")
    return "udp" if direct else "relay"


def check(run, args):
    require("ip", "ping", "nft")
    pairs = [(a, b) for i, a in enumerate(KINDS) for b in KINDS[i:]]
    if args.cells:
        pairs = [tuple(cell.split(":")) for cell in args.cells.split(",")]
    run.build()
    wrong, rows = [], []
    for one, other in pairs:
        with Run(run.launcher, run.logs) as own:
            row = cell(own, one, other)
        rows.append((one, other, *row))
        if row[0] != expected(one, other):
            wrong.append(f"{one} {other}: {row[0]}, wanted {expected(one, other)}")
    say("\n| a | b | path | first ping, ms | path after, s | pings |\n|---|---|---|---|---|---|")
    for row in rows:
        say("| " + " | ".join(map(str, row)) + " |")
    if wrong:
        raise CheckFailed("; ".join(wrong))


def cell(run, one, other):
    """(path kind, ms of the first ping, seconds until that path stood, pings answered)."""
    run.up("nat", f"a={one}", f"b={other}")
    wait_online(run.bootstrap("s"))
    a, b = members(run, ["a", "b"], BOOTSTRAP)
    started = time.monotonic()
    first = ping(run, "a", b.address(), 1)
    wanted, path, reached = expected(one, other), None, None
    while time.monotonic() - started < SETTLE_SECONDS_MAX and path != wanted:
        path = active(a, b)
        reached = time.monotonic() - started
        if path != wanted:
            ping(run, "a", b.address(), 1)
    answered = len(ping(run, "a", b.address(), PINGS))
    milliseconds = f"{first[0]:.1f}" if first else "lost"
    say(f"  {one} {other}: {path}, first ping {milliseconds}, {answered} of {PINGS} pings")
    if not first or answered < PINGS:
        raise CheckFailed(f"{one} {other}: pings lost")
    return path, milliseconds, f"{reached:.1f}", f"{answered} of {PINGS}"


def active(one, other):
    """The kind of path that one's traffic to the other takes, or None."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p["kind"] for p in peer["paths"] if p["active"]), None)
    return None
