"""A host with two links, of which one is not to be used like the other."""
import re
import time

from harness import CheckFailed, Node, Run, ping, require, say, wait_joined, wait_online

SETTLE_SECONDS_MAX = 20
WATCH_SECONDS = 5
TABLE = "p2pvpn_check"


def check(run, _args):
    require("ip", "ping", "nft")
    run.build()
    for use in ("backup", "off"):
        with Run(run.launcher, run.logs) as own:
            own.up("multipath", "--links", 2)
            one_link(own, use)


def one_link(run, use):
    """Both ends meet over the first link; what is not on there goes over the second."""
    wait_online(run.bootstrap("b"))
    entry = "10.78.2.2:4001" if use == "off" else "10.78.1.2:4001"
    b = run.join("b", "127.0.0.1:4001", "other")
    wait_joined([b])
    rule = f"{link_device(run, 'a', '10.78.1.1')}={use}"
    a = run.join("a", entry, "member", extra=("--interface", rule))
    wait_joined([a])
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while not remote(a, b).startswith("udp://10.78.2.") or not remote(b, a).startswith("udp://10.78.2."):
        if time.monotonic() > deadline:
            raise CheckFailed(f"{rule}: still {remote(a, b)} and {remote(b, a)}")
        ping(run, "a", b.address(), 1)
    count(run, "a", rule.split("=")[0])
    got = len(ping(run, "a", b.address(), 20, 0.1))
    time.sleep(WATCH_SECONDS)
    packets = counted(run, "a")
    say(f"  {rule}: {remote(a, b)} one way, {remote(b, a)} the other, {got} of 20 pings, "
        f"{packets} packets on the link that is not on")
    if got < 20:
        raise CheckFailed(f"{20 - got} pings lost")
    if use == "off" and packets:
        raise CheckFailed(f"{packets} packets left over an interface that is off")
    if use == "backup":
        run.exec("a", "ip", "link", "set", link_device(run, "a", "10.78.2.1"), "down")
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while not ping(run, "a", b.address(), 1, wait=1):
            if time.monotonic() > deadline:
                raise CheckFailed("the backup does not carry what the other link cannot")
        say(f"  the other link down: {remote(a, b)}")


def link_device(run, host, address):
    lines = run.exec(host, "ip", "-br", "-4", "address").stdout.splitlines()
    return next(line.split()[0].split("@")[0] for line in lines if f" {address}/" in line)


def remote(node, other):
    path = node.path_to(other)
    return path["remote"] if path else ""


def count(run, host, device):
    """Counts what leaves by UDP and TCP from now on: the kernel says things of its own on every link."""
    run.exec(host, "nft", f"add table inet {TABLE}; "
             f"add chain inet {TABLE} out {{ type filter hook output priority 0; }}; "
             f"add rule inet {TABLE} out oifname {device} meta l4proto {{ tcp, udp }} counter")


def counted(run, host):
    rules = run.exec(host, "nft", "list", "table", "inet", TABLE).stdout
    return int(re.search(r"packets (\d+)", rules)[1])
