"""Round trips: on an idle tunnel, beside a TCP stream, and on links that are slow."""
import json
import time

import harness
from bench.measures.base import Chart, Column, Measure, pair, percentile
from harness import CheckFailed, median

PINGS = 300
INTERVAL_SECONDS = 0.01
LEAD_SECONDS = 1            # of the stream before the first ping
PORT = 5297


class Rtt(Measure):
    """ping, idle and beside one TCP stream at full speed."""
    name = "rtt"
    title = "Round trip"
    columns = (Column("median ms", "medianMs", 3, spread=True),
               Column("added median ms", "addedMs", 3, to_best=True, best=min),
               Column("p99 ms", "p99Ms", 2, to_best=True, best=min),
               Column("p99 / median", "p99ToMedian", 2),
               Column("lost", "lost"), Column("stream's Mbit/s", "mbit"))
    charts = (Chart("Round trip, median", "medianMs", "ms", "load", 2),
              Chart("Round trip, p99", "p99Ms", "ms", "load", 2))

    def stages(self):
        for offload in self.args.offload:
            for load in ("idle", "beside a TCP stream"):
                yield pair(offload), {"load": load, "offload": f"offloads {offload}"}

    def seconds(self):
        return PINGS * INTERVAL_SECONDS + LEAD_SECONDS

    def take(self, run, contender, case):
        if case["load"] == "idle":
            times, mbit = pings(run, contender), None
        else:
            times, mbit = pings_beside(run, contender)
        return {**spread(times), "mbit": mbit}

    @staticmethod
    def derive(figures, reference):
        if figures["mbit"] is not None or not reference:    # beside a stream the bare link has a stream, too
            return figures
        return {**figures, "addedMs": figures["medianMs"] - reference["medianMs"]}


class Limited(Measure):
    """A link with a rate, 50 ms of buffer, and no delay of its own: TCP, and ping beside it."""
    name = "limited"
    title = "Limited link"
    columns = (Column("Mbit/s", "mbit", 1, to_reference=True),
               Column("idle ping, median ms", "idleMs", 2),
               Column("ping beside TCP, median ms", "medianMs", 2, spread=True, to_reference=True),
               Column("p99 ms", "p99Ms", 1, to_reference=True),
               Column("above idle, median ms", "aboveIdleMs", 2), Column("lost", "lost"))
    charts = (Chart("Ping beside a TCP stream on a limited link, median", "medianMs", "ms", "congestion", 1),)

    def stages(self):
        for rate in self.args.rates:
            for congestion in self.args.congestion:
                yield pair("on", "--rate", str(rate)), {"rate": f"{rate} Mbit/s", "congestion": congestion}

    def seconds(self):
        return 2 * PINGS * INTERVAL_SECONDS + LEAD_SECONDS

    def take(self, run, contender, case):
        idle = spread(pings(run, contender))
        times, mbit = pings_beside(run, contender, case["congestion"])
        loaded = spread(times)
        return {**loaded, "mbit": mbit, "idleMs": idle["medianMs"],
                "aboveIdleMs": loaded["medianMs"] - idle["medianMs"]}


def pings(run, contender):
    return harness.ping(run, contender.source, contender.target, PINGS, INTERVAL_SECONDS, 2)


def spread(times):
    if not times:
        raise CheckFailed("no ping was answered")
    middle, late = median(times), percentile(times, 0.99)
    return {"medianMs": middle, "p99Ms": late, "maxMs": max(times), "p99ToMedian": late / middle,
            "lost": PINGS - len(times)}


def pings_beside(run, contender, congestion=None):
    """(round trips, Mbit/s of the stream): the stream runs before the first ping and to the last."""
    server = run.start(contender.sink, ["iperf3", "-s", "-1", "-p", PORT, "--forceflush"],
                       f"iperf3-{contender.sink}-{time.monotonic_ns()}", "listening")
    seconds = int(PINGS * INTERVAL_SECONDS + LEAD_SECONDS + 1)
    client = run.start(contender.source, [
        "iperf3", "-J", "-c", contender.target, "-p", PORT, "-t", seconds, "-O", LEAD_SECONDS,
        *(["-C", congestion] if congestion else [])], f"iperf3-{contender.source}-{time.monotonic_ns()}")
    try:
        time.sleep(LEAD_SECONDS)
        times = pings(run, contender)
        deadline = time.monotonic() + 30
        while client.running and time.monotonic() < deadline:
            time.sleep(0.1)
        return times, json.loads(client.output())["end"]["sum_received"]["bits_per_second"] / 1e6
    except (ValueError, KeyError) as e:
        raise CheckFailed(f"iperf3: {client.tail(5)}") from e
    finally:
        for process in (client, server):
            process.end()
            run.processes.remove(process)
