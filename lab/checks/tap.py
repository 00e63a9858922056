"""Machines that know nothing of p2pvpn, behind the bridge of a member with --tap: addresses by DHCP, names, TCP; what
they may not do; and no storm where Ethernets are joined to a ring."""
import json
import os
import re
import time

from harness import HERE, PREFIX, CheckFailed, iperf3, ping, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
DOMAIN = "lab.p2pvpn.internal"
BRIDGE = "br0"
NOBODY = 9          # last byte of addresses that nobody has
STREAM, MDNS = "239.9.8.7", "224.0.0.251"
LOOP_SECONDS = 15
LOOP_FRAMES_MAX = 60


def check(run, args):
    require("ip", "dhclient", "udhcpc", "dig", "iperf3", "python3", "tc")
    run.build()
    run.up("hosts", "--count", 3)
    wait_online(run.bootstrap("wan"))
    member = run.join("h1", BOOTSTRAP, "member", extra=("--dns", "server"))
    node = run.join("h2", BOOTSTRAP, "node", extra=("--tap", "--dns", "server"))
    wait_joined([member, node])
    alone(run, member, node)
    with Guests(run) as guests:
        bridge(run, node)
        first = guests.add("g1", "h2")
        second = guests.add("g2", "h2")
        addresses(run, node, first, second)
        reached(run, member, node, first)
        names(run, member, node, first)
        resolution(run, member, node, first)
        multicast(run, member, node, first, second)
        spoofed(run, member, node, first)
        again(run, member, node, first)
        two_taps(run, member, node, first)
        loop(run, member, node, first)


# ------------------------------------------------------------------------ guests

class Guests:
    """Network namespaces of machines behind a host, each with an /etc of its own: DHCP clients write there."""

    def __init__(self, run):
        self.run, self.all = run, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for guest in self.all:
            guest.end()

    def add(self, name, host):
        guest = Guest(self.run, name, host)
        self.all.append(guest)
        guest.begin()
        return guest


class Guest:
    def __init__(self, run, name, host):
        self.run, self.name, self.host = run, name, host
        self.space = PREFIX + name
        self.holder = None

    def begin(self):
        run, space = self.run, self.space
        run.command(["ip", "netns", "add", space])
        run.exec(self.host, "ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", space)
        run.exec(self.host, "ip", "link", "set", self.name, "master", BRIDGE, "up")
        for device in ("lo", "eth0"):
            run.command(["ip", "-n", space, "link", "set", device, "up"])
        top = run.path(f"{self.name}.etc")
        os.makedirs(f"{top}/up")
        os.makedirs(f"{top}/work")
        mount = f"mount -t overlay overlay -o lowerdir=/etc,upperdir={top}/up,workdir={top}/work /etc"
        self.holder = run.start(None, ["ip", "netns", "exec", space, "sh", "-c",
                                       f"{mount} && echo ready && exec sleep 100000"], self.name, "ready")

    def end(self):
        if self.holder:
            self.holder.end()
        self.run.command(["ip", "netns", "del", self.space], check=False)

    def words(self, *words):
        return ["nsenter", "-t", str(self.holder.child.pid), "-m", "-n", *map(str, words)]

    def exec(self, *words, timeout=60, check=True):
        return self.run.command(self.words(*words), timeout, check)

    def dhclient(self, *more, timeout=60):
        files = ("-pf", self.run.path(f"{self.name}.pid"), "-lf", self.run.path(f"{self.name}.leases"))
        return self.exec("dhclient", "-v", "-1", *more, *files, "eth0", timeout=timeout)

    def address(self):
        out = self.exec("ip", "-4", "-o", "addr", "show", "eth0").stdout
        found = re.findall(r"inet ([\d.]+)/(\d+)", out)
        return found[0][0] if found else None

    def mac(self):
        return self.exec("cat", "/sys/class/net/eth0/address").stdout.strip()

    def ping(self, target, count=3):
        out = self.exec("ping", "-n", "-c", count, "-i", "0.2", "-W", 3, target, check=False).stdout
        return len(re.findall(r"time[=<]", out))

    def arp(self, *words):
        return self.exec("python3", f"{HERE}/arp.py", "eth0", *words).stdout.split()

    def link(self, state):
        self.run.command(["ip", "-n", self.space, "link", "set", "eth0", state])


def bridge(run, node):
    run.exec(node.host, "ip", "link", "add", BRIDGE, "type", "bridge")
    run.exec(node.host, "ip", "link", "set", BRIDGE, "up")
    enslave(run, node)


