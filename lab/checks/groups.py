"""Multicast and broadcast cross the VPN, to those hosts that want it and to no others."""
import json
import os
import re
import time

from harness import CheckFailed, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
TOOL = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "multicast.py")
STREAM, STREAM_6, DISCOVERY, PORT = "239.1.2.3", "ff05::1234", "224.0.0.251", 5353
COUNT, PER_SECOND, BYTES = 2000, 400, 1200
RIGHT_SHARE = 0.99
LEAVE_SECONDS_MAX = 12


def check(run, _args):
    require("ip", "tcpdump", "ping")
    run.build()
    run.up("hosts", "--count", 5)
    wait_online(run.bootstrap("wan"))
    nodes = [run.join(f"h{i}", BOOTSTRAP, f"h{i}") for i in range(1, 6)]
    wait_joined(nodes)
    time.sleep(3)
    stream(run, nodes, STREAM, 4)
    stream(run, nodes, STREAM_6, 6)
    few(run, nodes, DISCOVERY, "224.0.0.251, where hosts find services")
    broadcast(run, nodes)
    discovery(run, nodes)


def own(node, family):
    return node.address(family) + (f"%{node.device}" if family == 6 else "")


def listen(run, node, group, seconds, family=4, name="receive"):
    words = ["python3", TOOL, "receive", group, PORT, own(node, family), seconds]
    return run.start(node.host, words, f"{name}-{node.host}-{family}", "listening")


def send(run, node, group, count, per_second, family=4, size=BYTES):
    run.exec(node.host, "python3", TOOL, "send", group, PORT, own(node, family), count, per_second, size,
             timeout=count / per_second + 20)


def result(process, seconds):
    end = time.monotonic() + seconds
    while process.running and time.monotonic() < end:
        time.sleep(0.1)
    return json.loads(process.output().splitlines()[-1])


class Captures:
    """What each of these members' devices is given to hear of a group."""

    def __init__(self, run, nodes, what, name):
        self.taps = {}
        for node in nodes:
            words = ["tcpdump", "-i", node.device, "-Q", "in", "-n", "-l", "--immediate-mode", what]
            self.taps[node] = run.start(node.host, words, f"tcpdump-{name}-{node.host}", "listening on")

    def counts(self):
        time.sleep(1)
        counts = {}
        for node, process in self.taps.items():
            process.end()
            counts[node.name] = int(re.search(r"(\d+) packets? captured", process.output())[1])
        return counts


def stream(run, nodes, group, family):
    """A stream to a group: two of five want it, one of them leaves on the way."""
    source, first, second, *others = nodes
    seconds = COUNT / PER_SECOND + 6
    captures = Captures(run, others, f"dst host {group}", f"stream{family}")
    receivers = [listen(run, node, group, seconds, family) for node in (first, second)]
    time.sleep(2)
    send(run, source, group, COUNT, PER_SECOND, family)
    got = [result(process, seconds) for process in receivers]
    heard = captures.counts()
    say(f"  {COUNT} packets of {BYTES} bytes to {group}, {PER_SECOND} a second: {got[0]['received']} and "
        f"{got[1]['received']} of them to the two that want them, {got[0]['late'] + got[1]['late']} out of order; "
        f"to the devices of the others {sum(heard.values())}")
    for each in got:
        if each["different"] < RIGHT_SHARE * COUNT or each["different"] != each["received"]:
            raise CheckFailed(f"a host that wants {group} got {each}")
    if sum(heard.values()):
        raise CheckFailed(f"others got packets to {group}: {heard}")
    # Both have left: within seconds nothing goes to anybody.
    time.sleep(LEAVE_SECONDS_MAX)
    captures = Captures(run, nodes[1:], f"dst host {group}", f"left{family}")
    before = source.counters()["p2pvpn_data_sent_packets_total"]
    send(run, source, group, 100, 50, family)
    sent = source.counters()["p2pvpn_data_sent_packets_total"] - before
    heard = captures.counts()
    say(f"    {LEAVE_SECONDS_MAX} s after they have left: {sent:.0f} of 100 sent to members, "
        f"{sum(heard.values())} given to devices")
    if sum(heard.values()):
        raise CheckFailed(f"after leaving, packets to {group} still came: {heard}")


def few(run, nodes, group, what):
    source, first, second, *others = nodes
    captures = Captures(run, others, f"dst host {group} and udp", "few")
    receivers = [listen(run, node, group, 8) for node in (first, second)]
    time.sleep(2)
    send(run, source, group, 20, 10, size=200)
    got = [result(process, 8) for process in receivers]
    heard = captures.counts()
    say(f"  20 packets to {what}: {got[0]['received']} and {got[1]['received']} to those that want them, "
        f"{sum(heard.values())} to the others")
    if any(each["received"] != 20 or each["different"] != 20 for each in got) or sum(heard.values()):
        raise CheckFailed(f"{group}: {got}, others {heard}")


def broadcast(run, nodes):
    for target in ("255.255.255.255", ".".join(nodes[0].address().split(".")[:2]) + ".255.255"):
        receivers = [listen(run, node, target, 6) for node in nodes[1:]]
        send(run, nodes[0], target, 10, 10, size=100)
        got = [result(process, 6) for process in receivers]
        say(f"  10 packets to {target}: {[each['received'] for each in got]}")
        if any(each["received"] != 10 or each["different"] != 10 for each in got):
            raise CheckFailed(f"broadcasts to {target} arrived as {got}")


ZEROCONF = """
import socket, sys, time
from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf
what, address = sys.argv[1:3]
zeroconf = Zeroconf(interfaces=[address])
KIND = "_printer._tcp.local."
if what == "offer":
    zeroconf.register_service(ServiceInfo(KIND, "laser." + KIND, 515, addresses=[socket.inet_aton(address)],
                                          server="laser.local."))
    print("offered", flush=True)
    time.sleep(30)
else:
    class Listener(ServiceListener):
        def add_service(self, zc, kind, name):
            info = zc.get_service_info(kind, name)
            print("found", name, info and socket.inet_ntoa(info.addresses[0]), flush=True)
        def remove_service(self, *_): pass
        def update_service(self, *_): pass
    browser = ServiceBrowser(zeroconf, KIND, Listener())
    time.sleep(10)
"""


def discovery(run, nodes):
    """A program that finds services by mDNS finds one of another member's host."""
    probe = run.command(["/usr/bin/python3", "-c", "import zeroconf"], check=False)
    if probe.returncode:
        raise CheckFailed("missing zeroconf; on Debian or Ubuntu: apt-get install python3-zeroconf")
    offer, finder, other = nodes[0], nodes[1], nodes[4]
    captures = Captures(run, [other], "port 5353", "mdns")
    run.start(offer.host, ["/usr/bin/python3", "-c", ZEROCONF, "offer", offer.address()], "offer", "offered")
    process = run.start(finder.host, ["/usr/bin/python3", "-c", ZEROCONF, "find", finder.address()], "find")
    started = time.monotonic()
    process.wait_for("found", 9)
    line = next(line for line in process.output().splitlines() if line.startswith("found"))
    heard = captures.counts()
    say(f"  mDNS: {finder.name} found {line.split()[1]} at {line.split()[2]} in {time.monotonic() - started:.1f} s; "
        f"{other.name}, which does not look, was given {heard[other.name]} packets of that")
    if line.split()[2] != offer.address() or heard[other.name]:
        raise CheckFailed(f"{line}; others {heard}")
