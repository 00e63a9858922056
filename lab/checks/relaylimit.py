"""What a relay's owner allows holds; the relay reads nothing, and does not spend its processor on sealing."""
import json
import os
import time

from harness import (CheckFailed, Node, iperf3, members, ping, require, say, wait_joined,
                     wait_online)

ENDS = ["h1", "h2", "h3", "h4", "h5", "h6"]
PAIRS = [(0, 1), (2, 3), (4, 5)]
RELAY = "h7"
LIMIT_MBIT = 40             # in all; half of it for the pair of one asker
OFFERED_MBIT = 35           # by each pair
WITHIN = (0.9, 1.05)
SECONDS = 8
PAYLOAD_BYTES = 1200
FRAME_BYTES = PAYLOAD_BYTES + 28 + 2 + 36   # IP and UDP headers inside, prefix, header and tag: what is limited
RELAYED_SECONDS_MAX = 40
MARKER = b"quince-orchard-7"    # ping repeats these 16 bytes in its payload
TABLE = "p2pvpn_check"
CPU_SECONDS = 6
SHARE_MAX = 0.75            # of the processor time of an end, on average, that the relay may take


def check(run, _args):
    require("ip", "ping", "iperf3", "nft", "tcpdump")
    run.build()
    run.up("hosts", "--count", len(ENDS) + 1)
    block(run)
    wait_online(run.add_node(Node(run, "wan", "bootstrap",
                                  ["bootstrap", "--listen", "4001", "--no-relay"])))
    relay = join_relay(run, LIMIT_MBIT)
    nodes = members(run, ENDS, "10.79.1.1:4001", timeout=120)
    pairs = [(nodes[i], nodes[k]) for i, k in PAIRS]
    for one, other in pairs:
        wait_relayed(run, one, other, relay)
    nothing_readable(run, *pairs[0])
    limits(run, pairs, relay)
    cpu(run, *pairs[0], relay)


def join_relay(run, megabits):
    relay = run.join(RELAY, "10.79.1.1:4001", extra=("--relay-limit", str(megabits)))
    wait_joined([relay])
    return relay


def block(run):
    """No packet from one end to another; to and from the relay all pass."""
    ends = "{ " + ", ".join(f"10.79.{i}.0/24" for i in range(1, len(ENDS) + 1)) + " }"
    # The first host's subnet has the router in it, whose own packets are not forwarded ones.
    run.exec("wan", "nft", f"add table ip {TABLE}; add chain ip {TABLE} way "
             f"{{ type filter hook forward priority 0; }}; "
             f"add rule ip {TABLE} way ip saddr {ends} ip daddr {ends} drop")


def active(one, other):
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p for p in peer["paths"] if p["active"]), {"kind": None})
    return {"kind": None}


def wait_relayed(run, one, other, relay):
    started = time.monotonic()
    while True:
        ping(run, one.host, other.address(), 1, 0.2, 2)
        paths = [active(one, other), active(other, one)]
        if all(p["kind"] == "relay" and p["via"] in relay.ids for p in paths):
            return
        if time.monotonic() - started > RELAYED_SECONDS_MAX:
            raise CheckFailed(f"{one.name} and {other.name} are not relayed: {paths}")
        time.sleep(0.3)


def nothing_readable(run, one, other):
    """What the relay's host sees of a known text, and what the sender's own tunnel device shows."""
    captures = {}
    for host, device in ((RELAY, "any"), (one.host, one.device)):
        path = run.path(f"{host}.pcap")
        words = ["tcpdump", "-i", device, "-Z", "root", "-U", "-s", "0", "-w", path]
        captures[host] = (run.start(host, words, f"tcpdump-{host}", "listening on"), path)
    run.exec(one.host, "ping", "-n", "-c", 20, "-i", 0.05, "-s", 1000, "-p", MARKER.hex(), other.address())
    time.sleep(1)
    seen = {}
    for host, (process, path) in captures.items():
        process.end()
        with open(path, "rb") as f:
            data = f.read()
        seen[host] = (data.count(MARKER), len(data))
    say(f"  a known text in 20 pings: {seen[one.host][0]} times in {seen[one.host][1]} bytes captured in the "
        f"tunnel, {seen[RELAY][0]} times in {seen[RELAY][1]} bytes at the relay")
    if seen[RELAY][1] < 20 * 1000 or not seen[one.host][0]:
        raise CheckFailed("the captures do not hold what was sent")
    if seen[RELAY][0]:
        raise CheckFailed("the relay's host can read it")