def enslave(run, node):
    run.exec(node.host, "ip", "link", "set", node.device, "master", BRIDGE)
    wait_for(lambda: f" {node.address()}/" in run.exec(node.host, "ip", "-4", "addr", "show", BRIDGE).stdout,
             f"the address of {node.name} is not on {BRIDGE}")


def wait_for(reached, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise CheckFailed(f"{what} within {seconds} s")
        time.sleep(0.2)


def ethernet(node):
    return node.refresh()["ethernet"]


def counter(node, name):
    """Of the loop and of all queues."""
    wanted = re.compile(rf"p2pvpn_(queue_\d+_)?ethernet_{name}_total")
    return sum(value for key, value in node.counters().items() if wanted.fullmatch(key))


# ------------------------------------------------------------------------- parts

def alone(run, member, node):
    """The device is the host's own before it is a port of anything."""
    flags = run.exec(node.host, "ip", "-d", "link", "show", node.device).stdout
    if "tun type tap" not in flags or "multi_queue" not in flags:
        raise CheckFailed(f"no TAP with several queues:\n{flags}")
    for family in (4, 6):
        if len(ping(run, node.host, member.address(family), 3)) < 3:
            raise CheckFailed(f"no ping over IPv{family} through a TAP that is alone")
    say(f"  {node.device} is a TAP; its host pings a member over IPv4 and IPv6")


def addresses(run, node, first, second):
    started = time.monotonic()
    first.dhclient()
    took = time.monotonic() - started
    second.exec("udhcpc", "-i", "eth0", "-n", "-q", "-f")
    one, two = first.address(), second.address()
    if not one or not two or one == two or node.address() in (one, two):
        raise CheckFailed(f"guests have {one} and {two}, the node has {node.address()}")
    guests = {g["mac"]: g["ip"] for g in ethernet(node)["guests"]}
    if guests != {first.mac(): one, second.mac(): two}:
        raise CheckFailed(f"status says {guests}")
    link = first.exec("ip", "link", "show", "eth0").stdout
    if f"mtu {node.space['mtu']} " not in link:
        raise CheckFailed(f"another MTU than {node.space['mtu']}:\n{link}")
    say(f"  dhclient: {one} in {took:.1f} s; udhcpc in another machine: {two}; MTU {node.space['mtu']}")


def reached(run, member, node, guest):
    for source, target in ((guest, member.address()), (guest, node.address())):
        if source.ping(target) < 3:
            raise CheckFailed(f"{source.name} does not reach {target}")
    for host in (member.host, node.host):
        if len(ping(run, host, guest.address(), 3)) < 3:
            raise CheckFailed(f"{host} does not reach the guest")
    speeds = [tcp(run, member, guest), tcp(run, member, guest, reverse=True)]
    if min(speeds) < 50:
        raise CheckFailed(f"TCP between a member and the guest: {speeds} Mbit/s")
    host = iperf3(run, member.host, node.host, node.address(), seconds=4)["mbit"]
    say(f"  the guest pings a member and the node, and is pinged by both; TCP to it {speeds[0]:.0f}, from it "
        f"{speeds[1]:.0f} Mbit/s (to the node itself {host:.0f})")


def tcp(run, member, guest, reverse=False):
    server = run.start(None, guest.words("iperf3", "-s", "-1", "-p", 5299, "--forceflush"), "iperf3-guest", "listening")
    try:
        out = run.exec(member.host, "iperf3", "-J", "-c", guest.address(), "-p", 5299, "-t", 4, "-O", 1,
                       *(["-R"] if reverse else []), timeout=40).stdout
    finally:
        server.end()
        run.processes.remove(server)
    return float(re.search(r'"sum_received".*?"bits_per_second":\s*([\d.e+]+)', out, re.S)[1]) / 1e6


def names(run, member, node, guest):
    with open(f"{run.path(guest.name)}.etc/up/resolv.conf") as f:
        if f"nameserver {node.address()}" not in f.read():
            raise CheckFailed("the guest was not told of the node's DNS")
    out = guest.exec("ping", "-c", 1, "-W", 3, f"{member.name}.{DOMAIN}", check=False).stdout
    if member.address() not in out or "1 received" not in out:
        raise CheckFailed(f"the guest does not reach a member by name:\n{out}")
    own = ethernet(node)["guests"]
    name = next(g["name"] for g in own if g["mac"] == guest.mac())
    asked = run.exec(member.host, "dig", f"@{member.address()}", "+short", f"{name}.{DOMAIN}").stdout.strip()
    if name and asked != guest.address():
        raise CheckFailed(f"a member finds {asked} for the guest's name {name}")
    stranger = run.exec(member.host, "dig", f"@{node.address()}", "+tries=1", "+time=1", f"{name}.{DOMAIN}", check=False)
    if "status: NOERROR" in stranger.stdout:
        raise CheckFailed("the node answers questions of other members")
    say(f"  names: the guest pings {member.name}.{DOMAIN}, a member finds {name}.{DOMAIN}")


def resolution(run, member, node, guest):
    """ARP is answered for members only."""
    mac = ethernet(node)["mac"]
    free = ".".join([*member.address().split(".")[:2], "9", str(NOBODY)])
    answers = {"a member": (guest.arp(member.address()), [mac]),
               "an address that nobody has": (guest.arp(free), []),
               "the guest's own": (guest.arp(guest.address()), []),
               "a member's, probed": (guest.arp(member.address(), "--from", "0.0.0.0"), []),
               "its own, probed": (guest.arp(guest.address(), "--from", "0.0.0.0"), []),
               "outside the namespace": (guest.arp("192.0.2.1"), [])}
    wrong = [f"{what}: {got}" for what, (got, wanted) in answers.items() if got != wanted]
    host = guest.arp(node.address())
    if wrong or len(host) != 1 or host == [mac]:
        raise CheckFailed(f"ARP: {'; '.join(wrong)}; the node's own: {host}")
    say(f"  ARP is answered ({mac}) for a member; not for {', '.join(list(answers)[1:])}; the host answers for itself")


def multicast(run, member, node, first, second):
    """A stream and an mDNS group, from a member to a guest and back; a guest that does not ask gets none of it."""
    tool = f"{HERE}/multicast.py"
    for group, count, rate in ((STREAM, 800, 200), (MDNS, 20, 10)):
        for sender, hearer in ((member, first), (first, member)):
            capture = run.start(None, second.words("tcpdump", "-i", "eth0", "-Q", "in", "-n", "-l", "--immediate-mode",
                                                   f"udp and dst host {group}"), "tcpdump-guest", "listening on")
            words = ["python3", tool, "receive", group, 5353, hearer.address(), count / rate + 6]
            if hearer is first:
                process = run.start(None, first.words(*words), "group-guest", "listening")
            else:
                process = run.start(member.host, words, "group-member", "listening")
            time.sleep(2)
            words = ["python3", tool, "send", group, 5353, sender.address(), count, rate, 800]
            if sender is first:
                first.exec(*words)
            else:
                run.exec(member.host, *words)
            wait_for(lambda process=process: not process.running, "the receiver did not end", 20)
            got = json.loads(process.output().splitlines()[-1])
            time.sleep(1)
            capture.end()
            heard = int(re.search(r"(\d+) packets? captured", capture.output())[1])
            say(f"  {count} packets to {group} from the {'guest' if sender is first else 'member'}: {got['received']} "
                f"arrived; the other guest, which does not want them, was given {heard}")
            if got["different"] < 0.99 * count or got["received"] != got["different"] or heard:
                raise CheckFailed(f"multicast with a guest: {got}, the other one {heard}")


def spoofed(run, member, node, guest):
    before = counter(node, "drop_source")
    other = ".".join([*guest.address().split(".")[:2], "200", "200"])
    lost = {}
    for address in (other, node.address()):
        guest.exec("ip", "addr", "add", f"{address}/32", "dev", "eth0")
        guest.exec("ip", "neigh", "replace", member.address(), "lladdr", ethernet(node)["mac"], "dev", "eth0")
        out = guest.exec("ping", "-c", 3, "-i", "0.2", "-W", 1, "-I", address, member.address(), check=False).stdout
        lost[address] = "0 received" in out
        guest.exec("ip", "addr", "del", f"{address}/32", "dev", "eth0")
    wait_for(lambda: counter(node, "drop_source") - before >= 6, "not all spoofed packets were counted")
    dropped = counter(node, "drop_source") - before
    guest.exec("ip", "neigh", "del", member.address(), "dev", "eth0", check=False)
    if not all(lost.values()):
        raise CheckFailed(f"spoofed pings lost: {lost}")
    if guest.ping(member.address()) < 3:
        raise CheckFailed("the guest does not reach the member after that")
    say(f"  packets with another address, and with the node's: {dropped:.0f} dropped and counted, none answered")


def again(run, member, node, guest):
    """The same address, whatever is started anew; and it is given back."""
    address = guest.address()
    guest.dhclient("-r")
    wait_for(lambda: guest.mac() not in [g["mac"] for g in ethernet(node)["guests"]], "the lease is not given back")
    guest.dhclient()
    released = guest.address()
    guest.exec("dhclient", "-x", "-pf", run.path(f"{guest.name}.pid"), "eth0", check=False)
    guest.exec("ip", "addr", "flush", "dev", "eth0")
    os.remove(run.path(f"{guest.name}.leases"))
    guest.dhclient()
    forgotten = guest.address()
    restarted = []
    for number in (15, 9):
        node.process.end(number)
        node.__init__(run, node.host, node.name, ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open",
                                                  "--name", node.name, "--tap", "--dns", "server"])
        wait_joined([node])
        enslave(run, node)
        wait_for(lambda: guest.ping(member.address(), 1) == 1, "no ping after a restart of the node", 20)
        if not ping(run, member.host, address, 1):
            raise CheckFailed("a member does not reach the guest after a restart of the node")
        guest.dhclient()
        restarted.append(guest.address())
    if {released, forgotten, *restarted} != {address}:
        raise CheckFailed(f"{address}, after release {released}, without memory {forgotten}, node restarted {restarted}")
    say(f"  {address} again after a release, for a client that remembers nothing, and after stop and kill -9 of the node")


