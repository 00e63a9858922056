"""Floods of strangers' datagrams: a running flow keeps four fifths of what the same flood at a closed port leaves it."""
import hashlib
import hmac
import random
import struct
import subprocess
import typing

import capture
import jvm
from harness import HERE, CheckFailed, iperf3, median, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
TARGET = "10.79.1.2"
PORT, CLOSED_PORT = 4711, 4712
RATE = 20_000
HALF_OPEN = 10_000          # handshakes that are begun, answered, and not gone on with
HALF_OPEN_RATE = 500
SECONDS = 60
NEWCOMER_SECONDS_MAX = 30
RUN_SECONDS = 6
RUNS = 4
KEPT_MIN = 0.8
FRAMES = 50_000             # distinct ones; a node remembers 4,096 first messages
HEAP_GROWTH_MAX = 8 << 20
LOG_LINES_MAX = 20
IPV4_HEADER, UDP_HEADER = 20, 8
INIT_BYTES = 512


def check(run, args):
    require("ip", "iperf3", "gcc", "tcpdump")
    run.build()
    run.up("hosts", "--count", 4)
    tool = run.path("flood")
    subprocess.run(["gcc", "-O2", "-o", tool, f"{HERE}/flood.c"], check=True)
    # So that no router on the way finds a source strange, or has to look for each of them.
    run.exec("wan", "ip", "route", "add", "198.18.0.0/16", "via", "10.79.3.2")
    wait_online(run.bootstrap("wan"))
    taps = capture.tap(run, ["to-h1"], "valid")
    first, second = (run.join(h, BOOTSTRAP, extra=["--listen", str(PORT)]) for h in ("h1", "h2"))
    wait_joined([first, second])
    iperf3(run, "h1", "h2", second.address(), seconds=2)
    valid = [d.payload for d in map(capture.Datagram.parse, capture.untap(taps)["to-h1"]) if d]
    dice = random.Random(args.seed)
    storms = [
        Storm("random and mutated", RATE, SECONDS, FRAMES, spoofed, lambda: mutated(dice, valid)),
        Storm("spoofed first messages", RATE, SECONDS, FRAMES, spoofed, lambda: first_message(dice)),
        Storm("half-open handshakes", HALF_OPEN_RATE, HALF_OPEN / HALF_OPEN_RATE, HALF_OPEN, own,
              lambda: first_message(dice)),
    ]
    wrong = [reason for storm in storms for reason in withstood(run, tool, storm, first, second, dice)]
    wrong += newcomer(run, tool, storms[1], dice)
    drops = {k: v for k, v in first.counters().items() if "drop" in k and v}
    say("  dropped: " + ", ".join(f"{k[7:-6]} {v:.0f}" for k, v in sorted(drops.items()) if v > 1000))
    if wrong:
        raise CheckFailed("; ".join(wrong))


class Storm(typing.NamedTuple):
    """What is sent: so many of `make`'s payloads in turn, from addresses that `source` gives."""
    kind: str
    rate: int
    seconds: float
    frames: int
    source: typing.Callable
    make: typing.Callable


def withstood(run, tool, storm, first, second, dice):
    """What is wrong after a storm at the daemon's port, in turns with one at a port where nobody listens."""
    payloads = [storm.make() for _ in range(storm.frames)]
    files = {port: store(run, storm, port, payloads, dice) for port in (PORT, CLOSED_PORT)}
    pid = first.process.child.pid
    heap, lines = jvm.live_heap(pid)[0], len(first.process.output().splitlines())
    speeds, share, sent = {port: [] for port in files}, dict.fromkeys(files, 0.0), 0
    for _ in range(RUNS):
        for port, path in files.items():
            seconds = storm.seconds / RUNS if port == PORT else RUN_SECONDS + 1
            blowing = run.start("h3", [tool, "eth0", path, storm.rate, seconds], f"flood-{len(run.processes)}")
            before = jvm.processor_seconds(pid)
            length = min(RUN_SECONDS, int(seconds))
            speeds[port].append(iperf3(run, "h2", "h1", first.address(), seconds=length)["mbit"])
            share[port] += (jvm.processor_seconds(pid) - before) / RUNS / length
            blowing.child.wait(seconds + 30)
            sent += int(blowing.output().split()[-1]) if port == PORT else 0
            run.processes.remove(blowing)
    kept = median([a / b for a, b in zip(speeds[PORT], speeds[CLOSED_PORT])])
    grown = jvm.live_heap(pid)[0] - heap
    told = len(first.process.output().splitlines()) - lines
    say(f"  {storm.kind}: {sent} datagrams; TCP {median(speeds[PORT]):.0f} Mbit/s, at a closed port "
        f"{median(speeds[CLOSED_PORT]):.0f}: {kept:.2f}; the daemon takes {share[PORT]:.2f} processors instead of "
        f"{share[CLOSED_PORT]:.2f}; heap {grown / 1e6:+.1f} MB; {told} lines of log")
    if kept < KEPT_MIN:
        yield f"{storm.kind}: the flow keeps {kept:.2f}"
    if grown > HEAP_GROWTH_MAX or told > LOG_LINES_MAX:
        yield f"{storm.kind}: heap {grown} bytes more, {told} lines of log"


