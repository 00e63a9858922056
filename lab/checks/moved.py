"""A member that comes back at another address and port is found by the first packet."""
import signal

from harness import (CheckFailed, median, members, ping, require, say, wait_joined, wait_online,
                     wait_stable)

UPLINK_MILLIS = 2
WAIT_SECONDS = 10
JOIN_SECONDS_MAX = 90


def check(run, args):
    require("ip", "ping")
    run.build()
    hosts = list(run.up("hosts", "--count", args.count, "--delay", UPLINK_MILLIS))
    wait_online(run.bootstrap("wan"))
    nodes = members(run, hosts, "10.79.1.1:4001", timeout=240)
    wait_stable(nodes)
    for at, (how, number) in enumerate((("stopped", signal.SIGTERM),
                                        ("killed with -9", signal.SIGKILL))):
        moved = nodes.pop(at + 2)
        nodes.insert(at + 2, move(run, nodes, moved, how, number, at))


def move(run, nodes, moved, how, number, turn):
    """End one member, give its host another address, start it on another port, ping it."""
    address, host = moved.address(), moved.host
    strangers = [n for n in nodes if not moved.ids & n.neighbours()]
    if len(strangers) < 4:
        raise CheckFailed(f"only {len(strangers)} members are no neighbours of {moved.name}")
    acquainted = strangers[: len(strangers) // 2]
    for node in acquainted:
        if not ping(run, node.host, address, 1, wait=WAIT_SECONDS):
            raise CheckFailed(f"{node.name} cannot ping {moved.name} before it moves")
    moved.process.end(number)
    net = f"10.79.{100 + int(host[1:])}" if turn == 0 else f"10.79.{200 + int(host[1:])}"
    readdress(run, host, net)
    new = run.join(host, "10.79.1.1:4001", moved.name, extra=["--listen", str(4700 + turn)])
    seconds = wait_joined([new], JOIN_SECONDS_MAX)
    say(f"  {moved.name} {how}, now at {net}.2:{4700 + turn}: joined again after {seconds:.1f} s")
    if new.address() != address:
        raise CheckFailed(f"{moved.name} came back with {new.address()}, not {address}")
    for node in nodes:
        node.refresh()
    report(run, new, [n for n in strangers if n in acquainted], how, "with a session before")
    report(run, new, [n for n in strangers if n not in acquainted], how, "that never spoke to it")
    wait_stable([*nodes, new])
    return new


def readdress(run, host, net):
    """The host moves to another network behind the same uplink."""
    run.exec("wan", "ip", "addr", "flush", "dev", f"to-{host}")
    run.exec(host, "ip", "addr", "flush", "dev", "eth0")
    run.exec("wan", "ip", "addr", "add", f"{net}.1/24", "dev", f"to-{host}")
    run.exec(host, "ip", "addr", "add", f"{net}.2/24", "dev", "eth0")
    run.exec(host, "ip", "route", "replace", "default", "via", f"{net}.1")


def report(run, moved, senders, how, which):
    times, lost = [], []
    for node in senders:
        if moved.ids & node.neighbours():
            continue
        got = ping(run, node.host, moved.address(), 1, wait=WAIT_SECONDS)
        times += got
        if not got:
            lost.append(node.name)
    say(f"  first ping of {moved.name} ({how}) by members {which}: {len(times)} of "
        f"{len(times) + len(lost)} answered, median {median(times):.0f} ms, max "
        f"{max(times, default=0):.0f} ms")
    if lost:
        raise CheckFailed(f"{moved.name} {how}: first ping lost from {', '.join(lost)} ({which})")
    if not times:
        raise CheckFailed(f"no member {which} was left to ping {moved.name}")