def two_taps(run, member, node, guest):
    """A second member's TAP on the same Ethernet: one of the two goes quiet."""
    other = run.join("h3", BOOTSTRAP, "other", extra=("--tap", "--dns", "server"))
    wait_joined([other])
    run.exec("h3", "ip", "link", "add", BRIDGE, "type", "bridge")
    run.exec("h3", "ip", "link", "set", BRIDGE, "up")
    enslave(run, other)
    before = frames(run, node) + frames(run, other)
    run.exec("h2", "ip", "link", "add", "to-h3", "type", "veth", "peer", "name", "to-h2", "netns", f"{PREFIX}h3")
    run.exec("h2", "ip", "link", "set", "to-h3", "master", BRIDGE, "up")
    run.exec("h3", "ip", "link", "set", "to-h2", "master", BRIDGE, "up")
    higher, lower = sorted((node, other), key=lambda n: n.space["overlayId"], reverse=True)
    wait_for(lambda: ethernet(higher)["quiet"], f"{higher.name} does not go quiet")
    guest.exec("ping", "-b", "-c", 20, "-i", "0.2", "-W", 1, "255.255.255.255", check=False)
    time.sleep(LOOP_SECONDS - 4)
    sent = frames(run, node) + frames(run, other) - before
    codes = [h["code"] for h in higher.facts["health"]]
    if ethernet(lower)["quiet"] or not ethernet(higher)["quiet"] or "ethernet-loop" not in codes:
        raise CheckFailed(f"quiet: {ethernet(lower)['quiet']}, {ethernet(higher)['quiet']}; health {codes}")
    if sent > LOOP_FRAMES_MAX:
        raise CheckFailed(f"both devices sent {sent} frames in {LOOP_SECONDS} s")
    run.exec("h2", "ip", "link", "del", "to-h3")
    wait_for(lambda: not ethernet(higher)["quiet"], f"{higher.name} stays quiet", 20)
    wait_for(lambda: guest.ping(member.address(), 1) == 1, "no ping after the two were parted", 20)
    say(f"  two members' TAPs on one Ethernet: {higher.name} (the higher ID) goes quiet and says so, both sent {sent} "
        f"frames in {LOOP_SECONDS} s beside 20 broadcasts; parted, both work")


