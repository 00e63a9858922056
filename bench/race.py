"""Rounds in which all contenders run in turn, so that a slow minute of the machine falls on all."""
import os
import time

import harness
from bench import cost
from harness import CheckFailed, say

BUSY_SAMPLE_SECONDS = 0.3
BUSY_SHARE_MAX = 0.15       # of the machine; above it a run is marked as disturbed


def warm_up(run, chosen):
    """TCP both ways through each, for its compilers and the machine's caches to know the way."""
    for c in chosen:
        for reverse in (False, True):
            harness.iperf3(run, c.source, c.sink, c.target, c.warm_up_seconds, 0, reverse=reverse)


def interleaved(run, chosen, cases, records, save=lambda: None):
    """Run all contenders in turn, round by round, and add a record of each run to `records`.

    `save` is called whenever all of them have run once more. `cases` are (measure, case) pairs; a measure with fewer
    rounds than others has the last ones. A record is {"measure", "case", "contender", "round", "busyBefore"} and
    "figures", or "failed" with the reason.
    """
    last = max(m.rounds() for m, _ in cases)
    for n in range(1, last + 1):
        for measure, case in cases:
            if n > last - measure.rounds():
                say(f"  round {n}, {measure.label(case)}")
                for c in chosen:
                    records.append(one(run, c, measure, case, n))
                save()


def one(run, c, measure, case, n):
    busy = busy_share()
    record = {"measure": measure.name, "case": case, "contender": c.name, "round": n,
              "busyBefore": busy}
    try:
        record["figures"] = measure.take(run, c, case)
        text = measure.line(record["figures"])
    except CheckFailed as e:
        record["failed"] = str(e)
        text = f"failed: {e}"
    mark = f"  (machine {busy:.0%} busy before)" if busy > BUSY_SHARE_MAX else ""
    say(f"    {c.name:22} {text}{mark}")
    return record


def busy_share():
    """How much of the machine's processors is in use while nothing is being timed."""
    before, started = cost.machine_seconds(), time.monotonic()
    time.sleep(BUSY_SAMPLE_SECONDS)
    share = (cost.machine_seconds() - before) / (time.monotonic() - started) / os.cpu_count()
    return max(0.0, share)
