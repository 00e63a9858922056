"""p2pvpn with its defaults, in variants: another JDK, other JVM switches, another build."""
import json
import os
import re

import harness
from bench.contenders.base import Contender
from harness import CheckFailed, Node

BOOTSTRAP_PORT = 4001


class P2pvpn(Contender):
    """Two members, and a bootstrap in the router that carries nothing.

    A variant has a name and environment variables of its own; LAUNCHER among them names
    another p2pvpn command. Each is a network of its own.
    """
    key = "p2pvpn"
    warm_up_seconds = 3

    def __init__(self, name="p2pvpn", environment=None, number=0):
        super().__init__()
        self.name = name
        self.environment = environment or {}
        self.number = number

    def launcher(self, run):
        rest = {k: v for k, v in self.environment.items() if k != "LAUNCHER"}
        command = self.environment.get("LAUNCHER", run.launcher)
        return ["env", *(f"{k}={v}" for k, v in rest.items()), command]

    def node(self, run, host, name, *words):
        unique = f"p2pvpn{self.number}-{name}"
        return run.add_node(Node(run, host, unique, [*words, "--no-lan-discovery"], self.launcher(run)))

    def member(self, run, host, endpoint, *words):
        # Other contenders' devices are ways to the other host as well.
        return self.node(run, host, host, "join", "--bootstrap", endpoint, "--namespace",
                         f"bench{self.number}", "--open", "--name", host, "--cidr",
                         f"10.98.{self.number}.0/24", "--interface", "eth0=on", "--interface", "*=off", *words)

    def start(self, run, addresses):
        router = addresses["a"][0].rpartition(".")[0] + ".1"
        port = BOOTSTRAP_PORT + self.number
        run.command([*self.launcher(run), "--version"], timeout=900)    # builds what has to be built
        bootstrap = self.node(run, "wan", "bootstrap", "bootstrap", "--listen", str(port))
        harness.wait_online(bootstrap)
        self.nodes = [self.member(run, host, f"{router}:{port}") for host in "ab"]
        harness.wait_joined(self.nodes)
        self.daemons = {node.host: [node.process] for node in self.nodes}
        self.target = self.nodes[1].address()

    def device(self, host):
        return next(n.device for n in self.nodes if n.host == host)

    def describe(self):
        pid = self.nodes[0].process.child.pid
        home = os.path.dirname(os.path.dirname(os.path.realpath(f"/proc/{pid}/exe")))
        about = [self.nodes[0].facts.get("version", "?"), jdk(home),
                 f"MTU {self.nodes[0].space.get('mtu', '?')}"]
        about += [f"{k}={v}" for k, v in self.environment.items() if k != "P2PVPN_JAVA_HOME"]
        return ", ".join(about)

    def witnesses(self, run):
        """All counters of drops that are not 0, and the paths in use."""
        found = []
        for node in self.nodes:
            lines = run.exec(node.host, "nstat", "-asz", check=False).stdout.splitlines()
            lines += [" ".join(words) for words in link_drops(run, node.host)]
            found += [f"{node.name}: {' '.join(line.split()[:2])}" for line in lines
                      if re.search("drop|err|prune|discard", line, re.I) and line.split()[1] != "0"]
            found += [f"{node.name}: {name} {value:.0f}" for name, value in node.metrics().items()
                      if "drop" in name and value]
            for peer in node.peers():
                found += [f"{node.name}: {peer.get('name')} over {path}" for path in peer["paths"]
                          if path["active"]]
        with open("/proc/net/softnet_stat") as f:
            found += [f"processor {i}: backlog drops {int(line.split()[1], 16)}"
                      for i, line in enumerate(f) if int(line.split()[1], 16)]
        return found


def variant(text):
    """(name, environment) of "NAME VARIABLE=VALUE ..."."""
    name, *words = text.split()
    pairs = [w.partition("=") for w in words]
    if not all(equals for _, equals, _ in pairs):
        raise CheckFailed(f'--p2pvpn: "NAME VARIABLE=VALUE ...", not "{text}"')
    return name, {key: value for key, _, value in pairs}


def variant_on(home):
    """(name, environment) of the p2pvpn that runs on the JDK in this directory."""
    if not os.access(f"{home}/bin/java", os.X_OK):
        raise CheckFailed(f"no bin/java in {home}")
    feature = jdk(home).split()[-1].split(".")[0]
    return f"p2pvpn JDK {feature}", {"P2PVPN_JAVA_HOME": home}


def link_drops(run, host):
    """(device and counter, value) of everything that the devices of a host dropped."""
    links = json.loads(run.exec(host, "ip", "-j", "-s", "link").stdout)
    for link in links:
        for side, counters in link.get("stats64", {}).items():
            for name, value in counters.items():
                yield f"{link['ifname']}.{side}.{name}", str(value)


def jdk(home):
    """ "Debian JDK 17.0.15" for the Java in a directory."""
    try:
        with open(f"{home}/release") as f:
            facts = dict(re.findall(r'^(\w+)="?(.*?)"?$', f.read(), re.M))
    except OSError:
        return f"JDK {os.path.basename(home)}"
    return f"{facts.get('IMPLEMENTOR', '')} JDK {facts.get('JAVA_VERSION', '?')}".strip()
