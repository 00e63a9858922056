"""A member that is stopped and started is the same, and goes on at once; also from memory, with its bootstrap gone."""
import signal
import time

from harness import CheckFailed, members, require, say, wait_joined, wait_online
from checks.gaps import Flow

BOOTSTRAP = "10.79.1.1:4001"
BACK_SECONDS_MAX = 3.0
DOWN_SECONDS = 5
JOIN_SECONDS_MAX = 60
HOWS = (("stopped", signal.SIGTERM), ("killed with -9", signal.SIGKILL))


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", 3)
    bootstrap = run.bootstrap("wan")
    wait_online(bootstrap)
    a, b, c = members(run, ["h1", "h2", "h3"], BOOTSTRAP)
    for how, number in HOWS:
        b = again(run, a, b, how, number, BOOTSTRAP)
    bootstrap.process.end(signal.SIGKILL)
    say("  the bootstrap is killed for good")
    for how, number in HOWS:
        b = again(run, a, b, how + ", without the bootstrap", number, BOOTSTRAP)


def again(run, other, node, how, number, endpoint):
    """End a member under a running ping, start it again; how long after it is back the ping goes on."""
    node.refresh()
    before = node.facts["overlayId"], node.space["overlayId"], node.address()
    flow = Flow(run, other, node)
    node.process.end(number)
    time.sleep(DOWN_SECONDS)
    started = time.time()
    node = run.join(node.host, endpoint, node.name)
    wait_joined([node], JOIN_SECONDS_MAX)
    joined = time.time()
    flow.wait(joined)
    replies, _ = flow.end()
    first = min((at for at, _ in replies if at > started), default=None)
    if first is None:
        raise CheckFailed(f"{how}: no reply after it was back")
    say(f"  {how}: joined after {joined - started:.2f} s, the ping goes on {first - joined:+.2f} s from then")
    after = node.facts["overlayId"], node.space["overlayId"], node.address()
    if after != before:
        raise CheckFailed(f"{how}: another node: {before} became {after}")
    if first - joined > BACK_SECONDS_MAX:
        raise CheckFailed(f"{how}: no reply for {first - joined:.1f} s after it was back")
    return node
