"""UDP: the highest rate almost without loss, and memory under a flood."""
import math
import os
import subprocess
import time

import harness
from bench import cost
from bench.measures.base import BETWEEN_SECONDS, Chart, Column, Measure, pair
from harness import CheckFailed

LOSS_MAX = 0.001
SHORT_MAX = 0.03            # so much less than asked may the sender send
FIRST_RATE = 40_000         # packets/s
FIRST_STEP, LATER_STEP = 1.6, 1.15
PRECISION = 1.06            # factor between a rate that holds and one that does not
RATE_MAX = 2_000_000
PROBE_SECONDS = 1
NEARLY = 10 * LOSS_MAX      # so little may be a hiccup of the machine: the rate gets another try
TRIES = 3
PORT = 5298
RECEIVER_SECONDS_MAX = 15
SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "udpload.c")


class Udp(Measure):
    """Found by bisection, with a sender that spreads its packets evenly."""
    name = "udp"
    title = "UDP, highest rate with at most 0.1 % loss"
    columns = (Column("thousand packets/s", "kpps", 1, spread=True, to_reference=True, to_best=True),
               Column("Mbit/s of payload", "mbit"),
               Column("CPU µs per packet, daemons", "daemonMicrosPerPacket", 1),
               Column("CPU µs per packet, machine", "machineMicrosPerPacket", 1))
    charts = (Chart("UDP, highest rate with at most 0.1 % loss", "kpps", "thousand packets/s", "payload"),)

    def __init__(self, args=None):
        super().__init__(args)
        self.found = {}             # where the last round ended, by contender and case

    def stages(self):
        for offload in self.args.offload:
            for size in self.args.sizes:
                yield pair(offload), {"payload": f"{size} bytes", "offload": f"offloads {offload}"}

    def seconds(self):
        return 8 * (PROBE_SECONDS + BETWEEN_SECONDS)

    def take(self, run, contender, case):
        size, key = int(case["payload"].split()[0]), (contender.name, *case.values())
        holding = {}

        def holds(rate):
            for _ in range(TRIES):
                with cost.Meter(contender) as spent:
                    p = probe(run, contender, size, rate, PROBE_SECONDS)
                if p["loss"] <= LOSS_MAX and p["sent"] >= rate * (1 - SHORT_MAX):
                    holding.update(rate=p["delivered"], packets=p["delivered"] * PROBE_SECONDS, spent=spent)
                    return True
                if p["loss"] > NEARLY:
                    break
            return False

        before = self.found.get(key)
        self.found[key] = highest(holds, before or FIRST_RATE, LATER_STEP if before else FIRST_STEP)
        if not holding:
            raise CheckFailed("no rate without loss found")
        spent, micros = holding["spent"], 1e6 / holding["packets"]
        return {"kpps": holding["rate"] / 1e3, "mbit": holding["rate"] * size * 8 / 1e6,
                "daemonMicrosPerPacket": spent.daemons * micros if contender.daemons else None,
                "machineMicrosPerPacket": spent.machine * micros}


def highest(holds, start, step):
    """The highest rate that holds, within PRECISION: by steps from the start, then by bisection."""
    low = high = start
    if holds(start):
        while high < RATE_MAX:
            high = low * step
            if not holds(high):
                break
            low, step = high, step * step
    else:
        while low > 100:
            high, low = low, low / step
            if holds(low):
                break
            step *= step
    while high / low > PRECISION:
        middle = math.sqrt(low * high)
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def probe(run, contender, size, rate, seconds):
    """Send packets of this payload at a rate; packets/s sent and delivered, and the share that was lost."""
    receiver = receive(run, contender)
    out = run.exec(contender.source, *send_words(run, contender, size, rate, seconds), timeout=seconds + 30).stdout
    return outcome(run, receiver, out, seconds)


def program(run):
    """The path of udpload, compiled when a run first needs it."""
    path = run.path("udpload")
    if not os.path.exists(path):
        harness.require("gcc")
        run.command(["gcc", "-O2", "-o", path, SOURCE])
    return path


def receive(run, contender):
    return run.start(contender.sink, [program(run), "receive", PORT], f"udpload-{time.monotonic_ns()}", "listening")


def send_words(run, contender, size, rate, seconds):
    return [program(run), "send", contender.target, PORT, size, rate, seconds]


def outcome(run, receiver, sent_text, seconds):
    """Once the receiver has ended by itself: nothing has come for a while."""
    try:
        receiver.child.wait(timeout=RECEIVER_SECONDS_MAX)
        sent, delivered = int(sent_text), int(receiver.output().split()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError) as e:
        raise CheckFailed(f"udpload: {sent_text.strip()}\n{receiver.tail(5)}") from e
    finally:
        receiver.end()
        run.processes.remove(receiver)
    return {"sent": sent / seconds, "delivered": delivered / seconds, "loss": 1 - delivered / max(sent, 1)}


class Flood(Measure):
    """A sender that does not care: what gets through, and whether memory grows."""
    name = "flood"
    title = "UDP flat out"
    columns = (Column("RSS MB before", "rssBeforeMb"), Column("RSS MB, largest", "rssMaxMb", to_best=True, best=min),
               Column("RSS MB, second half's growth", "rssLateGrowthMb", 1),
               Column("offered, thousand packets/s", "offeredKpps"),
               Column("delivered, thousand packets/s", "deliveredKpps", to_best=True))
    sample_seconds = 0.5

    def stages(self):
        yield pair(self.args.offload[0]), {"payload": "1200 bytes", "offload": f"offloads {self.args.offload[0]}"}

    def rounds(self):
        return 1

    def seconds(self):
        return self.args.flood_seconds

    def take(self, run, contender, case):
        size, seconds = int(case["payload"].split()[0]), self.args.flood_seconds
        before, sizes = cost.resident_mb(contender), []
        receiver = receive(run, contender)
        sender = run.start(contender.source, send_words(run, contender, size, 0, seconds),
                           f"udpload-{time.monotonic_ns()}")
        deadline = time.monotonic() + seconds + 30
        while sender.running and time.monotonic() < deadline:
            sizes.append(cost.resident_mb(contender))
            time.sleep(self.sample_seconds)
        sender.end()
        run.processes.remove(sender)
        p = outcome(run, receiver, sender.output(), seconds)
        return {"rssBeforeMb": before, "rssMaxMb": max(sizes), "rssMb": sizes,
                "rssLateGrowthMb": sizes[-1] - sizes[len(sizes) // 2],
                "offeredKpps": p["sent"] / 1e3, "deliveredKpps": p["delivered"] / 1e3}
