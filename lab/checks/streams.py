"""Streams between members: at least half as quick as TCP through the device, and fair to TCP on a narrow link."""
import sys

from harness import CheckFailed, ROOT, Run, iperf3, median, require, say

sys.path.append(ROOT)
from bench import pipes  # noqa: E402

RATIO_MIN = 0.5
SHARE_MIN, SHARE_MAX = 1 / 3, 2 / 3
RATE = 100
SHARE_SECONDS = 30
WARM_UP_SECONDS = 3


def check(run, args):
    require("ip", "iperf3")
    run.build()
    with Run(run.launcher, run.logs) as own:
        a, b, _ = pipes.pair(own, device=True)
        for _ in range(2):
            iperf3(own, "a", "b", b.address, WARM_UP_SECONDS, 0)
            a.send(b, WARM_UP_SECONDS)
        ratios = []
        for n in range(args.rounds):
            tcp, stream = iperf3(own, "a", "b", b.address, args.seconds)["mbit"], a.send(b, args.seconds)
            ratios.append(stream / tcp)
            say(f"  round {n + 1}: TCP through the device {tcp:.0f}, stream {stream:.0f} Mbit/s: {stream / tcp:.2f}")
    with Run(run.launcher, run.logs) as own:
        a, b, bare = pipes.pair(own, (), "--rate", RATE, "--delay", 10, "--offload", "off")
        a.send(b, WARM_UP_SECONDS)
        shares = []
        for stream_first in (True, False):
            stream, tcp = pipes.share(own, a, b, bare, SHARE_SECONDS, stream_first)
            shares.append(stream / (stream + tcp))
            say(f"  {RATE} Mbit/s, {'the stream' if stream_first else 'TCP'} first: TCP {tcp:.1f}, stream {stream:.1f} "
                f"Mbit/s: {shares[-1]:.2f} of both")
    if median(ratios) < RATIO_MIN:
        raise CheckFailed(f"{median(ratios):.2f} of TCP through the device, wanted {RATIO_MIN}")
    share = sum(shares) / len(shares)
    if not SHARE_MIN <= share <= SHARE_MAX:
        raise CheckFailed(f"the stream's share is {share:.2f}, wanted {SHARE_MIN:.2f} to {SHARE_MAX:.2f}")
