"""How long a join and a command take, and what an idle member costs."""
import time

from harness import CheckFailed, median, members, require, say, wait_online
import jvm

BOOTSTRAP = "10.79.1.1:4001"
JOINS = 5
JOIN_SECONDS_MAX = 2.0
COMMAND_SECONDS_MAX = 0.35
IDLE_MEMBERS = 16
# Daemons that have just joined compile themselves for some seconds.
SETTLE_SECONDS = 10
# In the first minutes a member tries its NAT box and looks around often.
REST_SECONDS = 240
# Keys are renewed each 2 minutes, and looks around are up to some minutes apart: one minute may have none or all.
IDLE_SECONDS = 300
IDLE_STEP_SECONDS = 60
IDLE_PROCESSOR_MAX = 0.005
IDLE_BYTES_MAX = 1000
HEAP_BYTES_MAX = 64 << 20


def check(run, _args):
    require("ip", "ping")
    run.build()
    hosts = list(run.up("hosts", "--count", IDLE_MEMBERS))
    wait_online(run.bootstrap("wan"))
    first = members(run, hosts[:1], BOOTSTRAP)
    wrong = [*joins(run, first[0], hosts[1:1 + JOINS])]
    wrong += commands(run, first[0])
    rest = members(run, hosts[1 + JOINS:], BOOTSTRAP, timeout=240)
    wrong += idle(run, [*run.nodes[1:]], rest)
    if wrong:
        raise CheckFailed("; ".join(wrong))


def joins(run, first, hosts):
    """From the start of the process to the first answered ping, one host after the other."""
    times = []
    for host in hosts:
        started = time.monotonic()
        node = run.join(host, BOOTSTRAP)
        while not run.exec(host, "ping", "-n", "-c", 1, "-W", "0.2", first.address(), check=False).returncode == 0:
            if time.monotonic() - started > 30:
                raise CheckFailed(f"{host} does not answer\n{node.process.tail()}")
            time.sleep(0.01)
        times.append(time.monotonic() - started)
    say(f"  start to first answered ping: {', '.join(f'{t:.2f}' for t in times)} s; median {median(times):.2f} s")
    if median(times) > JOIN_SECONDS_MAX:
        yield f"a join takes {median(times):.2f} s, not {JOIN_SECONDS_MAX}"


def commands(run, node):
    time.sleep(SETTLE_SECONDS)
    times = []
    for _ in range(JOINS):
        started = time.monotonic()
        node.cli("status")
        times.append(time.monotonic() - started)
    say(f"  p2pvpn status: {', '.join(f'{t:.2f}' for t in times)} s; median {median(times):.2f} s")
    if median(times) > COMMAND_SECONDS_MAX:
        yield f"status takes {median(times):.2f} s, not {COMMAND_SECONDS_MAX}"


def idle(run, nodes, rest):
    for node in rest:
        node.refresh()
    time.sleep(REST_SECONDS)
    looks = [{n.name: cost(run, n) for n in nodes}]
    for _ in range(IDLE_SECONDS // IDLE_STEP_SECONDS):
        time.sleep(IDLE_STEP_SECONDS)
        looks.append({n.name: cost(run, n) for n in nodes})
    minutes = [median([(b[n][1] - a[n][1]) / IDLE_STEP_SECONDS for n in a]) for a, b in zip(looks, looks[1:])]
    before, after = looks[0], looks[-1]
    shares = [(after[n][0] - before[n][0]) / IDLE_SECONDS for n in before]
    sent = [(after[n][1] - before[n][1]) / IDLE_SECONDS for n in before]
    received = [(after[n][2] - before[n][2]) / IDLE_SECONDS for n in before]
    heaps = [jvm.live_heap(n.process.child.pid)[0] for n in nodes]
    resident = [jvm.rollup(n.process.child.pid)["Rss"] for n in nodes]
    say(f"  {len(nodes)} idle members, {IDLE_SECONDS} s: processor median {100 * median(shares):.2f} %, most "
        f"{100 * max(shares):.2f} %; sent {median(sent):.0f}, most {max(sent):.0f} bytes/s (minutes "
        f"{', '.join(f'{m:.0f}' for m in minutes)}); received "
        f"{median(received):.0f} bytes/s; heap in use median {median(heaps) / 1e6:.0f} MB, most "
        f"{max(heaps) / 1e6:.0f} MB; RSS median {median(resident) / 1e6:.0f} MB")
    if median(shares) > IDLE_PROCESSOR_MAX:
        yield f"{100 * median(shares):.2f} % of a processor when idle"
    if median(sent) > IDLE_BYTES_MAX:
        yield f"{median(sent):.0f} bytes/s sent when idle"
    if max(heaps) > HEAP_BYTES_MAX:
        yield f"{max(heaps) / 1e6:.0f} MB of heap in use"


def cost(run, node):
    """(processor seconds, bytes sent, bytes received on the underlay) so far."""
    text = run.exec(node.host, "cat", "/proc/net/dev").stdout
    row = next(line for line in text.splitlines() if line.strip().startswith("eth0:")).replace(":", " ").split()
    return jvm.processor_seconds(node.process.child.pid), int(row[9]), int(row[1])
