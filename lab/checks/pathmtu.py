"""Links of 1280, 1400 and 9000 bytes, and one that shrinks: found, used, survived."""
import json
import re
import time

from harness import CheckFailed, Run, iperf3, members, ping, require, say, wait_all, wait_online

HEADERS = 20 + 8 + 36 + 2               # IPv4, UDP, our frame, kind and channel
FOUND_SECONDS_MAX = 10
JUMBO_FACTOR_MIN = 1.3
SHRUNK = 1400
GAP_SECONDS_MAX = 8
STREAM_SECONDS = 24
SHRINK_AFTER = 6


def check(run, _args):
    require("ip", "ping", "iperf3", "nft")
    run.build()
    for mtu in (1280, 1400):
        with Run(run.launcher, run.logs) as own:
            small(own, mtu)
    rates = {}
    for mtu in (1500, 9000):
        with Run(run.launcher, run.logs) as own:
            rates[mtu] = large(own, mtu)
    say(f"  TCP without offloads: {rates[1500]:.0f} Mbit/s over 1500 bytes, {rates[9000]:.0f} over 9000 "
        f"({rates[9000] / rates[1500]:.2f} x)")
    if rates[9000] < JUMBO_FACTOR_MIN * rates[1500]:
        raise CheckFailed("9000 bytes are hardly faster than 1500")
    with Run(run.launcher, run.logs) as own:
        shrink(own)


def pair(run, *options):
    """Two members, the bootstrap beside the second."""
    run.up("pair", *options)
    wait_online(run.bootstrap("b"))
    nodes = members(run, ["a", "b"], "10.77.2.2:4001")
    for one, other in (nodes, nodes[::-1]):
        if not ping(run, one.host, other.address(), 3):
            raise CheckFailed("no ping")
    return nodes


def wait_mtu(nodes, expected):
    """Until both ends show this MTU for their path."""
    a, b = nodes
    other = {a: b, b: a}
    seen = {}

    def reached(node):
        path = node.path_to(other[node])
        seen[node.name] = path and path["mtu"]
        return path and path["kind"] == "udp" and path["mtu"] == expected

    try:
        return wait_all(nodes, FOUND_SECONDS_MAX, "find the MTU", reached)
    except CheckFailed as e:
        raise CheckFailed(f"path MTU {seen}, not {expected}") from e


def fragments(run):
    """Packets that anybody has cut so far."""
    total = 0
    for host in ("a", "wan", "b"):
        lines = [line.split() for line in run.exec(host, "cat", "/proc/net/snmp").stdout.splitlines()
                 if line.startswith("Ip:")]
        total += int(lines[1][lines[0].index("FragCreates")])
    return total


def small(run, mtu):
    a, b = nodes = pair(run, "--middle-mtu", mtu)
    inner = mtu - HEADERS
    seconds = wait_mtu(nodes, inner)
    before = fragments(run)
    fits = ping_df(run, a, b, inner)
    told = ping_df(run, a, b, inner + 1)
    if "1 received" not in fits or f"mtu = {inner}" not in told and f"mtu={inner}" not in told:
        raise CheckFailed(f"ping -M do: {fits[-200:]} / {told[-200:]}")
    rates = [iperf3(run, "a", "b", b.address(), 4, reverse=back)["mbit"] for back in (False, True)]
    cut = fragments(run) - before
    if min(rates) < 10 or cut:
        raise CheckFailed(f"{rates} Mbit/s, {cut} packets cut")
    uncuttable = run.exec("a", "ping", "-n", "-c", 3, "-M", "dont", "-s", 1372, b.address(), check=False).stdout
    six = run.exec("a", "ping", "-6", "-n", "-c", 3, "-s", 1232, b.address(6), check=False).stdout
    if "3 received" not in uncuttable or "3 received" not in six:
        raise CheckFailed(f"larger packets that may be cut are lost: {uncuttable[-200:]} {six[-200:]}")
    say(f"  {mtu} bytes in the middle: path MTU {inner} after {seconds:.1f} s; TCP {rates[0]:.0f} and "
        f"{rates[1]:.0f} Mbit/s, no packet cut")


def ping_df(run, source, target, packet_bytes):
    r = run.exec(source.host, "ping", "-n", "-c", 1, "-W", 2, "-M", "do", "-s", packet_bytes - 28, target.address(),
                 check=False)
    return r.stdout + r.stderr


def large(run, mtu):
    a, b = nodes = pair(run, "--mtu", mtu, "--offload", "off")
    wait_mtu(nodes, mtu - HEADERS)
    a.refresh()
    device = mtu - HEADERS - 20         # with room for IPv6
    if a.space["mtu"] != device or "3 received" not in run.exec(
            "a", "ping", "-n", "-c", 3, "-M", "do", "-s", device - 28, b.address(), check=False).stdout:
        raise CheckFailed(f"device MTU {a.space['mtu']}, wanted {device}")
    # The first runs are slower: the compiler is at work.
    return max(iperf3(run, "a", "b", b.address(), 4, extra=("-C", "cubic"))["mbit"] for _ in range(4))


def shrink(run):
    """The link drops what is too long, whether it may be cut or not, and says nothing."""
    a, b = nodes = pair(run, "--offload", "off")
    wait_mtu(nodes, 1500 - HEADERS)
    run.start("b", ["iperf3", "-s", "-1", "-p", 5299, "--forceflush"], "server", "listening")
    stream = run.start("a", ["iperf3", "-J", "-c", b.address(), "-p", 5299, "-t", STREAM_SECONDS, "-i", 0.5], "stream")
    time.sleep(SHRINK_AFTER)
    run.exec("wan", "nft", f"table ip shrink {{ chain f {{ type filter hook forward priority 0; "
                           f"ip length > {SHRUNK} drop; }}; }}")
    stream.wait_for('"sum_received"', STREAM_SECONDS + 20)
    time.sleep(1)
    intervals = [i["sum"]["bits_per_second"] for i in json.loads(stream.output())["intervals"]]
    gap = longest(intervals, 0.1 * sorted(intervals)[len(intervals) // 2]) * 0.5
    wait_mtu(nodes, SHRUNK - HEADERS)
    holes = a.metrics().get("p2pvpn_session_mtu_black_holes_total")
    say(f"  a link shrinks to {SHRUNK} bytes under a stream: {gap:.1f} s without progress, then "
        f"{intervals[-2] / 1e6:.0f} Mbit/s; black holes {holes:.0f}")
    if gap > GAP_SECONDS_MAX or intervals[-2] < 10e6:
        raise CheckFailed("the stream did not go on")


def longest(intervals, least):
    """The longest run of intervals below a rate."""
    text = "".join("x" if rate < least else "-" for rate in intervals)
    return max((len(m) for m in re.findall("x+", text)), default=0)
