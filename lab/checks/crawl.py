"""Every way of crawling finds all members of a ring that is right; a frozen one is named, and the rest is covered; what
is crawled again and again is in the history."""
import json
import signal
import time

from harness import CheckFailed, members, require, say, wait_online
from checks.ring16 import until_right

FROZEN_SECONDS_MAX = 5
HISTORY_SECONDS_MAX = 60
WAYS = (("--method", "mapreduce", "--by", "lists"), ("--method", "mapreduce", "--by", "local"),
        ("--method", "mapreduce", "--pruned"), ("--method", "mapreduce", "--both-ways"),
        ("--method", "sequential", "--timeout", "120"),
        ("--lagging", "wait", "--timeout", "60"))


def check(run, args):
    require("ip")
    run.build()
    hosts = list(run.up("hosts", "--count", args.count, "--delay", 2))
    bootstrap = run.bootstrap("wan")
    wait_online(bootstrap)
    nodes = members(run, hosts, "10.79.1.1:4001", timeout=600)
    until_right(nodes)
    everybody = sorted(n.space["overlayId"] for n in nodes)
    for way in WAYS:
        found = crawl(nodes[len(nodes) // 3], *way)
        say(f"  {' '.join(way)}: {found['nodes']} members, consistency {found['consistency']}, "
            f"{found['durationMillis'] / 1000:.2f} s, {found['messages']} messages, {found['bytes']} bytes")
        ids = sorted(each["id"] for each in found["ring"])
        if found["nodes"] != len(nodes) or found["consistency"] != 1 or not found["complete"]:
            raise CheckFailed(f"{way}: {found['nodes']} of {len(nodes)}, consistency {found['consistency']}, "
                              f"gaps {found['gaps']}, {found['inconsistencies']}")
        if "local" not in way and "--pruned" not in way and ids != everybody:
            raise CheckFailed(f"{way}: other members than there are")
        time.sleep(2)
    public = crawl(nodes[0], "--public")
    say(f"  --public: {public['nodes']} nodes, consistency {public['consistency']}")
    if public["nodes"] != len(nodes) + 1:
        raise CheckFailed("the public ring has another size")
    usage(nodes[0])
    frozen(nodes)
    history(run, nodes)


def crawl(node, *words):
    return node.json("crawl", *words)


def usage(node):
    """What cannot be asked for is said in a line."""
    for words, code in (("--timeout 0", 2), ("--timeout -1", 2), ("--timeout 1e9", 2), ("--timeout x", 2),
                        ("--method by-hand", 2), ("--namespace nowhere", 1), ("--namespace lab --public", 2)):
        done = node.cli("crawl", *words.split(), check=False)
        lines = done.stderr.strip().splitlines()
        if done.returncode != code or not lines:
            raise CheckFailed(f"crawl {words}: exit {done.returncode}, not {code}: {done.stderr}")
    say("  absurd times, unknown methods: exit 2; a namespace that this node is not in: exit 1")


def frozen(nodes):
    """SIGSTOP of one: named within 5 s, everybody else covered."""
    victim, asker = nodes[len(nodes) // 2], nodes[1]
    identity = victim.space["overlayId"]
    victim.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        found = crawl(asker, "--lagging", "partial", "--timeout", str(FROZEN_SECONDS_MAX))
        seconds = time.monotonic() - started
    finally:
        victim.process.send_signal(signal.SIGCONT)
    others = sorted(n.space["overlayId"] for n in nodes if n is not victim)
    ids = sorted(each["id"] for each in found["ring"])
    say(f"  {victim.name} frozen: lagging {[i[:8] for i in found['lagging']]} after {found['durationMillis'] / 1000:.2f} s "
        f"({seconds:.2f} s with the command), {len(ids)} of {len(others)} others covered")
    if found["lagging"] != [identity] or ids != others:
        raise CheckFailed(f"not just {identity} is lagging, or not all others are covered: {found['gaps']}")
    if found["durationMillis"] > FROZEN_SECONDS_MAX * 1000:
        raise CheckFailed("that took too long")


def history(run, nodes):
    """A crawl every 2 s is written down, and who froze meanwhile is named; SIGTERM ends it with 0."""
    victim, asker = nodes[len(nodes) // 2], nodes[1]
    directory = run.path("history")
    crawl = run.start(None, [run.launcher, "crawl", "--every", "2s", "--keep", "1d", "--timeout", "2",
                             "--history", directory, "--socket", asker.socket], "history")
    awaited(crawl, 3, f"{len(nodes)} members, consistency 1.0000\n")
    second = asker.cli("crawl", "--every", "2s", "--history", directory, check=False)
    if second.returncode != 1 or "another crawl writes" not in second.stderr:
        raise CheckFailed(f"two write one history: exit {second.returncode}: {second.stderr}")
    victim.process.send_signal(signal.SIGSTOP)
    try:
        awaited(crawl, 4, ", 1 late")
    finally:
        victim.process.send_signal(signal.SIGCONT)
    code = crawl.end()
    if code != 0:
        raise CheckFailed(f"crawl --every ended with {code}\n{crawl.tail()}")
    seen = lines(crawl)
    done = run.command([run.launcher, "crawl", "history", "--json", "--history", directory])
    ring, = json.loads(done.stdout)["rings"]
    total, figures = ring["total"], ring["total"]["figures"]
    say(f"  history: {total['crawls']} crawls, {total['failed']} failed, consistency {figures['consistencyMean']} "
        f"(at least {figures['consistencyMin']}), {figures['nodesMin']}-{figures['nodesMax']} members, "
        f"at most {figures['laggingMax']} late")
    if total["crawls"] + total["failed"] not in (len(seen), len(seen) + 1):
        raise CheckFailed(f"{len(seen)} crawls were told, other ones written down: {total}")
    late = [each["id"] for each in ring["mostLagging"]]
    if ring["namespace"] != "lab" or figures["nodesMax"] != len(nodes) or late != [victim.space["overlayId"]]:
        raise CheckFailed(f"not the ring that it is: {ring}")


def lines(crawl):
    return [line for line in crawl.output().splitlines() if line[:2] == "20"]


def awaited(crawl, count, text):
    deadline = time.monotonic() + HISTORY_SECONDS_MAX
    while len(lines(crawl)) < count or text not in crawl.output():
        if not crawl.running or time.monotonic() > deadline:
            raise CheckFailed(f"not {count} crawls with \"{text.strip()}\" in time\n{crawl.tail()}")
        time.sleep(0.2)
