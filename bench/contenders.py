"""Ways from a to b of the pair topology that can be timed against each other.

A contender is started once, stays up through all rounds, and has a `target`: the
address of b that leads through it. `measure` runs them in turn, round by round, so
that a slow minute of the machine falls on all of them.
"""
import json
import os
import re
import time

import harness
from harness import CheckFailed, median, say

BUSY_SAMPLE_SECONDS = 0.5
BUSY_SHARE_MAX = 0.15       # of the machine; above it a run is marked as disturbed
WARM_UP_SECONDS = 3
LOSSY_RETRANSMITS = 1000    # in one run; more call for the witnesses
OPENVPN_PORT = 1194


class Bare:
    """The link itself."""
    name = "bare link"
    tools = ()

    def start(self, _run, addresses):
        self.target = addresses["b"][0]

    def describe(self):
        return "no tunnel"


class OpenVpn:
    """OpenVPN between the two hosts, in user space, with keys made for this run.

    Point to point over UDP: b waits, a calls. Each side pins the other's self-signed
    certificate by its fingerprint. Settings are the defaults otherwise.
    """
    name = "OpenVPN"
    tools = ("openvpn", "openssl")
    target = "10.99.0.2"
    cipher = "AES-256-GCM"

    def start(self, run, addresses):
        for side in "ab":
            self.make_key(run, side)
        version = run.command(["openvpn", "--version"], check=False).stdout.split()
        self.version = version[1] if len(version) > 1 else "?"
        server = self.launch(run, "b", "a", ["--tls-server", "--dh", "none", "--ifconfig",
                                             "10.99.0.2", "10.99.0.1"])
        client = self.launch(run, "a", "b", ["--tls-client", "--remote", addresses["b"][0],
                                             "--ifconfig", "10.99.0.1", "10.99.0.2"])
        for side in (server, client):
            side.wait_for("Initialization Sequence Completed", 30)
        if f"Data Channel: cipher '{self.cipher}'" not in client.output():
            raise CheckFailed(f"OpenVPN did not choose {self.cipher}\n{client.tail(30)}")

    @staticmethod
    def make_key(run, side):
        run.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                     f"/CN={side}", "-keyout", run.path(f"{side}.key"), "-out",
                     run.path(f"{side}.crt")])

    def launch(self, run, side, other, words):
        fingerprint = run.command(["openssl", "x509", "-in", run.path(f"{other}.crt"), "-noout",
                                   "-sha256", "-fingerprint"]).stdout.strip().partition("=")[2]
        return run.start(side, [
            "openvpn", "--dev", "ovpn0", "--dev-type", "tun", "--proto", "udp", "--port",
            OPENVPN_PORT, "--cert", run.path(f"{side}.crt"), "--key", run.path(f"{side}.key"),
            "--peer-fingerprint", fingerprint, "--data-ciphers", self.cipher, "--cipher",
            self.cipher, "--disable-dco", "--verb", "4", *words], f"openvpn-{side}")

    def describe(self):
        return f"{self.version}, {self.cipher}, UDP, user space"


class P2pvpn:
    """Two members and a bootstrap in the router between them."""
    name = "p2pvpn"
    tools = ()

    def start(self, run, _addresses):
        run.build()
        harness.wait_online(run.bootstrap("wan"))
        self.nodes = harness.members(run, ["a", "b"], "10.77.1.1:4001")
        self.target = self.nodes[1].address()

    def witnesses(self, run):
        """Where packets can have been lost since the start: all counters of drops that are not 0."""
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

    def describe(self):
        facts = self.nodes[0].facts
        return f"{facts.get('version', '?')}, MTU {self.nodes[0].space.get('mtu', '?')}, {jdk()}"


CONTENDERS = {"bare": Bare, "openvpn": OpenVpn, "p2pvpn": P2pvpn}


def link_drops(run, host):
    """(device and counter, value) of everything that the devices of a host dropped."""
    links = json.loads(run.exec(host, "ip", "-j", "-s", "link").stdout)
    for link in links:
        for side, counters in link.get("stats64", {}).items():
            for name, value in counters.items():
                yield f"{link['ifname']}.{side}.{name}", str(value)


