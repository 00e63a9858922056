"""Marks and classes of packets: what a router sets outside arrives inside, and what hosts ask for is seen outside."""
import re
import time

from harness import CheckFailed, iperf3, members, ping, require, say, wait_online

SECONDS = 4
PINGS = 5
EXPEDITED = 46                          # DSCP (RFC 3246)
# One frame in so many is marked.
MARKED = 100
OUTSIDE = {"ef": "ip dscp ef", "ect": "ip ecn ect0", "ce": "ip ecn ce"}
INSIDE = {"ef": "ip dscp ef", "ef6": "ip6 dscp ef", "cs1": "ip dscp cs1", "ce": "ip ecn ce"}


def check(run, _args):
    require("ip", "ping", "iperf3", "nft", "nstat")
    run.build()
    run.up("pair")
    for host in ("a", "b"):
        run.exec(host, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_ecn")
    wait_online(run.bootstrap("b"))
    a, b = members(run, ["a", "b"], "10.77.2.2:4001")
    for one, other in ((a, b), (b, a)):
        if not ping(run, one.host, other.address(), 3):
            raise CheckFailed("no ping")
    if a.path_to(b)["kind"] != "udp":
        raise CheckFailed(f"the path is {a.path_to(b)}")
    count(run, "wan", "forward", OUTSIDE)
    for node in (a, b):
        rules = {name: f'iifname "{node.device}" {rule}' for name, rule in INSIDE.items()}
        count(run, node.host, "input", rules)
    classes(run, a, b)
    unmarked(run, a, b)
    marked(run, a, b)
    impossible(run, a, b)


def count(run, host, hook, rules):
    """Count what matches each of these rules."""
    counters = " ".join(f"counter {name} {{ }};" for name in rules)
    chain = " ".join(f"{rule} counter name {name};" for name, rule in rules.items())
    run.exec(host, "nft", f"table inet counted {{ {counters} "
                          f"chain c {{ type filter hook {hook} priority 10; {chain} }}; }}")


def counted(run, host):
    """Packets by counter since the last time that was asked."""
    shown = run.exec(host, "nft", "reset", "counters", "table", "inet", "counted").stdout
    return {name: int(packets) for name, packets in re.findall(r"counter (\w+) \{\s*packets (\d+)", shown)}


def rewrite(run, rule):
    """The router does this to what a sends to b, until it is told otherwise."""
    # Added first, as what is not there cannot be deleted.
    run.exec("wan", "nft", "add table ip rewritten; delete table ip rewritten")
    if rule:
        run.exec("wan", "nft", f"table ip rewritten {{ chain r {{ type filter hook forward priority 0; "
                               f"ip saddr 10.77.1.2 udp dport != 0 {rule}; }}; }}")


def start_counting(run):
    for host in ("wan", "a", "b"):
        counted(run, host)


def classes(run, a, b):
    """The DSCP is copied to the outside; what a network makes of it there stays outside."""
    start_counting(run)
    for address in (b.address(), b.address(6)):
        run.exec("a", "ping", "-n", "-c", PINGS, "-i", "0.2", "-Q", EXPEDITED << 2, address)
    outside, inside = counted(run, "wan"), counted(run, "b")
    say(f"  ping -Q, two times {PINGS}: the router saw {outside['ef']} of that class, "
        f"{inside['ef']} and {inside['ef6']} came in over IPv4 and IPv6")
    # The replies have the class of the requests.
    if outside["ef"] < 4 * PINGS or (inside["ef"], inside["ef6"]) != (PINGS, PINGS):
        raise CheckFailed(f"of {PINGS} pings each way: {outside} {inside}")
    rewrite(run, "ip dscp set cs1")
    run.exec("a", "ping", "-n", "-c", PINGS, "-i", "0.2", "-Q", EXPEDITED << 2, b.address())
    rewrite(run, None)
    inside = counted(run, "b")
    if inside["ef"] != PINGS or inside["cs1"]:
        raise CheckFailed(f"another class outside shows inside: {inside}")


def bulk(run, a, b):
    """A stream from a to b; its result, and how many packets TCP knows to have been delivered with a mark."""
    before = delivered_marked(run)
    result = iperf3(run, "a", "b", b.address(), SECONDS, extra=("-C", "cubic"))
    return result, delivered_marked(run) - before


def delivered_marked(run):
    shown = run.exec("a", "nstat", "-asz", "TcpExtTCPDeliveredCE").stdout
    return int(re.search(r"TcpExtTCPDeliveredCE\s+(\d+)", shown)[1])


def unmarked(run, a, b):
    start_counting(run)
    result, told = bulk(run, a, b)
    outside, inside = counted(run, "wan"), counted(run, "b")
    say(f"  TCP with ECN: {result['mbit']:.0f} Mbit/s, {outside['ect']} ECN-capable packets at the router, "
        f"{outside['ce']} marked")
    if not outside["ect"] or outside["ce"] or inside["ce"] or told:
        raise CheckFailed(f"nobody marks: {outside} {inside}, {told} told")


def marked(run, a, b):
    """The router marks instead of dropping, and the sender of the stream inside hears of it."""
    start_counting(run)
    rewrite(run, f"ip ecn ect0 numgen random mod {MARKED} == 0 ip ecn set ce")
    result, told = bulk(run, a, b)
    rewrite(run, None)
    outside, inside = counted(run, "wan"), counted(run, "b")
    say(f"  a router that marks: {outside['ce']} packets outside, {inside['ce']} inside, {told} told to TCP's sender; "
        f"{result['mbit']:.0f} Mbit/s, {result['retransmits']} retransmissions")
    if not outside["ce"] or not inside["ce"] or not told:
        raise CheckFailed("marks do not arrive")
    if b.metrics().get("p2pvpn_data_drop_ecn_total"):
        raise CheckFailed("packets were dropped for their marks")


def impossible(run, a, b):
    """A router that marks what nobody offered: the packet is lost, as its sender would not understand; no more."""
    rewrite(run, "ip ecn set ce")
    lost = ping(run, "a", b.address(), PINGS, wait=1)
    rewrite(run, None)
    time.sleep(1)
    dropped = b.metrics().get("p2pvpn_data_drop_ecn_total")
    say(f"  a router that marks everything: {len(lost)} of {PINGS} pings answered, {dropped:.0f} packets dropped")
    if lost or dropped != PINGS:
        raise CheckFailed("a mark on what is not ECN-capable")
    if len(ping(run, "a", b.address(), PINGS)) != PINGS:
        raise CheckFailed("no ping after that")
