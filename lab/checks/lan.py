"""Hosts on one link find each other with no bootstrap named, and with one that cannot be reached."""
import time

from harness import CheckFailed, Node, Run, ping_all, require, say, wait_joined

JOIN_SECONDS_MAX = 30
UNITED_SECONDS_MAX = 60
AWAY = "203.0.113.3:4001"
HOME = ("nat", "a=port-restricted", "b=@a", "c=@a")


def check(run, _args):
    require("ip", "ping", "nft")
    run.build()
    with Run(run.launcher, run.logs) as own:
        own.up(*HOME)
        say("  no bootstrap named:")
        together(own, [])
    with Run(run.launcher, run.logs) as own:
        own.up(*HOME)
        say(f"  a bootstrap named that does not answer ({AWAY}):")
        together(own, ["--bootstrap", AWAY])
    with Run(run.launcher, run.logs) as own:
        own.up(*HOME)
        say("  two rings on one link:")
        unite(own)
    with Run(run.launcher, run.logs) as own:
        own.up(*HOME)
        alone(own)


def join(run, host, extra):
    words = ["join", "--namespace", "lab", "--open", "--name", host, *extra]
    return run.add_node(Node(run, host, host, words))


def together(run, extra):
    nodes = [join(run, host, extra) for host in "abc"]
    seconds = wait_joined(nodes, JOIN_SECONDS_MAX)
    say(f"  three members after {seconds:.1f} s")
    ping_all(run, nodes)
    for node in nodes:
        remotes = {p["remote"] for row in node.peers() for p in row["paths"] if p["active"]}
        if not all(r.startswith("udp://192.168.") for r in remotes):
            raise CheckFailed(f"{node.name} goes out of its home: {remotes}")


def unite(run):
    """Two rendezvous nodes that know of nobody each found a ring, and hear of each other."""
    nodes = [run.add_node(Node(run, host, host, ["bootstrap", "--listen", "4001"])) for host in "abc"]
    deadline = time.monotonic() + UNITED_SECONDS_MAX
    started = time.monotonic()
    while not all(len(((n.status() or {}).get("ring") or {}).get("successors", [])) == 2 for n in nodes):
        if time.monotonic() > deadline:
            raise CheckFailed(f"not one ring after {UNITED_SECONDS_MAX} s: {[n.status() for n in nodes]}")
        time.sleep(0.2)
    say(f"  one ring after {time.monotonic() - started:.1f} s")


def alone(run):
    """Nobody on the link, or nobody who may be found there: exit 5 and one line, or wrong usage."""
    for words, code in (([], 5), (["--no-lan-discovery"], 2)):
        started = time.monotonic()
        done = run.exec("a", run.launcher, "join", "--namespace", "lab", "--open", *words,
                        "--state", run.path(f"alone{code}.state"), "--socket", run.path("alone.sock"),
                        timeout=60, check=False)
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""
        say(f"  alone {' '.join(words)}: exit {done.returncode} after {time.monotonic() - started:.0f} s: {last}")
        if done.returncode != code:
            raise CheckFailed(f"exit {done.returncode}, wanted {code}")
