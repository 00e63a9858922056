"""What the acceptance checks and the benchmarks share: a lab, nodes in it, measurements.

A `Run` owns everything one check starts (the lab, processes, a temporary
directory) and ends it again, by process id, however the check ends.
"""
import atexit
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(HERE)
LAB = f"{HERE}/lab"
PREFIX = os.environ.get("LAB_PREFIX", "pc-")    # not the prefix of a lab that is up by hand
MARK = f"/run/{PREFIX}check"    # there, and locked, as long as a check has a lab of this prefix
CLI_SECONDS_MAX = 60
STARTS_AT_ONCE = 4
STOP_SECONDS_MAX = 15
# What each tool comes in on Debian.
PACKAGES = {"ip": "iproute2", "nstat": "iproute2", "ping": "iputils-ping", "iperf3": "iperf3", "nft": "nftables",
            "dig": "bind9-dnsutils", "dnsmasq": "dnsmasq-base", "unbound": "unbound", "lintian": "lintian",
            "scp": "openssh-client", "ssh": "openssh-client",
            "ssh-keygen": "openssh-client", "sshd": "openssh-server", "curl": "curl",
            "miniupnpd": "miniupnpd-nftables", "tcpdump": "tcpdump", "openvpn": "openvpn", "openssl": "openssl",
            "gcc": "gcc libc6-dev", "faketime": "faketime",
            "dhclient": "isc-dhcp-client", "udhcpc": "udhcpc", "tc": "iproute2", "python3": "python3"}


class CheckFailed(Exception):
    """A requirement does not hold; the text is the reason that is shown."""


def require(*tools):
    """Fail, naming the packages, unless this is root and the tools are there."""
    if os.geteuid() != 0:
        raise CheckFailed("needs root: network namespaces; run it with sudo")
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [t for t in tools if not shutil.which(t, path=path)]
    if missing:
        packages = " ".join(sorted({PACKAGES[t] for t in missing}))
        raise CheckFailed(f"missing {', '.join(missing)}; on Debian or Ubuntu: "
                          f"apt-get install {packages}")


def say(text=""):
    print(text, flush=True)


def choose_jdk(java_home):
    """Let every launcher started from here use this JDK (None: the launcher's choice)."""
    if java_home:
        if not os.access(f"{java_home}/bin/java", os.X_OK):
            raise CheckFailed(f"no bin/java in {java_home}")
        os.environ["JAVA_HOME"] = os.environ["P2PVPN_JAVA_HOME"] = java_home


