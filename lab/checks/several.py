"""Several daemons on one host, and several namespaces in one daemon, do not disturb each other."""
import ipaddress

from harness import CheckFailed, Node, ping, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
SPACES = ("one", "two")
PINGS = 20


def check(run, _args):
    require("ip", "ping")
    run.build()
    run.up("hosts", "--count", 4)
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
    apart(run, both, addresses)
    own[0].process.end()
    answered(run, own[1:], addresses, "the first stopped")
    wait_joined([run.join("h1", BOOTSTRAP, own[0].name, SPACES[0])])
    answered(run, own, addresses, "and started again")


def apart(run, both, addresses):
    """h3 is in the first namespace only, h4 in the second: both reach h2, and nothing of the other's."""
    alone = {space: run.join(host, BOOTSTRAP, host, space) for host, space in zip(("h3", "h4"), SPACES)}
    wait_joined(alone.values())
    devices = {n["name"]: n["device"] for n in both.status()["namespaces"]}
    for space, node in alone.items():
        other = SPACES[1 - SPACES.index(space)]
        if len(ping(run, node.host, addresses[space], PINGS, 0.05, 2)) < PINGS:
            raise CheckFailed(f"{node.name} does not reach h2 in {space}")
        # As if its administrator wanted there: everything of the other namespace by this one's device.
        prefix = prefixes(both, other)[0]
        run.exec(node.host, "ip", "route", "add", prefix, "dev", node.device)
        for target in (addresses[other], alone[other].address()):
            if ping(run, node.host, target, 3, 0.1, 1):
                raise CheckFailed(f"{node.name}, a member of {space} only, reaches {target} in {other}")
    # And one that is in both does not carry packets from the one to the other.
    run.exec("h2", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    if ping(run, "h3", alone[SPACES[1]].address(), 3, 0.1, 1):
        raise CheckFailed("h2 forwards from one namespace to the other")
    say(f"  h2 is in both ({devices[SPACES[0]]}, {devices[SPACES[1]]}): h3 reaches it in one, h4 in two; neither reaches "
        "the other's addresses, with routes there and with h2 forwarding")


def prefixes(node, space):
    """The IPv4 prefixes of a namespace that the node is in."""
    entry = next(n for n in node.status()["namespaces"] if n["name"] == space)
    return [str(ipaddress.ip_interface(a).network) for a in entry["virtualIps"] if ":" not in a]


def answered(run, daemons, addresses, when):
    for node in daemons:
        space = node.name.partition("-")[2]
        got = ping(run, "h1", addresses[space], PINGS, 0.05, 2)
        say(f"  {when}: {len(got)} of {PINGS} pings in {space}")
        if len(got) < PINGS:
            raise CheckFailed(f"{when}: {PINGS - len(got)} of {PINGS} pings lost in {space}")
