"""TCP: speed, retransmissions, processor time for each gigabyte."""
import math

import harness
from bench import cost
from bench.measures.base import Chart, Column, Measure, pair
from harness import say

OMIT_SECONDS = 1            # at the start of a run, while congestion control finds the speed


class Tcp(Measure):
    """As iperf3's receiver counts it."""
    name = "tcp"
    title = "TCP"
    witnessed_per_gb = 1000     # retransmissions; above it counters of drops are printed
    columns = (Column("Mbit/s", "mbit", spread=True, to_reference=True, to_best=True),
               Column("retransmissions per GB", "retransmitsPerGb"),
               Column("CPU s/GB, daemons", "daemonSecondsPerGb", 2, to_best=True, best=min),
               Column("CPU s/GB, machine", "machineSecondsPerGb", 2),
               Column("RSS MB", "rssMb"))
    charts = (Chart("TCP", "mbit", "Mbit/s", "offload"),
              Chart("CPU time of both daemons for each GB of TCP", "daemonSecondsPerGb", "s", "offload", 1))

    def stages(self):
        for offload in self.args.offload:
            for congestion in self.args.congestion:
                for streams in self.args.streams:
                    for direction in self.args.direction:
                        yield pair(offload), {
                            "streams": f"{streams} stream{'s' if streams > 1 else ''}",
                            "direction": direction.replace("-", " to "), "congestion": congestion,
                            "offload": f"offloads {offload}"}

    def counted_seconds(self):
        """Of a run, after what is omitted."""
        return self.args.seconds

    def seconds(self):
        return self.counted_seconds() + OMIT_SECONDS

    def take(self, run, contender, case):
        with cost.Meter(contender) as spent:
            r = harness.iperf3(run, contender.source, contender.sink, contender.target, self.counted_seconds(),
                               OMIT_SECONDS, int(case.get("streams", "1").split()[0]),
                               case.get("direction") == "b to a", ("-C", case["congestion"]))
        counted = r["mbit"] / 8000 * self.counted_seconds()
        figures = {"mbit": r["mbit"], "retransmits": r["retransmits"],
                   "retransmitsPerGb": r["retransmits"] / max(counted, 1e-6),
                   "machineSecondsPerGb": spent.machine / r["gigabytes"]}
        if contender.daemons:
            figures.update(daemonSecondsPerGb=spent.daemons / r["gigabytes"], rssMb=cost.resident_mb(contender))
        if figures["retransmitsPerGb"] > self.witnessed_per_gb:
            for line in contender.witnesses(run):
                say(f"      {line}")
        return figures


class Lossy(Tcp):
    """TCP where the link itself loses: what the tunnel adds to that."""
    name = "lossy"
    title = "TCP over a link that loses 1 %, 20 ms one way"
    words = ("--delay", "20", "--loss", "1")
    charts = (Chart("TCP over a link that loses 1 %, 20 ms one way", "mbit", "Mbit/s", "congestion"),)
    columns = Tcp.columns[:2]
    witnessed_per_gb = math.inf     # the link itself loses

    def stages(self):
        for congestion in self.args.congestion:
            yield pair("off", *self.words), {"congestion": congestion, "offload": "offloads off"}

    def rounds(self):
        return 2 * self.args.rounds

    def counted_seconds(self):
        return 3 * self.args.seconds    # a few losses more or less decide a short run
