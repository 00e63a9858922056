"""Nothing readable on the wire; and what is sent again, or altered, changes nothing."""
import os
import random
import re
import struct
import sys
import time

import capture
from harness import CheckFailed, HERE, members, ping, ping_all, require, say, wait_online

NAMES = {"h1": "marmalade-lighthouse", "h2": "pomegranate-observatory", "h3": "tamarind-workshop"}
NAMESPACE = "wiretapped-namespace"
UPLINK_MILLIS = 0.5         # makes every uplink a delay line, where no super-packet passes
HTTP_PORT = 8000
TEXT_BYTES = 100_000
TRANSFERS = 8
FRAMES = 500                # sent again as they are, and as many with a bit flipped
PER_SECOND = 200
QUIET_SECONDS = FRAMES / PER_SECOND + 3
DROPPED_MIN = 0.95          # of the frames sent must show in drop counters
BACKGROUND_FACTOR, BACKGROUND_SLACK = 3, 20     # what the node's own upkeep may vary by
# Counters that may move: drops, and what the socket itself took in before anyone judged it.
DROPS = re.compile(r"drop|reject|discard")
SOCKET = re.compile(r"^[^{]*(socket|transport|datagrams?)_[^{]*(received|read|recv)")
NOT_COUNTERS = re.compile(r"^(jvm|process|system|executor|netty|http|disk|logback)_|"
                          r"^[^{]*(uptime_seconds|age_seconds|_seconds_sum|_max|_created)\b")


def check(run, args):
    require("ip", "ping", "tcpdump", "curl")
    seed = args.seed if args.seed is not None else time.time_ns() % 10**9
    run.build()
    addresses = run.up("hosts", "--count", len(NAMES), "--delay", UPLINK_MILLIS)
    uplinks = [f"to-{h}" for h in NAMES]
    text = known_text()
    with open(run.path("known.txt"), "wb") as f:
        f.write(text)
    taps = capture.tap(run, uplinks, "tap")
    wait_online(run.bootstrap("wan"))
    nodes = members(run, list(NAMES), "10.79.1.1:4001", NAMES.get, NAMESPACE)
    ping_all(run, nodes)
    transfer(run, nodes[0].host, nodes[0].address(), nodes[1].host)
    frames = capture.untap(taps)
    nothing_readable(frames, text, nodes)
    scanner_sees(run, addresses, text)
    say(f"  replay (--seed {seed})")
    sent_again(run, nodes[0], nodes[1], addresses, frames["to-h1"], random.Random(seed))


def known_text():
    """Lines that differ, so that every 8 bytes of them can be told from anything else."""
    words = "whosoever reads these lines upon the wire has broken the seal of number".split()
    r = random.Random(5)
    lines = []
    while sum(map(len, lines)) < TEXT_BYTES:
        lines.append(" ".join(r.choice(words) for _ in range(12)) + f" {len(lines):06d}\n")
    return "".join(lines).encode()


def transfer(run, host, address, client, times=TRANSFERS):
    """Fetch the known text over HTTP."""
    server = run.start(host, [sys.executable, "-u", "-m", "http.server", HTTP_PORT, "--bind",
                              address, "--directory", run.directory], f"http-{address}", "Serving")
    url = f"http://{address}:{HTTP_PORT}/known.txt"
    for _ in range(times):
        run.exec(client, "curl", "-sS", "--fail", "--noproxy", "*", "-o", run.path("got.txt"), url)
    server.end()
    if os.path.getsize(run.path("got.txt")) != os.path.getsize(run.path("known.txt")):
        raise CheckFailed("the transfer came out short")


def nothing_readable(frames, text, nodes):
    every = [f for one in frames.values() for f in one]
    size = sum(map(len, every))
    secrets = {"the text": text, "the namespace's name": NAMESPACE.encode()}
    secrets.update({f"the name {n.name}": n.name.encode() for n in nodes})
    addresses = [a for n in nodes for a in (n.address(4), n.address(6)) if a]
    found = capture.sightings(every, secrets, addresses)
    say(f"  captured {len(every)} frames, {size} bytes on {len(frames)} uplinks from before the "
        f"first handshake; looked for {TEXT_BYTES} bytes of text, {len(secrets) - 1} names, "
        f"{len(addresses)} addresses (4 bytes meet by chance "
        f"{size * len(nodes) / 2**32:.3f} times)")
    if size < TEXT_BYTES * TRANSFERS:
        raise CheckFailed("the capture is smaller than what was transferred")
    if found:
        raise CheckFailed("on the wire: " + ", ".join(f"{k} {n} times" for k, n in found.items()))
    say("  none of them shows")


def scanner_sees(run, addresses, text):
    """The same eyes on a transfer in the clear must see it."""
    taps = capture.tap(run, ["to-h1"], "control")
    transfer(run, "h1", addresses["h1"][0], "h2", times=1)
    frames = capture.untap(taps)["to-h1"]
    found = capture.sightings(frames, {"the text": text}, [])
    if found.get("the text", 0) < len(text) // 2:
        raise CheckFailed(f"the search is blind: a transfer in the clear gave {found}")
    say(f"  the same search finds a transfer in the clear ({found['the text']} places)")


