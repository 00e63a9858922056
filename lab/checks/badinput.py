"""What cannot be is refused in one line that says what to do, with the right exit code, and leaves nothing behind."""
import contextlib
import ctypes
import glob
import json
import os
import re
import shutil
import socket
import time

from harness import PREFIX, CheckFailed, Node, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
AWAY = "10.79.1.99:4001"
FIRST_JOIN_SECONDS_MAX = 45
HOST = "h2"
CLONE_NEWNET = 0x40000000
INSIDE = "10.50.0.0/24"
FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"


def check(run, _args):
    require("ip", "faketime")
    run.build()
    run.up("hosts", "--count", 2)
    wait_online(run.bootstrap("wan"))
    member = run.add_node(Node(run, "h1", "h1", ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open",
                                                  "--cidr", INSIDE, "--name", "h1"]))
    wait_joined([member])
    for number, case in enumerate(CASES):
        attempt(run, number, member, *case)


class Try:
    """One attempt in a directory of its own, and what is made wrong for it."""

    def __init__(self, run, number, member):
        self.run, self.member = run, member
        self.directory = run.path(f"try{number}")
        self.state = f"{self.directory}/state"
        self.socket = f"{self.directory}/s"
        os.mkdir(self.directory)
        self.before, self.after = [], contextlib.ExitStack()
        self.words = []

    def path(self, name):
        return f"{self.directory}/{name}"

    def file(self, name, content, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)
        return path

    def device(self, *words):
        """Make a network device in the host, for as long as the attempt lasts."""
        name = words[0]
        self.run.exec(HOST, "ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}x")
        self.after.callback(self.run.exec, HOST, "ip", "link", "del", name)
        for address in words[1:]:
            self.run.exec(HOST, "ip", "address", "add", address, "dev", name)
        self.run.exec(HOST, "ip", "link", "set", name, "up")

    def joined_state(self, *words):
        """The state of a node that was a member and has stopped."""
        node = Node(self.run, HOST, os.path.basename(self.directory),
                    ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open", "--no-tun", *words])
        wait_joined([node])
        node.process.end()
        shutil.copytree(self.run.path(f"{node.name}.state"), self.state)


def attempt(run, number, member, title, prepare, words, code, pattern):
    trial = Try(run, number, member)
    with trial.after:
        given = prepare(trial) or []
        line = [*trial.before, run.launcher, *words, *given]
        if words[0] in ("join", "bootstrap"):
            line += ["--state", trial.state, "--socket", trial.socket]
        namespaces, before = listing(f"{trial.state}/namespaces"), devices(run)
        started = time.monotonic()
        done = run.exec(HOST, *line, timeout=FIRST_JOIN_SECONDS_MAX, check=False)
        seconds = time.monotonic() - started
        shown = " ".join(line[len(trial.before) + 1:]).replace(trial.directory, "DIR")
        lines = [each for each in done.stderr.strip().splitlines()]
        last = lines[-1].replace(trial.directory, "DIR") if lines else ""
        say(f"  {title}:\n    p2pvpn {shown}\n    {last}\n    exit {done.returncode} ({seconds:.1f} s)")
        if done.returncode != code:
            raise CheckFailed(f"{title}: exit {done.returncode}, wanted {code}: {done.stderr.strip()[-600:]}")
        if not re.search(pattern, last):
            raise CheckFailed(f"{title}: no /{pattern}/ in: {done.stderr.strip()[-600:]}")
        if "\tat " in done.stderr or "Exception" in done.stderr:
            raise CheckFailed(f"{title}: a stack trace: {done.stderr.strip()[-600:]}")
        left = sorted(devices(run) - before)
        if left or os.path.exists(trial.socket) or listing(f"{trial.state}/namespaces") != namespaces:
            raise CheckFailed(f"{title}: left behind: devices {left}, {sorted(os.listdir(trial.directory))}, "
                              f"{listing(f'{trial.state}/namespaces')}")


def devices(run):
    return {d["ifname"] for d in json.loads(run.exec(HOST, "ip", "-j", "link").stdout)}


def listing(directory):
    return sorted(os.listdir(directory)) if os.path.isdir(directory) else []


# ------------------------------------------------------------- what is made wrong

def nothing(_trial):
    pass


def port_taken(trial):
    with in_namespace(HOST):
        taken = trial.after.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        taken.bind(("0.0.0.0", 4555))


@contextlib.contextmanager
def in_namespace(host):
    """Sockets that are made meanwhile are of that host."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{PREFIX}{host}", os.O_RDONLY)
    try:
        setns(there)
        yield
    finally:
        setns(own)
        os.close(own)
        os.close(there)


def setns(descriptor):
    """setns(2) for a network namespace; Python has it from 3.12 on."""
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
        raise CheckFailed("setns failed")


def state_in_use(trial):
    """Another daemon runs with that state directory."""
    node = Node(trial.run, HOST, os.path.basename(trial.directory), ["bootstrap"])
    trial.after.callback(node.process.end)
    wait_online(node)
    trial.state = trial.run.path(f"{node.name}.state")


def clock_off(trial):
    """The program's calls for the time are answered by libfaketime (package faketime)."""
    trial.before = ["env", f"LD_PRELOAD={glob.glob(FAKETIME)[0]}", "FAKETIME=+1100d", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                    "FAKETIME_NO_CACHE=1"]


def not_root(trial):
    os.chmod(trial.run.directory, 0o711)
    os.chown(trial.directory, 65534, 65534)
    trial.before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]