def end_on_signals():
    """Turn SIGTERM and SIGHUP into an exit that runs the cleaning up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _frame: sys.exit(128 + n))


# ------------------------------------------------------------------------ a run

class Run:
    """Everything that one check started; `with` ends it."""

    def __init__(self, launcher=None, logs=None):
        self.launcher = launcher or f"{ROOT}/p2pvpn"
        self.logs = logs
        self.directory = None
        self.processes = []
        self.nodes = []
        self.lab_up = False
        self.mark = None
        self.env = dict(os.environ, LAB_PREFIX=PREFIX)
        self.env.setdefault("PATH", "/usr/bin:/bin")
        self.env["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="p2pvpn-check-")
        atexit.register(self.close)         # also when the interpreter is told to leave
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for node in self.nodes:             # ask all first, then wait for each
            node.process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            process.end()
        if self.lab_up:
            self.lab("down", "--kill")
            self.lab_up = False
        if self.mark:
            os.remove(MARK)
            self.mark.close()
            self.mark = None
        if self.directory:
            if self.logs:
                self.keep_logs()
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None
        self.processes, self.nodes = [], []

    def keep_logs(self):
        os.makedirs(self.logs, exist_ok=True)
        for name in sorted(os.listdir(self.directory)):
            if name.endswith(".log"):
                shutil.copy(f"{self.directory}/{name}", self.logs)

    def path(self, name):
        return f"{self.directory}/{name}"

    # -- the lab

    def lab(self, *words):
        r = subprocess.run([sys.executable, LAB, *map(str, words)], env=self.env,
                           capture_output=True, text=True)
        if r.returncode:
            raise CheckFailed(f"lab {words[0]}: {(r.stderr or r.stdout).strip()}")
        return r.stdout

    def take_prefix(self):
        """Mark the prefix as this check's; takes down what a check that was killed has left, and no other lab."""
        if self.mark:
            return
        left = os.path.exists(MARK)
        mark = open(MARK, "a")
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            mark.close()
            raise CheckFailed(f"another check uses the prefix {PREFIX}; set another LAB_PREFIX") from e
        self.mark = mark
        if not json.loads(self.lab("status", "--json")):
            return
        if not left:
            raise CheckFailed(f"a lab with the prefix {PREFIX} is up already; take it down "
                              f"(LAB_PREFIX={PREFIX} lab/lab down) or set another LAB_PREFIX")
        say(f"  taking down the lab that a killed check has left (prefix {PREFIX})")
        self.lab("down", "--kill")

    def up(self, *words):
        """Build a topology; host name -> list of its addresses."""
        self.take_prefix()
        self.lab_up = True
        self.lab("up", *words, "--quiet")
        say(f"  lab up {' '.join(map(str, words))}")
        hosts = json.loads(self.lab("status", "--json"))["hosts"]
        return {name: h["addresses"] for name, h in hosts.items()}

    @staticmethod
    def inside(host, words):
        """The command line that runs words in a host's network namespace."""
        return ["ip", "netns", "exec", PREFIX + host, *map(str, words)]

    def exec(self, host, *words, timeout=60, check=True):
        """Run to its end in a host; the CompletedProcess, output captured as text."""
        return self.command(self.inside(host, words), timeout, check)

    def command(self, words, timeout=60, check=True):
        try:
            r = subprocess.run(words, env=self.env, capture_output=True, text=True,
                               timeout=timeout)
        except subprocess.TimeoutExpired as e:
            raise CheckFailed(f"no end after {timeout} s: {' '.join(words)}") from e
        if check and r.returncode:
            raise CheckFailed(f"exit {r.returncode}: {' '.join(words)}: "
                              f"{(r.stderr or r.stdout).strip()[-400:]}")
        return r

    def start(self, host, words, name, ready=None, timeout=10):
        """Start a program in a host (None: outside); wait until its log shows `ready`."""
        line = self.inside(host, words) if host else list(map(str, words))
        process = Process(line, self.path(f"{name}.log"), self.env)
        self.processes.append(process)
        if ready:
            process.wait_for(ready, timeout)
        return process

    # -- nodes

    def build(self):
        """One launcher call, so that what it builds is built once and before any clock runs."""
        if not os.access(self.launcher, os.X_OK):
            raise CheckFailed(f"no launcher at {self.launcher}; name it with --launcher")
        started = time.monotonic()
        version = self.command([self.launcher, "--version"], timeout=900).stdout.strip()
        say(f"  {version} ({time.monotonic() - started:.1f} s to build and say so)")

    def bootstrap(self, host, port=4001, name="bootstrap"):
        return self.add_node(Node(self, host, name, ["bootstrap", "--listen", str(port)]))

    def join(self, host, endpoint, name=None, namespace="lab", extra=()):
        words = ["join", "--bootstrap", endpoint, "--namespace", namespace, "--open",
                 "--name", name or host, *extra]
        return self.add_node(Node(self, host, name or host, words))

    def add_node(self, node):
        self.nodes.append(node)
        return node


class Process:
    """A child in a session of its own, its output in a file; ended by its own id only."""

    def __init__(self, words, log, env):
        self.words, self.log = words, log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=out, env=env, start_new_session=True)

    @property
    def running(self):
        return self.child.poll() is None

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def tail(self, lines=15):
        return "\n".join("    | " + line for line in self.output().splitlines()[-lines:])

    def wait_for(self, text, timeout):
        deadline = time.monotonic() + timeout
        while text not in self.output():
            if not self.running or time.monotonic() > deadline:
                state = "still runs" if self.running else f"exit {self.child.returncode}"
                raise CheckFailed(f"{self.words[-1]}: no \"{text}\" ({state})\n{self.tail()}")
            time.sleep(0.05)

    def send_signal(self, number):
        """To the child's whole session, which is ours: it was made for this child."""
        if self.running:
            os.killpg(self.child.pid, number)

    def end(self, number=signal.SIGTERM):
        """Ask, wait, insist. Returns the exit code."""
        if not self.running:
            return self.child.returncode
        self.send_signal(number)
        try:
            self.child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.child.pid, signal.SIGKILL)   # and what it left in its session
        except ProcessLookupError:
            pass
        return self.child.wait()


# ------------------------------------------------------------------------ nodes

