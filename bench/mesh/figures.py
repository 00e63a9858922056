"""What is measured of a network of N hosts; each measure has the columns of its table and the chart over N."""
import json
import time

import jvm
from bench import cost
from bench.measures.base import Chart, Column, Measure
from bench.mesh.load import OMIT_SECONDS, ask_all, stream_all
from bench.mesh.pairs import Pairs
from harness import CheckFailed, median

ANSWER_SECONDS_MAX = 120
DIRECT_SECONDS_MAX = 60


class MeshMeasure(Measure):
    """A measure of a network that is up, by the number of its hosts."""
    reference = None
    once = True             # what does not change from round to round

    def rounds(self):
        return 1 if self.once else self.args.rounds

    def label(self, case):
        return f"{self.title}, {case['hosts']} hosts"


class SetUp(MeshMeasure):
    """From nothing until all pairs answer."""
    name = "setup"
    title = "Set-up"
    about = ("Clocks stop at the last of the first answers that each ordered pair of hosts gives to a ping over the "
             "VPN. They start with the first process (server, or bootstrap node), and with the last one. The first "
             "host starts alone (it founds the namespace), the others {at_once} at a time, the next when these have an "
             "address. All pairs are asked once the last host has its address, 1 ms apart, those that do not answer "
             "again after 1 s. *Direct*: when no member has a pair left whose packets take a relay or the ring.")
    columns = (Column("first to last start, s", "startsSeconds", 1),
               Column("all pairs answer after the last start, s", "lastSeconds", 1),
               Column("after the first, s", "firstSeconds", 1),
               Column("all pairs direct after the last start, s", "directSeconds", 1))
    charts = (Chart("Last process started until all pairs answer", "lastSeconds", "s", "hosts", 1),)

    def seconds(self):
        return 30

    def take(self, run, network, case):
        network.launch(run, self.args.at_once)
        with Pairs(network.addresses) as pairs:
            answered = pairs.wait_all(ANSWER_SECONDS_MAX)
        figures = {"startsSeconds": network.last_start - network.first_start,
                   "lastSeconds": answered - network.last_start, "firstSeconds": answered - network.first_start}
        deadline = time.monotonic() + DIRECT_SECONDS_MAX
        while left := network.indirect():
            if time.monotonic() > deadline:
                raise CheckFailed(f"{left} pairs are not direct after {DIRECT_SECONDS_MAX} s")
            time.sleep(0.2)
        if left is not None:
            figures["directSeconds"] = time.monotonic() - network.last_start
        return figures


class Memory(MeshMeasure):
    """Of the processes, after the idle time."""
    name = "memory"
    title = "Memory"
    about = ("After the rest below, MB = 10^6 bytes; a host's are medians over the hosts. RSS counts pages that "
             "processes share in each, PSS divides them. Live heap: what a full collection leaves.")
    columns = (Column("connections of a host", "connections"), Column("RSS of a host, MB", "rssMb", 1),
               Column("PSS of a host, MB", "pssMb", 1), Column("not shared, MB", "anonymousMb", 1),
               Column("live heap, MB", "heapMb", 2), Column("connections of the helper", "helperConnections"),
               Column("RSS of the helper, MB", "helperRssMb", 1), Column("not shared, MB", "helperAnonymousMb", 1),
               Column("PSS of all, MB", "allPssMb", 0))
    charts = (Chart("PSS of all processes", "allPssMb", "MB", "hosts"),)

    def seconds(self):
        return 3

    def take(self, run, network, case):
        hosts = {h: memory_of(network, h) for h in network.hosts}
        helper = memory_of(network, network.helper)
        connections = network.connections()

        def middle(key):
            found = [f[key] for f in hosts.values() if f.get(key) is not None]
            return median(found) if found else None

        return {"connections": median([connections[h] for h in network.hosts]), "rssMb": middle("rss"),
                "pssMb": middle("pss"), "anonymousMb": middle("anonymous"), "heapMb": middle("heap"),
                "helperConnections": connections[network.helper], "helperRssMb": helper["rss"],
                "helperAnonymousMb": helper["anonymous"], "helperHeapMb": helper.get("heap"),
                "allPssMb": sum(f["pss"] for f in [helper, *hosts.values()])}


def memory_of(network, host):
    """Megabytes by kind, of the process on a host."""
    pid = network.pid(host)
    sums = jvm.rollup(pid)
    found = {"rss": sums["Rss"] / 1e6, "pss": sums["Pss"] / 1e6, "anonymous": sums["Anonymous"] / 1e6}
    if network.is_java:
        found["heap"] = jvm.live_heap(pid)[0] / 1e6
    return found


