"""TCP through p2pvpn beside OpenVPN and the bare link, with offloads and without."""
import sys
from argparse import Namespace

from harness import CheckFailed, ROOT, Run, require, say

sys.path.append(ROOT)
from bench import contenders, race, tables  # noqa: E402
from bench.measures.tcp import Tcp  # noqa: E402

FACTOR_MIN = {"on": 4.0, "off": 2.0}        # x OpenVPN, by the link's offloads
KEYS = ("bare", "openvpn", "p2pvpn")


def check(run, args):
    require("openvpn", "openssl")
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as f:
        congestion = f.read().strip()
    short = []
    for offload, least in FACTOR_MIN.items():
        tcp = Tcp(Namespace(rounds=args.rounds, seconds=args.seconds, offload=[offload], streams=[1],
                            direction=["a-b"], congestion=[congestion]))
        cases, records = [(tcp, case) for _, case in tcp.stages()], []
        with Run(run.launcher, run.logs) as own:
            chosen, _ = contenders.choose(KEYS)
            chosen, _ = contenders.start_all(own, chosen, "--offload", offload)
            race.warm_up(own, chosen)
            race.interleaved(own, chosen, cases, records)
        rows = tables.Rows(tcp, records, {c.name: {"sealed": c.sealed} for c in chosen})
        say(f"\n{tcp.label(cases[0][1])}:\n\n{rows.table()}\n")
        factor = rows.ratio("p2pvpn", "mbit", "OpenVPN") or 0
        if not factor >= least:
            short.append(f"offloads {offload}: {factor:.2f} x OpenVPN, wanted {least:g}")
    if short:
        raise CheckFailed("; ".join(short))