class Node:
    """A p2pvpn daemon in a host of the lab, started by the run's launcher or by these words."""

    def __init__(self, run, host, name, words, launcher=None):
        self.run, self.host, self.name = run, host, name
        self.launcher = launcher or [run.launcher]
        self.socket = run.path(f"{name}.sock")
        self.facts = {}
        words = [*self.launcher, *words, "--state", run.path(f"{name}.state"),
                 "--socket", self.socket]
        self.process = run.start(host, words, name)

    def cli(self, *words, timeout=CLI_SECONDS_MAX, check=True):
        return self.run.command([*self.launcher, *map(str, words), "--socket", self.socket],
                                timeout, check)

    def json(self, *words):
        out = self.cli(*words, "--json").stdout
        try:
            return json.loads(out)
        except ValueError as e:
            raise CheckFailed(f"{self.name}: {' '.join(words)} --json is not JSON: "
                              f"{out[:200]!r}") from e

    def status(self):
        """What `status --json` shows, or None while the daemon does not answer.

        Asked at the control socket itself: a JVM for each look would take the processors away from
        the nodes that are waited for.
        """
        try:
            return self.ask("/v1/status")
        except (OSError, ValueError, http.client.HTTPException):
            return None

    def ask(self, path):
        """The JSON that the control API answers to a GET."""
        return json.loads(self.text(path))

    def text(self, path):
        """What the control API answers to a GET."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(CLI_SECONDS_MAX)
            s.connect(self.socket)
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: p2pvpn\r\nConnection: close\r\n\r\n".encode())
            response = http.client.HTTPResponse(s)
            response.begin()
            body = response.read()
        if response.status != 200:
            raise OSError(f"{path}: {response.status}")
        return body.decode()

    def refresh(self):
        """Ask for the status and remember it; the joined namespace's entry, or None."""
        self.facts = self.status() or self.facts
        spaces = self.facts.get("namespaces", [])
        return next((s for s in spaces if s["state"] == "joined"), None)

    @property
    def space(self):
        """The namespace that it joined, as last seen."""
        return next(s for s in self.facts["namespaces"] if s["state"] == "joined")

    def address(self, family=4):
        """Its virtual address of a family, without the prefix length, or None."""
        found = [a.split("/")[0] for a in self.space.get("virtualIps", [])]
        if family == 4 and self.space.get("virtualIp"):
            found.insert(0, self.space["virtualIp"].split("/")[0])
        return next((a for a in found if (":" in a) == (family == 6)), None)

    @property
    def ids(self):
        """Its overlay IDs: in the namespace's ring and in the public ring."""
        return {self.space["overlayId"], self.facts.get("overlayId")} - {None}

    @property
    def device(self):
        return self.space.get("device") or "p2p0"

    def neighbours(self):
        ring = self.space.get("ring") or {}
        return set(ring.get("successors", [])) | set(ring.get("predecessors", []))

    def peers(self):
        return self.ask("/v1/peers").get("peers", [])

    def row_of(self, other):
        """What it shows of a fellow member, or None while there is no session."""
        return next((p for p in self.peers()
                     if p["namespace"] and p["virtualIp"] == other.address()), None)

    def path_to(self, other):
        """The path that its traffic to a fellow member takes, or None."""
        row = self.row_of(other)
        return next((p for p in row["paths"] if p["active"]), None) if row else None

    def metrics(self):
        """Metric name with labels -> value."""
        return parse_metrics(self.cli("metrics").stdout)

    def counters(self):
        """As metrics, asked at the control socket itself."""
        return parse_metrics(self.text("/metrics"))


def parse_metrics(text):
    """Metric name with labels -> value."""
    return {m[1]: float(m[2]) for m in re.finditer(r"^([A-Za-z_:][\w:]*(?:\{.*\})?)\s+(\S+)", text, re.M)}