# ------------------------------------------------------------- replay and alter

def sent_again(run, source, target, addresses, frames, chance):
    ends = (addresses[source.host][0], addresses[target.host][0])
    datagrams = [d for d in map(capture.Datagram.parse, frames)
                 if d and (d.source, d.target) == ends]
    say(f"  {len(datagrams)} datagrams captured from {source.name} to {target.name}")
    if len(datagrams) < FRAMES:
        raise CheckFailed(f"fewer than {FRAMES}: is the path between them not UDP?")
    first, rest = datagrams[:10], datagrams[10:]        # the handshake is among the first
    chosen = first + chance.sample(rest, FRAMES - len(first))
    same = [d.with_payload(d.payload) for d in chosen]
    altered = [d.with_payload(flip(d.payload, chance)) for d in chosen]
    quiet = Watch(target)
    time.sleep(QUIET_SECONDS)
    background = quiet.moved()
    for what, packets in (("sent again", same), ("with one bit flipped", altered)):
        watch = Watch(target)
        send(run, source.host, packets)
        time.sleep(QUIET_SECONDS - FRAMES / PER_SECOND)
        judge(what, watch.moved(), background)
    unharmed(run, source, target, same + altered)


def flip(body, chance):
    bit = chance.randrange(len(body) * 8)
    out = bytearray(body)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def send(run, host, packets):
    path = run.path("frames.bin")
    with open(path, "wb") as f:
        for p in packets:
            f.write(struct.pack(">I", len(p)) + p)
    run.exec(host, sys.executable, f"{HERE}/rawsend.py", "eth0", path, PER_SECOND)


class Watch:
    """The state of a node that a stranger's frame must not move."""

    def __init__(self, node):
        self.node = node
        self.before = self.look()

    def look(self):
        values = {k: v for k, v in self.node.metrics().items() if not NOT_COUNTERS.search(k)}
        for direction, device, name in (("rx", self.node.device, "packets to the host's device"),
                                        ("tx", "eth0", "packets sent")):
            path = f"/sys/class/net/{device}/statistics/{direction}_packets"
            values[name] = int(self.node.run.exec(self.node.host, "cat", path).stdout)
        return values, self.paths()

    def paths(self):
        """Active path of each session."""
        return {(p["overlayId"], p.get("namespace")):
                [q["remote"] for q in p.get("paths", []) if q.get("active")]
                for p in self.node.peers()}

    def moved(self):
        """Name -> how far it moved; and whether any session changed its path."""
        values, paths = self.look()
        before, before_paths = self.before
        by = {k: v - before.get(k, 0) for k, v in values.items() if v != before.get(k, 0)}
        if paths != before_paths:
            by["active paths"] = 1
        return by


def judge(what, moved, background):
    drops = sum(v for k, v in moved.items() if DROPS.search(k))
    say(f"  {FRAMES} {what}: {drops:.0f} counted as dropped, by "
        + (", ".join(f"{k} +{v:.0f}" for k, v in sorted(moved.items()) if DROPS.search(k))
           or "no counter"))
    allowed = {k: v for k, v in moved.items() if SOCKET.search(k) and not DROPS.search(k)}
    if allowed:
        say("    let pass as counted before anyone judged it: "
            + ", ".join(f"{k} +{v:.0f}" for k, v in sorted(allowed.items())))
    others = {k: v for k, v in moved.items() if k not in allowed and not DROPS.search(k)}
    wrong = {k: v for k, v in others.items() if not in_background(k, v, background)}
    if wrong:
        raise CheckFailed(f"{what}: moved more than drop counters: "
                          + ", ".join(f"{k} by {v:.0f} (without: {background.get(k, 0):.0f})"
                                      for k, v in sorted(wrong.items())))
    if drops < DROPPED_MIN * FRAMES:
        raise CheckFailed(f"{what}: only {drops:.0f} of {FRAMES} in drop counters")


def in_background(name, value, background):
    """The node's own upkeep moves counters too: as it did while nothing was sent."""
    if name in ("active paths", "packets to the host's device"):
        return name in background and value <= background[name]
    return abs(value) <= BACKGROUND_FACTOR * abs(background.get(name, 0)) + (
        BACKGROUND_SLACK if name in background else 0)


def unharmed(run, source, target, packets):
    """Traffic passes while the frames come in."""
    count = int(len(packets) / PER_SECOND / 0.1)
    pinger = run.start(target.host, ["ping", "-n", "-q", "-c", count, "-i", "0.1", "-W", "2",
                                     source.address()], "ping-under-replay")
    send(run, source.host, packets)
    pinger.child.wait(timeout=30)
    m = re.search(r"(\d+) received", pinger.output())
    got = int(m[1]) if m else 0
    after = len(ping(run, source.host, target.address(), 5))
    say(f"  traffic under replay: {got} of {count} pings answered, afterwards {after} of 5")
    if got < count or after < 5:
        raise CheckFailed("replayed frames disturbed the traffic")
