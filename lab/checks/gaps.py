"""The longest gap of a running flow between two members while the network beneath them changes."""
import os
import re
import signal
import subprocess
import sys
import threading
import time

from harness import CheckFailed, Node, Process, median, members, ping, require, say, wait_joined, wait_online

BOOTSTRAP = "203.0.113.2:4001"
SSH_PORT = 2222
TABLE = "p2pvpn_check"
INTERVAL = 0.05
GAP_SECONDS_MAX = 1.0
BEFORE_SECONDS = 2
AFTER_SECONDS = 3
DOWN_SECONDS = 30
STOPPED_SECONDS = 20
SETTLE_SECONDS_MAX = 90
RETURN_SECONDS_MAX = 30
REKEY_SECONDS = 120
REKEYS_MAX = 3
# By construction of `lab up nat` the first home's uplink, and the first address of its inside, are these.
OUTER, OUTER_ROUTER = "203.0.113.{}/28", "203.0.113.17"
OUTERS = (18, 19)
INNER, INNER_ROUTER = "192.168.1.{}/24", "192.168.1.1"
PUBLIC, PUBLIC_ROUTER = "198.51.100.{}/28", "198.51.100.33"
HOME_NETS = ("203.0.113.16/28", "203.0.113.32/28", "198.51.100.32/28")
# Deletes all entries of the connection tracking table: what `conntrack -F` sends (nfnetlink, IPCTNL_MSG_CT_DELETE).
FLUSH = """
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 1 | 4, 1, 0, 0, 0, 0))
if struct.unpack_from("=i", s.recv(4096), 16)[0]:
    raise SystemExit("the table was not flushed")
"""


def check(run, args):
    require("ip", "ping", "nft", "sshd", "ssh", "ssh-keygen")
    names = args.events.split(",") if args.events else list(EVENTS)
    unknown = [n for n in names if n not in EVENTS]
    if unknown:
        raise CheckFailed(f"no such event: {', '.join(unknown)}; there are {', '.join(EVENTS)}")
    run.build()
    run.up("nat", "a=symmetric", "b=open", "c=open", "d=open")
    wait_online(run.add_node(Node(run, "s", "bootstrap", ["bootstrap", "--listen", "4001", "--no-relay"])))
    relays = members(run, ["c", "d"], BOOTSTRAP)
    a, b = members(run, ["a", "b"], BOOTSTRAP)
    ping(run, "a", b.address(), 1)
    scene = Scene(run, a, b, relays)
    scene.settle("udp")
    connection = Connection(run, a, b)
    rows, wrong = [], []
    try:
        for name in names:
            what, trial, allowed = EVENTS[name]
            results = trials(scene, name, trial, args.trials)
            rows.append((what, results, allowed))
            wrong += judged(name, results, allowed)
        connection.finish()
    finally:
        connection.end()
    say("\n| event | trials | median | largest | allowed |\n|---|---|---|---|---|")
    for what, results, allowed in rows:
        values = [r.value for r in results]
        unit = " lost" if allowed == 0 else " s"
        shown = [f"{v:.0f}" if allowed == 0 else f"{v:.2f}" for v in (median(values), max(values))]
        say(f"| {what} | {len(values)} | {shown[0]}{unit} | {shown[1]}{unit} | "
            f"{'-' if allowed is None else allowed} |")
    say(f"ssh: the connection lived through all of it, {connection.lines} lines in order")
    if wrong:
        raise CheckFailed("; ".join(wrong))


def trials(scene, name, trial, count):
    results = []
    for number in range(min(count, REKEYS_MAX) if name == "rekey" else count):
        scene.prepare(name)
        source, target = (scene.a, scene.b) if number % 2 == 0 else (scene.b, scene.a)
        result = trial(scene, Flow(scene.run, source, target), number)
        results.append(result)
        say(f"  {name} {source.name}->{target.name}: {result}")
    return results


