"""A running member reads its configuration again: other uses of its links, at once and without losing a packet."""
import os
import signal
import time

from harness import CheckFailed, Node, ping, require, say, wait_joined, wait_online
from checks.interfaces import link_device, remote

SECONDS_MAX = 20
PINGS = 100
KEPT = "the configuration stays as it is"


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("multipath", "--links", 2)
    wait_online(run.bootstrap("b"))
    b = run.join("b", "127.0.0.1:4001", "other")
    wait_joined([b])
    config = run.path("member.toml")
    devices = {n: link_device(run, "a", f"10.78.{n}.1") for n in (1, 2)}
    write(config, "")
    a = run.add_node(Node(run, "a", "member", ["join", "--config", config]))
    wait_joined([a])
    start = used(run, a, b)
    for turn, link in enumerate((3 - start, start)):
        write(config, f'interface = ["{devices[3 - link]}=backup"]')
        seconds, lost = change(run, a, b, f"10.78.{link}.")
        say(f"  {devices[3 - link]} is a backup now: over the other link after {seconds:.1f} s, "
            f"{lost} of {PINGS} pings beside lost")
        if lost:
            raise CheckFailed(f"{lost} pings lost in turn {turn}")
    write(config, "interface = 7")
    hang_up(a)
    a.process.wait_for(f"{KEPT}: {config}:", 5)
    say("  " + next(line for line in a.process.output().splitlines() if line.startswith(KEPT)).replace(config, "FILE"))
    if len(ping(run, "a", b.address(), 3, 0.2)) < 3:
        raise CheckFailed("a wrong configuration disturbs the running member")


def write(path, line):
    with open(path, "w") as f:
        f.write(f'bootstrap = "10.78.1.2:4001"\nnamespace = "lab"\nopen = true\n{line}\n')


def hang_up(node):
    os.kill(node.process.child.pid, signal.SIGHUP)


def change(run, a, b, network):
    """(seconds until both ways lead over that network, pings lost meanwhile)."""
    beside = run.start("a", ["ping", "-n", "-i", "0.05", "-c", PINGS, "-W", "1", b.address()],
                       f"ping-{len(run.processes)}")
    time.sleep(0.5)
    hang_up(a)
    started = time.monotonic()
    while not all(remote(*pair).startswith(f"udp://{network}") for pair in ((a, b), (b, a))):
        if time.monotonic() - started > SECONDS_MAX:
            raise CheckFailed(f"not over {network}: {remote(a, b)}, {remote(b, a)}\n{a.process.tail()}")
        time.sleep(0.1)
    seconds = time.monotonic() - started
    beside.child.wait(PINGS * 0.05 + 10)
    return seconds, PINGS - beside.output().count("bytes from")


def used(run, a, b):
    ping(run, "a", b.address(), 3, 0.2)
    return 2 if remote(a, b).startswith("udp://10.78.2.") else 1
