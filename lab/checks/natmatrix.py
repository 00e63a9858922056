"""Two members behind NATs of all kinds, squared, and a public bootstrap node: which path, and when."""
import time

from harness import CheckFailed, Run, median, members, ping, require, say, wait_online

KINDS = ("open", "full-cone", "restricted", "port-restricted", "cgn", "symmetric", "udp-blocked")
BOOTSTRAP = "203.0.113.2:4001"
LOOK_SECONDS = 0.02
# Where ports are looked for, and where they are known.
PUNCH_SECONDS_MAX = 20
DIRECT_SECONDS_MAX = 2
DIRECT_SECONDS_MEDIAN_MAX = 0.5
SETTLE_SECONDS = 8
PINGS = 20
HOMES = "homes"

# Homes that are more than a NAT each: (name, lab words, what the remote address starts with)
SPECIAL = (
    ("one NAT for both", ("a=port-restricted", "b=@a"), "udp://192.168."),
    ("one NAT for both, hairpinning", ("a=port-restricted", "b=@a", "--hairpin"), "udp://192.168."),
    ("one symmetric NAT for both", ("a=symmetric", "b=@a"), "udp://192.168."),
    ("one carrier for both, hairpinning", ("a=cgn", "b=@cgn-a", "--hairpin"), "udp://"),
    ("homes with one subnet", ("a=port-restricted", "b=port-restricted", "--same-subnet"),
     "udp://203.0.113."),
    ("symmetric, one subnet", ("a=symmetric", "b=full-cone", "--same-subnet"), "udp://203.0.113."),
)


def expected(one, other):
    """The best path there is."""
    first, second = sorted((one, other), key=KINDS.index)
    if second == "udp-blocked":
        return "tcp" if first == "open" else "relay"
    return "relay" if first == "symmetric" else "udp"


def has_to_search(one, other):
    """Neither end knows the port at which it could reach the other."""
    return {one, other} in ({"symmetric", "port-restricted"}, {"symmetric", "cgn"})


def cells(text):
    """The pairs named as A:B,C:D; all if there is no text, none for "homes"."""
    if text == HOMES:
        return []
    if not text:
        return [(a, b) for a in KINDS for b in KINDS]
    pairs = [tuple(cell.split(":")) for cell in text.split(",")]
    for pair in pairs:
        if len(pair) != 2 or not set(pair) <= set(KINDS):
            raise CheckFailed(f"--cells takes pairs as symmetric:open,cgn:cgn, of {' '.join(KINDS)}; "
                              f"or {HOMES}, for shared homes only")
    return pairs


def check(run, args):
    require("ip", "ping", "nft")
    pairs = cells(args.cells)
    run.build()
    wrong, rows, times = [], [], []
    for one, other in pairs:
        with Run(run.launcher, run.logs) as own:
            row = cell(own, one, other)
        rows.append((one, other, *row))
        path, _, reached = row[:3]
        if path != expected(one, other):
            wrong.append(f"{one} {other}: {path}, wanted {expected(one, other)}")
        elif path == "udp" and not has_to_search(one, other):
            times.append(float(reached))
            if times[-1] > DIRECT_SECONDS_MAX:
                wrong.append(f"{one} {other}: direct after {reached} s")
    if pairs:
        table(rows, times)
    if times and median(times) > DIRECT_SECONDS_MEDIAN_MAX:
        wrong.append(f"median {median(times):.2f} s until direct")
    if args.cells in (None, HOMES):
        wrong += specials(run)
    if wrong:
        raise CheckFailed("; ".join(wrong))


def table(rows, times):
    say("\n| a | b | path | first ping, ms | path after, s | pings | reason |\n|---|---|---|---|---|---|---|")
    for row in rows:
        say("| " + " | ".join(map(str, row)) + " |")
    say(f"\n  direct without a search: median {median(times):.2f} s, at most {max(times, default=0):.2f} s")


def cell(run, one, other):
    """(path kind, ms of the first ping, seconds until that path stood, pings answered, reason)."""
    return measure(run, f"{one} {other}", (f"a={one}", f"b={other}"), expected(one, other),
                   PUNCH_SECONDS_MAX if has_to_search(one, other) else SETTLE_SECONDS)[1:]


def measure(run, name, words, wanted, seconds_max):
    run.up("nat", *words)
    wait_online(run.bootstrap("s"))
    a, b = members(run, ["a", "b"], BOOTSTRAP)
    started = time.monotonic()
    first = ping(run, "a", b.address(), 1)
    path, reached = None, 0.0
    while reached < seconds_max:
        path = a.path_to(b)
        reached = time.monotonic() - started
        if path and path["kind"] == wanted:
            break
        time.sleep(LOOK_SECONDS)
    answered = len(ping(run, "a", b.address(), PINGS))
    path = a.path_to(b)
    kind = path["kind"] if path else "none"
    reasons = {n.row_of(m)["reason"] for n, m in ((a, b), (b, a))}
    milliseconds = f"{first[0]:.1f}" if first else "lost"
    say(f"  {name}: {kind}, first ping {milliseconds}, {answered} of {PINGS} pings")
    if not first or answered < PINGS:
        raise CheckFailed(f"{name}: pings lost")
    if len(reasons) > 1:
        raise CheckFailed(f"{name}: the ends give different reasons: {' / '.join(map(str, reasons))}")
    return (path["remote"] if path else "", kind, milliseconds, f"{reached:.2f}",
            f"{answered} of {PINGS}", reasons.pop() or "")


def specials(run):
    wrong = []
    for name, words, remote in SPECIAL:
        with Run(run.launcher, run.logs) as own:
            row = measure(own, name, words, "udp", SETTLE_SECONDS)
        say(f"  {name}: {row[1]} to {row[0]} after {row[3]} s")
        if row[1] != "udp" or not row[0].startswith(remote):
            wrong.append(f"{name}: {row[1]} {row[0]}, wanted {remote}")
    return wrong
