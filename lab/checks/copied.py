"""Two hosts with copies of one state directory: the second is kept out, both are told, the first is not disturbed."""
import shutil
import time

from harness import CheckFailed, Node, members, require, say, wait_online
from checks.gaps import Flow, missing

BOOTSTRAP = "10.79.1.1:4001"
TOLD_SECONDS_MAX = 10
YOUNG_SECONDS = 10          # so old must sessions be to be defended against a copy


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", 4)
    wait_online(run.bootstrap("wan"))
    a, b, _ = members(run, ["h1", "h2", "h3"], BOOTSTRAP)
    time.sleep(YOUNG_SECONDS)
    shutil.copytree(run.path("h2.state"), run.path("copy.state"))
    flow = Flow(run, a, b)
    started = time.monotonic()
    copy = run.add_node(Node(run, "h4", "copy", ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open",
                                                 "--name", "copy"]))
    told = ended = None
    while (told is None or ended is None) and time.monotonic() - started < TOLD_SECONDS_MAX:
        codes = [h["code"] for h in (b.status() or {}).get("health", [])]
        if told is None and "identity-copied" in codes:
            told = time.monotonic() - started
        if ended is None and not copy.process.running:
            ended = time.monotonic() - started
        time.sleep(0.1)
    if told is None or ended is None:
        raise CheckFailed(f"after {TOLD_SECONDS_MAX} s: first told {told}, second ended {ended}\n{copy.process.tail()}")
    last = copy.process.output().strip().splitlines()[-1]
    say(f"  the first was told after {told:.1f} s, the second ended with {copy.process.child.returncode} after "
        f"{ended:.1f} s: {last}")
    if copy.process.child.returncode != 1 or "another host runs as this node" not in last:
        raise CheckFailed(f"the second ended with {copy.process.child.returncode}: {last}")
    time.sleep(5)
    replies, _ = flow.end()
    lost = missing(replies)
    say(f"  a ping each 50 ms to the first meanwhile: {lost} lost of {replies[-1][1]}")
    if lost:
        raise CheckFailed(f"{lost} pings of the first were lost")