def limits(run, pairs, relay):
    alone = flood(run, pairs[:1])[0]
    say(f"  one pair offers {OFFERED_MBIT} Mbit/s of UDP: {alone:.1f} pass, {LIMIT_MBIT / 2:.0f} for one asker allowed")
    together = flood(run, pairs)
    total = sum(together)
    say(f"  three pairs offer as much each: {' + '.join(f'{v:.1f}' for v in together)} = {total:.1f} Mbit/s pass, "
        f"{LIMIT_MBIT} in all allowed")
    dropped = relay.metrics().get("p2pvpn_relay_drop_limit_total", 0)
    say(f"  the relay counts {dropped:.0f} frames dropped for its limits")
    for value, limit in ((alone, LIMIT_MBIT / 2), (total, LIMIT_MBIT)):
        if not WITHIN[0] * limit <= value <= WITHIN[1] * limit:
            raise CheckFailed(f"{value:.1f} Mbit/s pass where {limit:.0f} are allowed")
    if not dropped:
        raise CheckFailed("no dropped frame was counted")


def flood(run, pairs):
    """UDP by all pairs at once; Mbit/s of frames that arrived for each."""
    servers, clients = [], []
    for port, (one, other) in enumerate(pairs, 5301):
        servers.append(run.start(other.host, ["iperf3", "-s", "-1", "-p", port, "--forceflush"],
                                 f"iperf3-{other.host}-{time.monotonic_ns()}", "listening"))
    for port, (one, other) in enumerate(pairs, 5301):
        clients.append(run.start(one.host, ["iperf3", "-J", "-u", "-c", other.address(), "-p", port, "-t", SECONDS,
                                            "-O", 1, "-b", f"{OFFERED_MBIT}M", "-l", PAYLOAD_BYTES],
                                 f"iperf3-{one.host}-{time.monotonic_ns()}"))
    rates = []
    for client in clients:
        client.child.wait(timeout=SECONDS + 40)
        try:
            end = json.loads(client.output())["end"]
            rates.append(end["sum_received"]["bits_per_second"] / 1e6 * FRAME_BYTES / PAYLOAD_BYTES)
        except (ValueError, KeyError) as e:
            raise CheckFailed(f"iperf3: {client.tail()}") from e
    for server in servers:
        server.end()
    return rates


def cpu(run, one, other, limited):
    """Processor time for each Gbit through a relay that is not limited."""
    limited.process.end()
    run.nodes.remove(limited)
    relay = join_relay(run, 20000)
    wait_relayed(run, one, other, relay)
    iperf3(run, one.host, other.host, other.address(), CPU_SECONDS, 0)     # its compilers' work is not counted
    nodes = [one, relay, other]
    before = [(spent(n), sealed(n)) for n in nodes]
    forwarded = relay.metrics().get("p2pvpn_relay_forwarded_frames_total", 0)
    mbit = iperf3(run, one.host, other.host, other.address(), CPU_SECONDS, 0)["mbit"]
    frames = relay.metrics().get("p2pvpn_relay_forwarded_frames_total", 0) - forwarded
    gbit = mbit * CPU_SECONDS / 1000
    each = [(spent(n) - b[0]) / gbit for n, b in zip(nodes, before)]
    own = sealed(relay) - before[1][1]
    say(f"  {mbit:.0f} Mbit/s of TCP through it; processor seconds for each Gbit: sender {each[0]:.2f}, "
        f"relay {each[1]:.2f}, receiver {each[2]:.2f}")
    say(f"  the relay forwarded {frames:.0f} frames meanwhile, and sent {own:.0f} bytes of frames of its own")
    if each[1] > SHARE_MAX * (each[0] + each[2]) / 2:
        raise CheckFailed("the relay's processor time is not well below an end's")
    if frames < 1000 or own > 100 * frames:
        raise CheckFailed("the relay seals what it forwards")


def spent(node):
    """Processor seconds of the processes of a node's session, user and system."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == node.process.child.pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def sealed(node):
    """Bytes of frames that a node sealed and sent in its own sessions."""
    return sum(peer["sentBytes"] for peer in node.peers())
