"""A ping beside bulk flows: it loses nothing and hardly waits, however slow this host's own link is."""
import re
import time

from harness import CheckFailed, iperf3, median, ping, require, say, wait_joined, wait_online

PORT = 5299
INTERVAL = 0.01
# The kernel forgets after 3 s which ring a flow without answers belongs to.
LOAD_SECONDS = 4
PINGS = 220
BOTTLENECK = "tc qdisc add dev eth0 root tbf rate 100mbit burst 32kb latency 400ms".split()
LOADS = {
    "TCP": [["-C", "cubic"]],
    "UDP flood": [["-u", "-b", "0", "-l", "1300"]],
    "TCP and UDP flood": [["-C", "cubic"], ["-u", "-b", "0", "-l", "1300"]],
}
# Two processors shared by two nodes and the load's ends: most of it is waiting for one of them.
P99_MS_MAX = 150
# Without limits to what waits before the link it is 250 ms beside TCP, and most pings are lost beside UDP.
P99_MS_MAX_BOTTLENECK = 60
SHARE_MIN = 0.93


def check(run, _args):
    require("ip", "tc", "ping", "iperf3")
    run.build()
    hosts = run.up("pair")
    wait_online(run.bootstrap("wan"))
    a, b = run.join("a", "10.77.1.1:4001"), run.join("b", "10.77.2.1:4001")
    wait_joined([a, b])
    bare, target = hosts["b"][0].split("/")[0], b.address()
    iperf3(run, "a", "b", target, seconds=3)
    idle = ping(run, "a", target, 100, INTERVAL)
    say(f"  nothing beside: median {median(idle):.2f} ms, p99 {p99(idle):.2f} ms")
    for name in LOADS:
        beside(run, name, target, P99_MS_MAX)
    run.exec("a", *BOTTLENECK)
    say("  the host's own interface limited to 100 Mbit/s:")
    without = iperf3(run, "a", "b", bare, seconds=LOAD_SECONDS, extra=["-C", "cubic"])["mbit"]
    within = iperf3(run, "a", "b", target, seconds=LOAD_SECONDS, extra=["-C", "cubic"])["mbit"]
    say(f"  TCP alone: {within:.1f} Mbit/s, without p2pvpn {without:.1f}")
    if within < SHARE_MIN * without:
        raise CheckFailed(f"{within:.1f} of {without:.1f} Mbit/s")
    for name in LOADS:
        beside(run, name, target, P99_MS_MAX_BOTTLENECK)


def beside(run, name, target, most):
    """Ping while that load runs in processes of its own.

    Pinged before, too: until its first answer a flow is where the kernel puts it, perhaps with the load.
    """
    ping(run, "a", target, 5, 0.1)
    servers = [run.start("b", ["iperf3", "-s", "-1", "-p", PORT + i, "--forceflush"],
                         f"server-{i}-{time.monotonic_ns()}", "listening") for i in range(len(LOADS[name]))]
    clients = [run.start("a", ["iperf3", "-c", target, "-p", PORT + i, "-t", LOAD_SECONDS, "--forceflush",
                               *words], f"client-{i}-{time.monotonic_ns()}")
               for i, words in enumerate(LOADS[name])]
    for client in clients:
        client.wait_for("connected to", 10)
    time.sleep(0.5)
    times = pings(run, target)
    for process in clients + servers:
        process.end()
    say(f"  beside {name}: {len(times)} of {PINGS} replies, median {median(times):.2f} ms, p99 {p99(times):.2f} ms")
    if len(times) < PINGS:
        raise CheckFailed(f"{PINGS - len(times)} pings lost beside {name}")
    if p99(times) > most:
        raise CheckFailed(f"ping beside {name} took {p99(times):.1f} ms, {most} are allowed")


def pings(run, target):
    out = run.exec("a", "ping", "-n", "-c", PINGS, "-i", INTERVAL, "-W", 2, target, check=False).stdout
    return [float(v) for v in re.findall(r"time[=<]([\d.]+)", out)]


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] if times else float("inf")