def judged(name, results, allowed):
    if allowed is None:
        return []
    worst = max(r.value for r in results)
    if allowed == 0:
        return [f"{name}: {worst:.0f} lost"] if worst > 0 else []
    return [f"{name}: {worst:.2f} s"] if worst > allowed else []


class Result:
    """What one trial came to: the value that counts, seconds or packets, and the other."""

    def __init__(self, value, text):
        self.value, self.text = value, text

    def __str__(self):
        return self.text


def gap(seconds, lost):
    return Result(seconds, f"{seconds:.2f} s, {lost} lost")


class Flow:
    """A ping every 50 ms, with the times of its replies."""

    def __init__(self, run, source, target):
        self.log = run.path(f"flow-{time.monotonic_ns()}.txt")
        words = ["ping", "-D", "-n", "-i", INTERVAL, target.address()]
        self.process = Process(run.inside(source.host, words), self.log, run.env)
        run.processes.append(self.process)
        self.run = run
        time.sleep(BEFORE_SECONDS)

    def wait(self, started):
        """Some time from then on, so that what comes later is seen too, and until the flow runs."""
        time.sleep(max(0, started + AFTER_SECONDS - time.time()))
        deadline = started + RETURN_SECONDS_MAX
        while time.time() - os.path.getmtime(self.log) > 4 * INTERVAL and time.time() < deadline:
            time.sleep(INTERVAL)
        time.sleep(1)

    def end(self):
        """[(time of the reply, number)], in the order of arrival."""
        self.process.end(signal.SIGINT)
        self.run.processes.remove(self.process)
        found = re.findall(r"\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+) ", self.process.output())
        replies = [(float(at), int(number)) for at, number in found]
        ended = time.time()
        if len(replies) < BEFORE_SECONDS / INTERVAL / 2:
            raise CheckFailed(f"the flow did not run before the event: {len(replies)} replies")
        return replies, ended

    def gap_since(self, started, returned=None):
        """The longest pause between replies since then; what lies before `returned` does not count."""
        replies, ended = self.end()
        lost = missing(replies)
        times = [at for at, _ in replies if at >= started - 2 * INTERVAL] + [ended]
        if returned is not None:
            times = [returned, *(at for at in times if at > returned)]
        return gap(max(b - a for a, b in zip(times, times[1:])), lost)

    def lost(self):
        replies, _ = self.end()
        lost = missing(replies)
        return Result(lost, f"{lost} lost of {replies[-1][1]}")


def missing(replies):
    """How many numbers between the first and the last reply have none."""
    numbers = {number for _, number in replies}
    return max(numbers) - min(numbers) + 1 - len(numbers)


class Scene:
    """Two members, the relays beside them, and what is done to the network between."""

    def __init__(self, run, a, b, relays):
        self.run, self.a, self.b, self.relays = run, a, b, relays
        self.blocked = False

    def prepare(self, name):
        """The state in which the event happens: direct, or through a relay."""
        wants_relay = name in ("to-direct", "relay-killed")
        if wants_relay and not self.blocked:
            self.block()
        elif self.blocked and not wants_relay:
            self.unblock()
        self.settle("relay" if wants_relay else "udp")

    def settle(self, kind):
        """Until traffic both ways takes a path of that kind; then some time for what follows that."""
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while True:
            ping(self.run, "a", self.b.address(), 1, 0.2, 2)
            paths = [active(self.a, self.b), active(self.b, self.a)]
            if all(p["kind"] == kind for p in paths):
                break
            if time.monotonic() > deadline:
                raise CheckFailed(f"no {kind} path within {SETTLE_SECONDS_MAX} s: {paths}")
            time.sleep(0.2)
        time.sleep(2)

    def block(self):
        pairs = [(HOME_NETS[0], n) for n in HOME_NETS[1:]]
        rules = f"add table ip {TABLE}; add chain ip {TABLE} way {{ type filter hook forward priority 0; }}; "
        for one, other in pairs:
            rules += (f"add rule ip {TABLE} way ip saddr {one} ip daddr {other} drop; "
                      f"add rule ip {TABLE} way ip saddr {other} ip daddr {one} drop; ")
        self.run.exec("wan", "nft", rules)
        self.blocked = True

    def unblock(self):
        self.run.exec("wan", "nft", "delete", "table", "ip", TABLE)
        self.blocked = False

    def flush(self, gateway):
        self.run.exec(gateway, sys.executable, "-c", FLUSH)

    def in_host(self, host, script):
        self.run.exec(host, "sh", "-ec", script)