def jdk():
    home = os.environ.get("P2PVPN_JAVA_HOME") or os.environ.get("JAVA_HOME")
    return f"JDK {os.path.basename(home)}" if home else "the launcher's JDK"


def start_all(run, names, offload, up_words=()):
    """The pair topology with these contenders up and warm; the contenders."""
    chosen = [CONTENDERS[n]() for n in names]
    harness.require("ip", "ping", "iperf3", *(t for c in chosen for t in c.tools))
    addresses = run.up("pair", "--offload", offload, *up_words)
    for c in chosen:
        c.start(run, addresses)
        if len(harness.ping(run, "a", c.target, 3)) < 1:
            raise CheckFailed(f"{c.name}: b does not answer at {c.target}")
    return chosen


def measure(run, contenders, rounds, seconds, **iperf3_options):
    """Interleaved runs; contender name -> list of results, one per round."""
    results = {c.name: [] for c in contenders}
    for c in contenders:                # compilers and congestion control get to know the way
        harness.iperf3(run, "a", "b", c.target, WARM_UP_SECONDS, omit=0, **iperf3_options)
    for n in range(1, rounds + 1):
        for c in contenders:
            busy = busy_share()
            result = harness.iperf3(run, "a", "b", c.target, seconds, **iperf3_options)
            result["busyBefore"] = busy
            results[c.name].append(result)
            if result["retransmits"] > LOSSY_RETRANSMITS and hasattr(c, "witnesses"):
                result["witnesses"] = c.witnesses(run)
            mark = f"  (machine {busy:.0%} busy before)" if busy > BUSY_SHARE_MAX else ""
            say(f"  round {n} {c.name:10} {result['mbit']:8.0f} Mbit/s  "
                f"{result['retransmits']} retransmissions{mark}")
            for line in result.get("witnesses", []):
                say(f"    {line}")
    return results


def busy_share():
    """How much of the machine's processors is in use while nothing is being timed."""
    def sample():
        with open("/proc/stat") as f:
            fields = [int(v) for v in f.readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]       # idle and waiting for disks
    all0, idle0 = sample()
    time.sleep(BUSY_SAMPLE_SECONDS)
    all1, idle1 = sample()
    return 1 - (idle1 - idle0) / max(1, all1 - all0)


def ratio(results, name, reference):
    """Median over the rounds of name's speed divided by the reference's in the same round.

    None when one of the two did not run.
    """
    if name not in results or reference not in results:
        return None
    return median([x["mbit"] / y["mbit"] for x, y in zip(results[name], results[reference])])


def summary(contenders, results):
    """One row per contender: medians and ratios."""
    rows = []
    for c in contenders:
        runs = results[c.name]
        rows.append({
            "name": c.name, "about": c.describe(),
            "mbit": median([r["mbit"] for r in runs]),
            "mbitMin": min(r["mbit"] for r in runs), "mbitMax": max(r["mbit"] for r in runs),
            "retransmits": median([r["retransmits"] or 0 for r in runs]),
            "toBare": ratio(results, c.name, Bare.name),
            "toOpenVpn": ratio(results, c.name, OpenVpn.name),
            "disturbed": sum(r["busyBefore"] > BUSY_SHARE_MAX for r in runs)})
    return rows


def table(rows):
    """A markdown table of a summary."""
    lines = ["| contender | TCP Mbit/s, median (min-max) | x bare link | x OpenVPN | "
             "retransmissions | what |", "|---|---:|---:|---:|---:|---|"]
    for r in rows:
        about = r["about"] + (f"; runs begun on a busy machine: {r['disturbed']}" if r["disturbed"] else "")
        lines.append(f"| {r['name']} | {r['mbit']:.0f} ({r['mbitMin']:.0f}-{r['mbitMax']:.0f}) | "
                     f"{number(r['toBare'])} | {number(r['toOpenVpn'])} | {r['retransmits']:.0f} | "
                     f"{about} |")
    return "\n".join(lines)


def number(value):
    return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"