def newcomer(run, tool, storm, dice):
    """Somebody who enters by the flooded node gets in nevertheless."""
    path = store(run, storm, PORT, [storm.make() for _ in range(storm.frames)], dice)
    blowing = run.start("h3", [tool, "eth0", path, storm.rate, NEWCOMER_SECONDS_MAX], f"flood-{len(run.processes)}")
    node = run.join("h4", f"{TARGET}:{PORT}", extra=["--no-lan-discovery"])
    try:
        seconds = wait_joined([node], NEWCOMER_SECONDS_MAX)
        say(f"  beside {storm.kind}: a newcomer joins by the flooded node within {seconds:.1f} s")
        return []
    except CheckFailed as late:
        return [f"beside {storm.kind} no newcomer gets in: {late}"]
    finally:
        blowing.end()


def mutated(dice, valid):
    """Random bytes, or a captured datagram cut, lengthened or changed in a few places."""
    if dice.random() < 0.3:
        return dice.randbytes(dice.randrange(0, 1400))
    body = bytearray(dice.choice(valid)[:1400])
    for _ in range(dice.randrange(0, 6)):
        if body:
            body[dice.randrange(len(body))] = dice.randrange(256)
    return bytes(body[:dice.randrange(len(body) + 1)] if dice.random() < 0.2 else body)


def first_message(dice):
    """An INIT of the pattern XX with a right mac1 (docs/protocol.md, 3.1): anybody can make it."""
    body = bytearray(INIT_BYTES)
    body[0], body[1] = 0x11, 2 << 4 | 1
    body[12:16] = dice.randbytes(4)
    body[20:52] = dice.randbytes(32)
    key = hashlib.sha256(b"p2pvpn mac1 v1" + bytes(20)).digest()
    body[480:496] = hmac.new(key, bytes(body[:480]), hashlib.sha256).digest()[:16]
    return bytes(body)


def spoofed(dice):
    """An address of nobody's, in a range for measurements (RFC 2544)."""
    return bytes([198, 18, dice.randrange(256), dice.randrange(1, 255)])


def own(_dice):
    """The sender's: what is answered comes to where it can be gone on with."""
    return bytes([10, 79, 3, 2])


def store(run, storm, port, payloads, dice):
    """A file of frames from h3 to the target."""
    mac = [bytes.fromhex(run.exec(host, "cat", f"/sys/class/net/{device}/address").stdout.strip().replace(":", ""))
           for host, device in (("wan", "to-h3"), ("h3", "eth0"))]
    path = run.path(f"{storm.kind.split()[0]}-{port}.frames")
    with open(path, "wb") as f:
        for body in payloads:
            frame = mac[0] + mac[1] + b"\x08\x00" + datagram(storm.source(dice), port, dice.randrange(1024, 65536), body)
            f.write(struct.pack(">I", len(frame)) + frame)
    return path


def datagram(source, port, source_port, body):
    length = IPV4_HEADER + UDP_HEADER + len(body)
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 0, 0, 64, 17, 0, source,
                       bytes(map(int, TARGET.split("."))))
    total = capture.internet_checksum(head)
    udp = struct.pack(">HHHH", source_port, port, UDP_HEADER + len(body), 0)    # a checksum of 0: none (RFC 768)
    return head[:10] + struct.pack(">H", total) + head[12:] + udp + body