def api(node, path):
    """A document of the node's control API, without the time that starting a command takes."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(node.socket)
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: p2pvpn\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while block := s.recv(65536):
                answer += block
        return json.loads(answer.partition(b"\r\n\r\n")[2])
    except (OSError, ValueError):
        return None


def wait_online(node, timeout=30):
    """Until a bootstrap answers."""
    wait_all([node], timeout, "answer", lambda n: n.status())


def wait_joined(nodes, timeout=60):
    """Until every node says that it is a member and its device is up; the seconds it took."""
    return wait_all(nodes, timeout, "join", lambda n: n.refresh())


def wait_all(nodes, timeout, verb, reached):
    started = time.monotonic()
    waiting = list(nodes)
    while waiting:
        for node in list(waiting):
            if reached(node):
                waiting.remove(node)
            elif not node.process.running:
                raise CheckFailed(f"{node.name} ended with exit "
                                  f"{node.process.child.returncode}\n{node.process.tail()}")
        if waiting and time.monotonic() - started > timeout:
            names = ", ".join(n.name for n in waiting)
            raise CheckFailed(f"{names} did not {verb} within {timeout} s\n"
                              f"{waiting[0].process.tail()}")
        if waiting:
            time.sleep(0.3)
    return time.monotonic() - started


def wait_stable(nodes, timeout=60, rounds=2):
    """Until the neighbour lists of all nodes stay the same for some looks in a row."""
    last, same, started = None, 0, time.monotonic()
    while same < rounds:
        for node in nodes:
            node.refresh()
        now = [sorted(n.neighbours()) for n in nodes]
        same = same + 1 if now == last else 0
        last = now
        if time.monotonic() - started > timeout:
            raise CheckFailed(f"the ring did not settle within {timeout} s")


def members(run, hosts, endpoint, name=lambda host: host, namespace="lab", timeout=90):
    """Start a member on each host and wait until all are in; the nodes.

    A few at a time: real hosts have processors of their own, here all JVMs start on the same two.
    """
    nodes, seconds = [], 0
    for i in range(0, len(hosts), STARTS_AT_ONCE):
        starting = [run.join(h, endpoint, name(h), namespace) for h in hosts[i:i + STARTS_AT_ONCE]]
        seconds += wait_joined(starting, timeout)
        nodes += starting
    say(f"  {len(nodes)} members joined within {seconds:.1f} s: "
        + ", ".join(f"{n.name} {n.address()}" for n in nodes[:4])
        + (" ..." if len(nodes) > 4 else ""))
    return nodes


# ----------------------------------------------------------------- measurements

def ping(run, host, target, count=1, interval=0.2, wait=10):
    """Round trips in ms of the replies that came; one list entry per reply."""
    family = "-6" if ":" in target else "-4"
    r = run.exec(host, "ping", family, "-n", "-c", count, "-i", interval, "-W", wait, target,
                 check=False, timeout=count * (interval + wait) + 10)
    return [float(v) for v in re.findall(r"time[=<]([\d.]+)", r.stdout)]


def ping_all(run, nodes, family=4, count=3, label=""):
    """Every node pings every other; fails unless all replies came. Returns all round trips."""
    times, lost = [], []
    for source in nodes:
        for target in nodes:
            if source is target:
                continue
            if not target.address(family):
                raise CheckFailed(f"{target.name} has no virtual IPv{family} address")
            got = ping(run, source.host, target.address(family), count)
            times += got
            if len(got) < count:
                lost.append(f"{source.name}->{target.name} {count - len(got)}/{count}")
    sent = len(nodes) * (len(nodes) - 1) * count
    say(f"  ping IPv{family} all-to-all{label}: {len(times)} of {sent} replies, median "
        f"{median(times):.2f} ms, max {max(times, default=0):.2f} ms")
    if lost:
        raise CheckFailed(f"ping IPv{family}{label} lost: {', '.join(lost)}")
    return times


def median(values):
    return statistics.median(values) if values else float("nan")


def iperf3(run, source, target_host, target, seconds=8, omit=1, streams=1, reverse=False,
           extra=(), port=5299):
    """One TCP run; {"mbit", "retransmits", "congestion"} as the receiving side counts.

    "gigabytes" is all that the asking side sent or received, also while nothing counted yet.
    """
    server = run.start(target_host, ["iperf3", "-s", "-1", "-p", port, "--forceflush"],
                       f"iperf3-{target_host}-{time.monotonic_ns()}", "listening")
    try:
        words = ["iperf3", "-J", "-c", target, "-p", port, "-t", seconds, "-O", omit,
                 "-P", streams, *(["-R"] if reverse else []), *extra]
        out = run.exec(source, *words, timeout=seconds + omit + 30, check=False).stdout
    finally:
        server.end()
        run.processes.remove(server)
    try:
        result = json.loads(out)
        end = result["end"]
        return {"mbit": end["sum_received"]["bits_per_second"] / 1e6,
                "retransmits": end["sum_sent"].get("retransmits"),
                "gigabytes": sum(i["sum"]["bytes"] for i in result["intervals"]) / 1e9,
                "congestion": end.get("sender_tcp_congestion", "?")}
    except (ValueError, KeyError) as e:
        raise CheckFailed(f"iperf3 {source} -> {target}: "
                          f"{out.strip()[-300:] or 'no output'}") from e