class Idle(MeshMeasure):
    """What the network does when nobody uses it."""
    name = "idle"
    title = "Idle"
    about = ("Over {idle} s after {rest} s without traffic: what eth0 of a host sent and received, with all headers "
             "from Ethernet on, and the processor time of its process. Medians over the hosts.")
    columns = (Column("bytes/s of a host", "hostBytes", 1), Column("packets/s of a host", "hostPackets", 2),
               Column("bytes/s for each connection", "connectionBytes", 1),
               Column("processor of a host, %", "hostShare", 2), Column("bytes/s of the helper", "helperBytes", 1),
               Column("processor of the helper, %", "helperShare", 2),
               Column("processor of all, %", "allShare", 1))
    charts = (Chart("Idle traffic of a host", "hostBytes", "bytes/s, sent and received", "hosts"),
              Chart("Idle processor time of all processes", "allShare", "% of one processor", "hosts", 1))

    def seconds(self):
        return self.args.rest + self.args.idle

    def take(self, run, network, case):
        time.sleep(self.args.rest)
        connections, before, started = network.connections(), traffic(network), time.monotonic()
        with cost.Meter(network) as spent:
            time.sleep(self.args.idle)
        seconds, after = time.monotonic() - started, traffic(network)
        rates = {h: [(b - a) / seconds for a, b in zip(before[h], after[h])] for h in before}
        share = {h: 100 * s / seconds for h, s in spent.by_host.items()}
        hosts = network.hosts
        return {"hostBytes": median([rates[h][0] for h in hosts]), "hostPackets": median([rates[h][1] for h in hosts]),
                "connectionBytes": median([rates[h][0] / connections[h] for h in hosts]),
                "hostShare": median([share[h] for h in hosts]), "helperBytes": rates[network.helper][0],
                "helperShare": share[network.helper], "allShare": sum(share.values()),
                "rates": rates}


def traffic(network):
    """Host -> (bytes, packets) that its uplink has sent and received."""
    found = {}
    for host in [*network.hosts, network.helper]:
        with open(f"/proc/{network.pid(host)}/net/dev") as f:
            row = next(line for line in f if line.strip().startswith("eth0:")).replace(":", " ").split()
        found[host] = (int(row[1]) + int(row[9]), int(row[2]) + int(row[10]))
    return found


class Throughput(MeshMeasure):
    """TCP by all disjoint pairs at once."""
    name = "throughput"
    title = "TCP by N/2 pairs at once"
    once = False
    about = ("One stream for each disjoint pair for {seconds} s after 1 s that does not count, as iperf3's receivers "
             "count. Every uplink, also the server's, carries {rate} Mbit/s each way.")
    columns = (Column("sum, Mbit/s", "mbit", 1, spread=True), Column("of a pair, Mbit/s", "pairMbit", 1),
               Column("smallest", "leastMbit", 1), Column("largest", "mostMbit", 1),
               Column("processor of all its processes, %", "daemonShare"),
               Column("of the machine, %", "machineShare"))
    charts = (Chart("TCP by N/2 pairs at once", "mbit", "Mbit/s, sum", "hosts"),)

    def seconds(self):
        return self.args.seconds + OMIT_SECONDS + 2

    def take(self, run, network, case):
        started = time.monotonic()
        with cost.Meter(network) as spent:
            outputs = stream_all(run, network, self.args.seconds)
        rates = [received(text) for text in outputs]
        return {"mbit": sum(rates), "pairMbit": median(rates), "leastMbit": min(rates), "mostMbit": max(rates),
                **shares(spent, started), "rates": rates}


class Transactions(MeshMeasure):
    """Request and response by all disjoint pairs at once."""
    name = "transactions"
    title = "Request and response by N/2 pairs at once"
    once = False
    about = ("One byte there and one back over one TCP connection for each disjoint pair, one at a time, for {seconds} "
             "s (`roundtrips.c`). The median is that of the pairs' medians. All processes share this machine's "
             "processors: where these are busy, they are the limit.")
    columns = (Column("sum, transactions/s", "perSecond", 0, spread=True), Column("of a pair", "pairPerSecond"),
               Column("median, ms", "medianMs", 3), Column("99th percentile, ms", "p99Ms", 2),
               Column("processor of all its processes, %", "daemonShare"),
               Column("of the machine, %", "machineShare"))
    charts = (Chart("Request and response by N/2 pairs at once", "perSecond", "transactions/s, sum", "hosts"),)

    def seconds(self):
        return self.args.seconds + 2

    def take(self, run, network, case):
        seconds, started = self.args.seconds, time.monotonic()
        with cost.Meter(network) as spent:
            outputs = ask_all(run, network, seconds)
        try:
            rows = [[float(v) for v in text.split()[-3:]] for text in outputs]
            counts, medians, worst = zip(*rows)
        except ValueError as e:
            raise CheckFailed(f"roundtrips: {outputs}") from e
        return {"perSecond": sum(counts) / seconds, "pairPerSecond": median(counts) / seconds,
                "medianMs": median(medians) / 1e3, "p99Ms": median(worst) / 1e3, **shares(spent, started),
                "medians": medians}


def received(text):
    try:
        return json.loads(text)["end"]["sum_received"]["bits_per_second"] / 1e6
    except (ValueError, KeyError) as e:
        raise CheckFailed(f"iperf3: {text.strip()[-300:] or 'no output'}") from e


def shares(spent, started):
    """Processor time of a network's processes and of the machine, in percent of one processor."""
    seconds = time.monotonic() - started
    return {"daemonShare": 100 * spent.daemons / seconds, "machineShare": 100 * spent.machine / seconds}