def active(one, other):
    """The path that one's traffic to the other takes, or an empty one."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return next((p for p in peer["paths"] if p["active"]), {"kind": None})
    return {"kind": None}


# ----------------------------------------------------------------------- events

def mapping(scene, flow, _number):
    started = time.time()
    scene.flush("ga")
    flow.wait(started)
    return flow.gap_since(started)


def outer(scene, flow, number):
    old, new = (OUTER.format(n) for n in (OUTERS if number % 2 == 0 else OUTERS[::-1]))
    started = time.time()
    scene.in_host("ga", f"ip addr del {old} dev wan; ip addr add {new} dev wan; "
                        f"ip route replace default via {OUTER_ROUTER}")
    scene.flush("ga")
    flow.wait(started)
    return flow.gap_since(started)


def own_inner(scene, flow, number):
    return readdress(scene, flow, "a", INNER, (10, 11) if number % 2 == 0 else (11, 10), INNER_ROUTER)


def own_public(scene, flow, number):
    return readdress(scene, flow, "b", PUBLIC, (34, 35) if number % 2 == 0 else (35, 34), PUBLIC_ROUTER)


def readdress(scene, flow, host, form, numbers, router):
    old, new = (form.format(n) for n in numbers)
    started = time.time()
    scene.in_host(host, f"ip addr del {old} dev eth0; ip addr add {new} dev eth0; "
                        f"ip route replace default via {router}")
    flow.wait(started)
    return flow.gap_since(started)


def link(scene, flow, _number):
    return away(scene, flow, "a", "eth0", f"; ip route replace default via {INNER_ROUTER}")


def uplink(scene, flow, _number):
    return away(scene, flow, "wan", "to-a", "")


def away(scene, flow, host, device, after):
    scene.in_host(host, f"ip link set {device} down")
    time.sleep(DOWN_SECONDS)
    scene.in_host(host, f"ip link set {device} up{after}")
    returned = time.time()
    flow.wait(returned)
    return flow.gap_since(returned, returned)


def stopped(scene, flow, number):
    node = scene.a if number % 2 == 0 else scene.b
    node.process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    node.process.send_signal(signal.SIGCONT)
    returned = time.time()
    flow.wait(returned)
    return flow.gap_since(returned, returned)


def rekey(scene, flow, _number):
    before = rekeyings(scene)
    deadline = time.monotonic() + 2 * REKEY_SECONDS
    while rekeyings(scene) == before and time.monotonic() < deadline:
        time.sleep(5)
    if rekeyings(scene) == before:
        raise CheckFailed("no new keys within four minutes of traffic")
    time.sleep(AFTER_SECONDS)
    return flow.lost()


def rekeyings(scene):
    return sum(age_renewed(one, other) for one, other in ((scene.a, scene.b), (scene.b, scene.a)))


def age_renewed(one, other):
    """When the keys in use with the other were agreed on, to ten seconds."""
    for peer in one.peers():
        if peer["namespace"] and peer["virtualIp"] == other.address():
            return round((time.monotonic() - peer["handshakeAgeSeconds"]) / 10)
    return 0


def to_direct(scene, flow, _number):
    scene.unblock()
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while not all(active(*ends)["kind"] == "udp" for ends in ((scene.a, scene.b), (scene.b, scene.a))):
        if time.monotonic() > deadline:
            raise CheckFailed("no direct path after nothing is in its way any more")
        time.sleep(0.2)
    time.sleep(AFTER_SECONDS)
    return flow.lost()


def relay_killed(scene, flow, _number):
    path = active(scene.a, scene.b)
    relay = next((r for r in scene.relays if path.get("via") in r.ids), None)
    if relay is None:
        raise CheckFailed(f"no relay of ours in use: {path}")
    started = time.time()
    relay.process.end(signal.SIGKILL)
    flow.wait(started)
    result = flow.gap_since(started)
    scene.run.nodes.remove(relay)
    scene.relays.remove(relay)
    scene.relays.append(scene.run.join(relay.host, BOOTSTRAP))
    wait_joined(scene.relays)
    time.sleep(5)
    return result


EVENTS = {
    "mapping": ("mapping lost at a symmetric gateway", mapping, GAP_SECONDS_MAX),
    "outer": ("the gateway's outer address changed", outer, GAP_SECONDS_MAX),
    "own-nat": ("own address changed, behind a NAT", own_inner, GAP_SECONDS_MAX),
    "own-public": ("own address changed, public", own_public, GAP_SECONDS_MAX),
    "link": ("link down 30 s, from its return", link, GAP_SECONDS_MAX),
    "uplink": ("a router's link down 30 s, from its return", uplink, GAP_SECONDS_MAX),
    "stopped": ("process stopped 20 s, from its return", stopped, GAP_SECONDS_MAX),
    "rekey": ("new keys", rekey, 0),
    "to-direct": ("relay to direct", to_direct, 0),
    "relay-killed": ("relay killed", relay_killed, GAP_SECONDS_MAX),
}


# ----------------------------------------------------------------------------- ssh

class Connection:
    """One ssh from a to b that echoes numbered lines as long as the check runs."""

    def __init__(self, run, a, b):
        keys = run.path("ssh")
        os.mkdir(keys, 0o700)
        for name in ("host", "user"):
            run.command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{keys}/{name}"])
        with open(f"{keys}/sshd_config", "w") as f:
            f.write(f"Port {SSH_PORT}\nListenAddress {b.address()}\nHostKey {keys}/host\n"
                    f"AuthorizedKeysFile {keys}/user.pub\nPermitRootLogin prohibit-password\n"
                    f"PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
                    f"StrictModes no\nPidFile none\n")
        self.separation = None
        if not os.path.isdir("/run/sshd"):          # sshd wants it to exist
            self.separation = "/run/sshd"
            os.mkdir(self.separation, 0o755)
        sshd = run.command(["sh", "-c", "command -v sshd"]).stdout.strip()
        run.start(b.host, [sshd, "-D", "-e", "-f", f"{keys}/sshd_config"], "sshd", "listening")
        words = run.inside(a.host, [
            "ssh", "-q", "-T", "-p", SSH_PORT, "-i", f"{keys}/user", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            f"root@{b.address()}", "cat"])
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=run.env, text=True)
        self.written = self.lines = 0
        self.wrong = None
        self.stopping = threading.Event()
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.writer.start()
        self.reader.start()

    def write(self):
        try:
            while not self.stopping.wait(0.2):
                self.child.stdin.write(f"{self.written}\n")
                self.child.stdin.flush()
                self.written += 1
            self.child.stdin.close()
        except OSError as e:
            self.wrong = f"ssh ended: {e}"

    def read(self):
        for line in self.child.stdout:
            if line != f"{self.lines}\n":
                self.wrong = f"ssh: {line.strip()!r} instead of {self.lines}"
                return
            self.lines += 1

    def finish(self):
        """Everything that was written has come back."""
        self.stopping.set()
        self.writer.join(60)
        self.reader.join(60)
        if self.wrong or self.lines == 0 or self.lines != self.written:
            raise CheckFailed(self.wrong or f"ssh: {self.lines} of {self.written} lines came back")

    def end(self):
        self.stopping.set()
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait(10)
        if self.separation:
            os.rmdir(self.separation)
