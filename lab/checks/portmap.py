"""A real home router that maps ports: two members behind symmetric NATs have a direct path."""
import json
import time

from harness import CheckFailed, Run, members, ping, require, say, wait_joined, wait_online

# miniupnpd calls the ranges kept for examples not public, and maps nothing; this one is nobody's
# but the lab's inside it.
PUBLIC = "45.67"
BOOTSTRAP = f"{PUBLIC}.113.2:4001"
PROTOCOLS = ("pcp", "nat-pmp", "upnp", "auto")
MAPPED_SECONDS_MAX = 15
DIRECT_SECONDS_MAX = 30
GONE_SECONDS_MAX = 5
RESTART_SECONDS_MAX = 90
PINGS = 20
TABLE = "miniupnpd"
CHAINS = f"""
table inet {TABLE} {{
  chain forward {{ type filter hook forward priority 0; jump miniupnpd; }}
  chain miniupnpd {{ }}
  chain prerouting {{ type nat hook prerouting priority -100; jump prerouting_miniupnpd; }}
  chain postrouting {{ type nat hook postrouting priority 100; jump postrouting_miniupnpd; }}
  chain prerouting_miniupnpd {{ }}
  chain postrouting_miniupnpd {{ }}
}}
"""


def check(run, args):
    require("ip", "ping", "nft", "miniupnpd")
    run.build()
    rows = []
    for protocol in args.cells.split(",") if args.cells else PROTOCOLS:
        with Run(run.launcher, run.logs) as own:
            rows.append((protocol, *cell(own, protocol)))
    say("\n| router speaks | said | mapped, s | direct, s | pings | back after restart, s | gone, s |\n"
        "|---|---|---|---|---|---|---|")
    for row in rows:
        say("| " + " | ".join(map(str, row)) + " |")


def cell(run, protocol):
    """(protocol in the status, seconds to mapping, to direct, pings, back after restart, gone)."""
    run.env["LAB_PUBLIC"] = PUBLIC
    run.up("nat", "a=symmetric", "b=symmetric")
    router = start_router(run, protocol)
    wait_online(run.bootstrap("s"))
    started = time.monotonic()
    a = run.join("a", BOOTSTRAP, extra=("--port-mapping", protocol))
    said, mapped = wait_mapped(a, MAPPED_SECONDS_MAX)
    seconds = time.monotonic() - started
    wanted = "pcp" if protocol == "auto" else protocol
    if said != wanted:
        raise CheckFailed(f"{protocol}: the status says {said}, wanted {wanted}")
    say(f"  {protocol}: mapped {', '.join(mapped)} after {seconds:.1f} s")
    b, = members(run, ["b"], BOOTSTRAP)
    wait_joined([a])
    started = time.monotonic()
    answered = len(ping(run, "a", b.address(), 1))
    while not (direct(a, b) and direct(b, a)):
        if time.monotonic() - started > DIRECT_SECONDS_MAX:
            raise CheckFailed(f"{protocol}: not direct after {DIRECT_SECONDS_MAX} s: {a.peers()}")
        time.sleep(0.2)
    reached = time.monotonic() - started
    answered += len(ping(run, "a", b.address(), PINGS - 1))
    if answered < PINGS:
        raise CheckFailed(f"{protocol}: {PINGS - answered} pings lost")
    say(f"  {protocol}: direct after {reached:.1f} s, {answered} of {PINGS} pings")
    back = restart(run, router, protocol, a)
    gone = stop(run, a)
    return said, f"{seconds:.1f}", f"{reached:.1f}", f"{answered} of {PINGS}", back, f"{gone:.1f}"


def start_router(run, protocol):
    """miniupnpd in a's gateway: all protocols, or only those of this cell."""
    links = json.loads(run.exec("ga", "ip", "-j", "-4", "addr").stdout)
    inside = next(link["ifname"] for link in links if link["ifname"] not in ("lo", "wan"))
    pcp = "yes" if protocol in ("pcp", "nat-pmp", "auto") else "no"
    upnp = "yes" if protocol in ("upnp", "auto") else "no"
    run.exec("ga", "nft", CHAINS)
    with open(run.path("miniupnpd.conf"), "w") as f:
        f.write(f"ext_ifname=wan\nlistening_ip={inside}\nipv6_disable=yes\nhttp_port=0\n"
                f"enable_natpmp={pcp}\nenable_upnp={upnp}\nsecure_mode=yes\nsystem_uptime=no\n"
                f"upnp_table_name={TABLE}\nupnp_nat_table_name={TABLE}\n"
                f"uuid=5a1e0d0c-7f7c-4d0e-9b8d-6b1f2f3a4c5d\n"
                f"lease_file={run.path('leases')}\n"
                f"minissdpdsocket={run.path('no-minissdpd')}\n"
                "allow 1024-65535 0.0.0.0/0 1024-65535\ndeny 0-65535 0.0.0.0/0 0-65535\n")
    return router(run)


def router(run):
    words = ["miniupnpd", "-d", "-f", run.path("miniupnpd.conf"), "-P", run.path("miniupnpd.pid")]
    return run.start("ga", words, f"miniupnpd-{time.monotonic_ns()}", "starting")


def wait_mapped(node, timeout):
    """(protocol, mapped endpoints) as the node's status says."""
    started = time.monotonic()
    while True:
        status = node.status() or {}
        mapped = [e["uri"] for e in status.get("endpoints", []) if e["kind"] == "mapped"]
        if mapped:
            return status["nat"]["portMapping"], mapped
        if time.monotonic() - started > timeout:
            raise CheckFailed(f"nothing mapped within {timeout} s\n{node.process.tail()}")
        time.sleep(0.1)


def rules(run):
    """The rules that miniupnpd made."""
    listed = run.exec("ga", "nft", "list", "chain", "inet", TABLE, "prerouting_miniupnpd").stdout
    return [line.strip() for line in listed.splitlines() if "dnat" in line]


def restart(run, old, protocol, node):
    """Seconds from the start of a router that has forgotten all until the mapping stands again."""
    old.end()
    run.processes.remove(old)
    run.exec("ga", "nft", "flush", "chain", "inet", TABLE, "prerouting_miniupnpd")
    with open(run.path("leases"), "w"):
        pass
    router(run)
    started = time.monotonic()
    while not rules(run):
        if time.monotonic() - started > RESTART_SECONDS_MAX:
            raise CheckFailed(f"{protocol}: not mapped again {RESTART_SECONDS_MAX} s after the router's restart\n"
                              + node.process.tail())
        time.sleep(0.5)
    seconds = time.monotonic() - started
    say(f"  {protocol}: mapped again {seconds:.1f} s after the router's restart")
    return f"{seconds:.1f}"


def stop(run, node):
    """Seconds from the end of the node until the router has no rule for it."""
    node.process.end()
    run.nodes.remove(node)
    started = time.monotonic()
    while rules(run):
        if time.monotonic() - started > GONE_SECONDS_MAX:
            raise CheckFailed(f"still mapped after the node has stopped: {rules(run)}")
        time.sleep(0.1)
    return time.monotonic() - started


def direct(one, other):
    path = one.path_to(other)
    return path is not None and path["kind"] == "udp"
