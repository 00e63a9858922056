"""Several daemons on one host, and several namespaces in one daemon, do not disturb each other."""
from harness import CheckFailed, Node, ping, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
SPACES = ("one", "two")
PINGS = 20


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", 2)
    wait_online(run.bootstrap("wan"))
    # h1 runs a daemon for each namespace, h2 one for both.
    own = [run.join("h1", BOOTSTRAP, f"h1-{space}", space) for space in SPACES]
    wait_joined(own)
    both = run.join("h2", BOOTSTRAP, "h2", SPACES[0])
    wait_joined([both])
    both.cli("join", "--bootstrap", BOOTSTRAP, "--namespace", SPACES[1], "--open", "--name", "h2", timeout=60)
    addresses = {n["name"]: n["virtualIp"].split("/")[0] for n in both.status()["namespaces"]}
    devices = {n.device for n in own}
    if len(devices) < len(own):
        raise CheckFailed(f"two daemons with one device: {devices}")
    answered(run, own, addresses, "both daemons")
    taken = run.exec("h1", run.launcher, "join", "--namespace", "three", "--open", "--no-tun", "--state",
                     run.path("h1-one.state"), "--socket", run.path("other.sock"), check=False)
    say(f"  a third with the first one's state: exit {taken.returncode}: {taken.stderr.strip().splitlines()[-1]}")
    if taken.returncode != 1:
        raise CheckFailed("two daemons with one state directory")
    own[0].process.end()
    answered(run, own[1:], addresses, "the first stopped")
    wait_joined([run.join("h1", BOOTSTRAP, own[0].name, SPACES[0])])
    answered(run, own, addresses, "and started again")


def answered(run, daemons, addresses, when):
    for node in daemons:
        space = node.name.partition("-")[2]
        got = ping(run, "h1", addresses[space], PINGS, 0.05, 2)
        say(f"  {when}: {len(got)} of {PINGS} pings in {space}")
        if len(got) < PINGS:
            raise CheckFailed(f"{when}: {PINGS - len(got)} of {PINGS} pings lost in {space}")