def no_tun(trial):
    trial.before = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev/net && exec "$@"', "sh"]


def full_disk(trial):
    os.mkdir(trial.state)
    trial.before = ["unshare", "--mount", "sh", "-c",
                    f'mount -t tmpfs -o size=4k none {trial.state} && head -c 4096 /dev/zero > {trial.state}/x; exec "$@"',
                    "sh"]


def address_taken(trial):
    return ["--ip", trial.member.address()]


def device_taken(trial):
    trial.device("p2p7")
    return ["--device", "p2p7"]


def route_collides(trial):
    trial.device("lan0", "10.50.0.77/16")


def config(text):
    return lambda trial: ["--config", trial.file("p.toml", text)]


def certificate(trial):
    return ["--tls-certificate", trial.file("c.pem", "no certificate"), "--tls-key", trial.file("k.pem", "no key")]


def identity(content):
    def prepare(trial):
        trial.file("state/identity", content)
    return prepare


def namespace_state(change):
    def prepare(trial):
        trial.joined_state()
        path = trial.path("state/namespaces/lab")
        with open(path, "rb") as f:
            content = f.read()
        trial.file("state/namespaces/lab", change(content))
    return prepare


def sealed(*given):
    """A state that is sealed under a passphrase, which the attempt must leave as it is."""
    def prepare(trial):
        trial.joined_state("--passphrase-file", trial.file("right", "correct horse\n"))
        trial.file("wrong", "correct house\n")
        trial.after.callback(unchanged, trial.state, contents(trial.state))
        return [word.replace("DIR", trial.directory) for word in given]
    return prepare


def contents(directory):
    files = {}
    for path in glob.glob(f"{directory}/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                files[path] = f.read()
    if not files[f"{directory}/identity"].startswith(b"p2pseal"):
        raise CheckFailed("the identity is not sealed")
    return files


def unchanged(directory, before):
    if contents(directory) != before:
        raise CheckFailed("the state directory was changed")


JOIN = ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open"]
CASES = [
    ("a port that is taken", port_taken, ["bootstrap", "--listen", "4555"], 1, "4555.*(taken|use)"),
    ("a state directory that is in use", state_in_use, ["bootstrap"], 1, "state directory .* --state"),
    ("no root", not_root, JOIN, 4, "root or CAP_NET_ADMIN"),
    ("no /dev/net/tun", no_tun, JOIN, 1, "/dev/net/tun"),
    ("an unknown host", nothing,
     ["join", "--bootstrap", "nowhere.invalid:4001", "--namespace", "lab", "--open", "--no-lan-discovery"], 5,
     "nowhere.invalid"),
    ("a bootstrap node that cannot be reached", nothing,
     ["join", "--bootstrap", AWAY, "--namespace", "lab", "--open", "--no-lan-discovery"], 5, AWAY),
    ("a name that no namespace can have", nothing, ["join", "--bootstrap", BOOTSTRAP, "--namespace", "a/b"], 2, "a/b"),
    ("a configuration that is no TOML", config("namespace = lab\n"), ["join"], 2, "p.toml:1: "),
    ("a setting that there is not", config('namespace = "lab"\nboostrap = "x"\n'), ["join"], 2, "p.toml:2: 'boostrap'"),
    ("a certificate that is none", certificate, ["bootstrap", "--listen", "tls:4443"], 1, "certificate"),
    ("an identity that is cut off", identity(b"\x01" + bytes(20)), JOIN, 1, "identity .* damaged"),
    ("an identity of another version", identity(b"\x09" + bytes(68)), JOIN, 1, "identity .*version"),
    ("a namespace's state that is cut off", namespace_state(lambda content: content[:len(content) // 2]),
     [*JOIN, "--no-tun"], 1, "namespaces/lab .* damaged"),
    ("a namespace's state of another version", namespace_state(lambda content: b"\x08\x63" + content[2:]),
     [*JOIN, "--no-tun"], 1, "namespaces/lab .* another version"),
    ("a sealed state without a passphrase", sealed(), [*JOIN, "--no-tun"], 4,
     "sealed under a passphrase.*--passphrase-file"),
    ("a sealed state with a wrong passphrase", sealed("--passphrase-file", "DIR/wrong"), [*JOIN, "--no-tun"], 4,
     "the passphrase is not the one.*--passphrase-file"),
    ("a passphrase file that is not there", sealed("--passphrase-file", "DIR/none"), [*JOIN, "--no-tun"], 1,
     "there is no file DIR/none"),
    ("an address outside of the range that is asked for", nothing,
     ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab2", "--open", "--cidr", INSIDE, "--ip", "10.51.0.1"], 2,
     "10.51.0.1"),
    ("an address outside of the namespace", nothing, [*JOIN, "--ip", "10.51.0.1"], 1, "10.51.0.1"),
    ("an address that is taken", address_taken, JOIN, 1, "10.50.0.* (taken|held|in use)"),
    ("a network of this host in the way", route_collides, JOIN, 1, "collide.*--cidr"),
    ("a device name that is taken", device_taken, JOIN, 1, "p2p7"),
    ("a clock that is three years off", clock_off, [*JOIN, "--no-tun", "--no-lan-discovery"], 1, "clock"),
    ("a full disk", full_disk, [*JOIN, "--no-tun"], 1, "(No space|full|cannot write)"),
]
