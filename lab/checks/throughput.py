"""TCP through p2pvpn beside OpenVPN and the bare link, with offloads and without."""
import os
import sys

from harness import CheckFailed, ROOT, Run, say

sys.path.append(os.path.join(ROOT, "bench"))
import contenders  # noqa: E402

FACTOR_MIN = {"on": 4.0, "off": 2.0}        # x OpenVPN, by the link's offloads


def check(run, args):
    short = []
    for offload, least in FACTOR_MIN.items():
        with Run(run.launcher, run.logs) as own:
            chosen = contenders.start_all(own, list(contenders.CONTENDERS), offload)
            results = contenders.measure(own, chosen, args.rounds, args.seconds)
            rows = contenders.summary(chosen, results)
        congestion = results[contenders.Bare.name][0]["congestion"]
        say(f"\nOffloads {offload}, {congestion}:\n\n{contenders.table(rows)}\n")
        factor = contenders.ratio(results, contenders.P2pvpn.name, contenders.OpenVpn.name)
        if not factor >= least:
            short.append(f"offloads {offload}: {factor:.2f} x OpenVPN, wanted {least:g}")
    if short:
        raise CheckFailed("; ".join(short))