def frames(run, node):
    """How many frames the device has sent into the host."""
    return int(run.exec(node.host, "cat", f"/sys/class/net/{node.device}/statistics/rx_packets").stdout)


def loop(run, member, node, guest):
    """Two ports of the bridge joined: the kernel's bridge storms, the node does not take part."""
    before, came = frames(run, node), arrived(run, node)
    run.exec("h2", "ip", "link", "add", "loop1", "type", "veth", "peer", "name", "loop2")
    for device in ("loop1", "loop2"):           # this machine has other things to do
        run.exec("h2", "tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", "2mbit", "burst", "10k",
                 "latency", "20ms")
        run.exec("h2", "ip", "link", "set", device, "master", BRIDGE, "up")
    wait_for(lambda: ethernet(node)["quiet"], "the node does not see the loop")
    time.sleep(LOOP_SECONDS)
    sent, came = frames(run, node) - before, arrived(run, node) - came
    codes = [h["code"] for h in node.facts["health"]]
    run.exec("h2", "ip", "link", "del", "loop1")
    if "ethernet-loop" not in codes or sent > LOOP_FRAMES_MAX:
        raise CheckFailed(f"{sent} frames sent into a loop; health {codes}")
    wait_for(lambda: guest.ping(member.address(), 1) == 1, "no ping after the loop was gone", 60)
    say(f"  a loop in the bridge: {came} frames came in {LOOP_SECONDS} s, {sent} were sent; without it all works again")


def arrived(run, node):
    return int(run.exec(node.host, "cat", f"/sys/class/net/{node.device}/statistics/tx_packets").stdout)
