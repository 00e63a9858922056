"""Symmetric NATs against those that let no stranger in: how often, how soon, and at what cost a port is found."""
import subprocess
import threading
import time

from harness import CheckFailed, PREFIX, Run, median, members, ping, require, say, wait_online

BOOTSTRAP = "203.0.113.2:4001"
HARD = 4
EASY = ("port-restricted", "cgn", "port-restricted", "cgn", "port-restricted")
TRIES = 60
FOUND_MIN = 57
FOUND_SECONDS_MAX = 20
LOOK_SECONDS = 0.1
# The budget of hole punching, and what a node sends besides.
PACKETS_PER_SECOND_MAX = 300
OTHER_PER_SECOND = 40


def check(run, args):
    require("ip", "ping", "nft")
    run.build()
    times, entries, rates = [], 0, 0.0
    tries = 0
    while tries < (args.tries or TRIES):
        with Run(run.launcher, run.logs) as own:
            found, count, most, rate = once(own)
        tries += count
        times += found
        entries, rates = max(entries, most), max(rates, rate)
    say(f"  {len(times)} of {tries} pairs direct within {FOUND_SECONDS_MAX} s of the first ping: median "
        f"{median(times):.1f} s, at most {max(times, default=0):.1f} s")
    say(f"  at one gateway: at most {entries} connection-tracking entries, {rates:.0f} new ones in a second")
    if len(times) < tries * FOUND_MIN / TRIES:
        raise CheckFailed(f"{len(times)} of {tries} found")
    if rates > PACKETS_PER_SECOND_MAX + OTHER_PER_SECOND:
        raise CheckFailed(f"{rates:.0f} new entries in a second at one gateway")


def once(run):
    """(seconds of each pair found, pairs, most entries at a gateway, most new ones in a second)"""
    hard = [f"x{i}" for i in range(HARD)]
    easy = [f"y{i}" for i in range(len(EASY))]
    run.up("nat", *(f"{h}=symmetric" for h in hard), *(f"{e}={k}" for e, k in zip(easy, EASY)))
    wait_online(run.bootstrap("s"))
    watch = Conntrack([f"g{host}" for host in hard + easy])
    try:
        nodes = members(run, hard + easy, BOOTSTRAP)
        pairs = [(x, y) for x in nodes[:HARD] for y in nodes[HARD:]]
        started, found = {}, {}
        deadline = time.monotonic() + FOUND_SECONDS_MAX * 3
        while len(found) < len(pairs) and time.monotonic() < deadline:
            for pair in pairs:
                if pair not in started:
                    started[pair] = time.monotonic()
                    ping(run, pair[0].host, pair[1].address(), 1, wait=2)
                look(pair, started[pair], found)
            time.sleep(LOOK_SECONDS)
    finally:
        watch.end()
    within = [seconds for seconds in found.values() if seconds <= FOUND_SECONDS_MAX]
    say(f"  {len(within)} of {len(pairs)} pairs, median {median(within):.1f} s")
    return within, len(pairs), watch.most, watch.rate


def look(pair, started, found):
    if pair not in found:
        path = pair[0].path_to(pair[1])
        if path and path["kind"] == "udp":
            found[pair] = time.monotonic() - started


class Conntrack(threading.Thread):
    """Looks at the gateways' connection-tracking tables, twice a second."""

    SECONDS = 0.5

    def __init__(self, gateways):
        super().__init__(daemon=True)
        self.gateways = gateways
        self.most, self.rate = 0, 0.0
        self.ending = threading.Event()
        self.start()

    def run(self):
        last = {}
        while not self.ending.wait(self.SECONDS):
            for gateway in self.gateways:
                now, count = time.monotonic(), entries(gateway)
                self.most = max(self.most, count)
                if gateway in last:
                    then, before = last[gateway]
                    self.rate = max(self.rate, (count - before) / (now - then))
                last[gateway] = now, count

    def end(self):
        self.ending.set()
        self.join()


def entries(host):
    """How many connections the kernel remembers in a host."""

    out = subprocess.run(["ip", "netns", "exec", PREFIX + host, "cat",
                          "/proc/sys/net/netfilter/nf_conntrack_count"],
                         capture_output=True, text=True)
    return int(out.stdout) if out.returncode == 0 and out.stdout.strip() else 0
