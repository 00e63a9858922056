"""A node killed with -9 at random moments, state files half written or not, starts again as the same node."""
import random
import signal
import time

from harness import CheckFailed, Node, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
# How long a node may live, by how long this machine takes to make it a member: half of the moments lie before.
LIFE_JOINS_MAX = 2
LOOK_EVERY = 10
JOIN_SECONDS_MAX = 30


def check(run, args):
    require("ip")
    run.build()
    run.up("hosts", "--count", 2)
    wait_online(run.bootstrap("wan"))
    keeper = join(run, "h1", "keeper")
    wait_joined([keeper])
    node = join(run, "h2", "victim")
    life_max = LIFE_JOINS_MAX * wait_joined([node])
    wanted = facts(node)
    node.process.end(signal.SIGKILL)
    dice = random.Random(args.seed)
    kills = args.kills
    early = 0
    for number in range(1, kills + 1):
        node = join(run, "h2", "victim")
        started = time.monotonic()
        if number % LOOK_EVERY == 0:
            wait_joined([node], JOIN_SECONDS_MAX)
            same(node, wanted, number)
        else:
            time.sleep(dice.uniform(0, life_max))
            early += node.refresh() is None
            if not node.process.running:
                raise CheckFailed(f"start {number} failed:\n{node.process.tail()}")
        node.process.end(signal.SIGKILL)
        forget(run, node)
        if number % 50 == 0:
            say(f"  {number} kills, {early} of them before it was a member; the last life took "
                f"{time.monotonic() - started:.1f} s")
    node = join(run, "h2", "victim")
    seconds = wait_joined([node], JOIN_SECONDS_MAX)
    same(node, wanted, "the last")
    say(f"  the same node after {kills} kills, joined after {seconds:.1f} s")


def join(run, host, name):
    """Without a device: it is the state that is looked at."""
    return run.add_node(Node(run, host, name, ["join", "--bootstrap", BOOTSTRAP, "--namespace", "lab", "--open",
                                               "--name", name, "--no-tun"]))


def forget(run, node):
    run.nodes.remove(node)
    run.processes.remove(node.process)


def facts(node):
    node.refresh()
    return node.facts["overlayId"], node.space["overlayId"], node.address()


def same(node, wanted, number):
    got = facts(node)
    if got != wanted:
        raise CheckFailed(f"start {number} is another node: {wanted} became {got}")
