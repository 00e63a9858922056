"""Two ways to join N hosts: a mesh of members, and a server that all packets pass."""
import json
import os
import time

import harness
from bench.contenders.base import first_line
from bench.contenders.openvpn import CIPHER, make_key
from bench.contenders.p2pvpn import jdk
from harness import say

PORT = 1194
BOOTSTRAP_PORT = 4001
KEEPALIVE = ("10", "60")
JOIN_SECONDS_MAX = 240


class Network:
    """N hosts that reach each other, and one host more that helps: its bootstrap node, or its server.

    Like a contender of the other benchmarks it has `daemons` by host, for the meters.
    """
    key = ""
    name = ""
    own = False
    is_java = False
    tools = ()

    def __init__(self, hosts, helper, endpoint):
        self.hosts, self.helper, self.endpoint = hosts, helper, endpoint
        self.daemons = {}
        self.addresses = {}             # host -> its address in the VPN
        self.first_start = self.last_start = None

    def launch(self, run, at_once):
        """Start everything, so many at a time; notes when the first and the last process began.

        The first host is in before the others begin: who founds a namespace waits some seconds on purpose.
        """
        self.start_helper(run)
        batches = [self.hosts[:1]] + [self.hosts[i:i + at_once] for i in range(1, len(self.hosts), at_once)]
        for i, batch in enumerate(batches):
            for host in batch:
                self.last_start = time.monotonic()
                self.start_member(run, host)
            self.wait_joined(batch)
            if 0 < i < len(batches) - 1:
                say(f"      {len(self.addresses)} of {len(self.hosts)} are in")

    def start_helper(self, run):
        raise NotImplementedError

    def start_member(self, run, host):
        raise NotImplementedError

    def wait_joined(self, hosts):
        """Until these have addresses in the VPN."""
        raise NotImplementedError

    def pid(self, host):
        return self.daemons[host][0].child.pid

    def connections(self):
        """Host -> how many connections it keeps."""
        raise NotImplementedError

    def indirect(self):
        """How many ordered pairs do not go directly from host to host; None where that is not meant to be."""
        return None

    def warm_up_seconds(self):
        """Of each kind of load, before it is measured."""
        return 2

    def describe(self):
        raise NotImplementedError


class Mesh(Network):
    """p2pvpn with its defaults; the bootstrap node on the host that helps."""
    key = "p2pvpn"
    name = "p2pvpn"
    own = True
    is_java = True

    def __init__(self, hosts, helper, endpoint):
        super().__init__(hosts, helper, endpoint)
        self.nodes = {}

    def start_helper(self, run):
        run.build()
        self.first_start = time.monotonic()
        node = run.bootstrap(self.helper, BOOTSTRAP_PORT)
        harness.wait_online(node)
        self.daemons[self.helper] = [node.process]
        self.nodes[self.helper] = node

    def start_member(self, run, host):
        self.nodes[host] = run.join(host, f"{self.endpoint}:{BOOTSTRAP_PORT}")
        self.daemons[host] = [self.nodes[host].process]

    def wait_joined(self, hosts):
        harness.wait_joined([self.nodes[h] for h in hosts], JOIN_SECONDS_MAX)
        self.addresses.update({h: self.nodes[h].address() for h in hosts})

    def connections(self):
        # A session is listed once for each ring that it serves; where it leads is the same.
        return {h: len({path["remote"] for p in node.peers() for path in p["paths"] if path["active"]})
                for h, node in self.nodes.items()}

    def indirect(self):
        missing = 0
        for host in self.hosts:
            direct = {p["virtualIp"] for p in self.nodes[host].peers() if p["namespace"]
                      and any(path["active"] and path["kind"] == "udp" for path in p["paths"])}
            missing += sum(other != host and self.addresses[other] not in direct for other in self.hosts)
        return missing

    def warm_up_seconds(self):
        # All JVMs compile on the same few processors.
        return 5 + len(self.hosts)

    def describe(self):
        node = self.nodes[self.hosts[0]]
        home = os.path.dirname(os.path.dirname(os.path.realpath(f"/proc/{node.process.child.pid}/exe")))
        return f"{node.facts.get('version', '?')}, {jdk(home)}, its defaults; a bootstrap node on a host of its own"


class Star(Network):
    """OpenVPN in server mode on the host that helps; clients reach each other through it."""
    key = "openvpn"
    name = "OpenVPN server"
    tools = ("openvpn", "openssl")
    device = "ovpn0"

    def start_helper(self, run):
        self.run = run
        self.version = first_line(run, "openvpn", "--version").split()[1]
        for name in (self.helper, *self.hosts):
            make_key(run, name)
        self.prints = {name: fingerprint(run, name) for name in (self.helper, *self.hosts)}
        config = run.path("server.conf")
        with open(config, "w") as f:
            f.write("\n".join([
                "mode server", "tls-server", "topology subnet", "server 10.99.0.0 255.255.255.0", "client-to-client",
                "dh none", f"port {PORT}", "keepalive " + " ".join(KEEPALIVE), "<peer-fingerprint>",
                *(self.prints[h] for h in self.hosts), "</peer-fingerprint>", ""]))
        self.first_start = time.monotonic()
        self.openvpn(run, self.helper, ["--config", config])
        self.daemons[self.helper][0].wait_for("Initialization Sequence Completed", 30)

    def start_member(self, run, host):
        self.openvpn(run, host, ["--client", "--remote", self.endpoint, PORT, "--nobind", "--peer-fingerprint",
                                 self.prints[self.helper]])

    def openvpn(self, run, host, words):
        self.daemons[host] = [run.start(host, [
            "openvpn", "--dev", self.device, "--dev-type", "tun", "--proto", "udp", "--cert", run.path(f"{host}.crt"),
            "--key", run.path(f"{host}.key"), "--data-ciphers", CIPHER, "--disable-dco", "--verb", "3", *words],
            f"openvpn-{host}")]

    def wait_joined(self, hosts):
        for host in hosts:
            self.daemons[host][0].wait_for("Initialization Sequence Completed", JOIN_SECONDS_MAX)
            shown = json.loads(self.run.exec(host, "ip", "-j", "-4", "address", "show", "dev", self.device).stdout)
            self.addresses[host] = shown[0]["addr_info"][0]["local"]

    def connections(self):
        return {self.helper: len(self.hosts), **dict.fromkeys(self.hosts, 1)}

    def describe(self):
        return (f"{self.version}, mode server, client-to-client, {CIPHER}, UDP, user space, keepalive "
                f"{' '.join(KEEPALIVE)}; the server on a host of its own")


def fingerprint(run, name):
    out = run.command(["openssl", "x509", "-in", run.path(f"{name}.crt"), "-noout", "-sha256", "-fingerprint"]).stdout
    return out.strip().partition("=")[2]


REGISTRY = {n.key: n for n in (Star, Mesh)}


def require():
    harness.require("ip", "iperf3", "gcc", *(tool for n in REGISTRY.values() for tool in n.tools))

