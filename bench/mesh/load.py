"""What all disjoint pairs of a network do at once: TCP streams, and one byte there and back."""
import os
import time

from harness import say

OMIT_SECONDS = 1
PORT = 5297
ANSWER_SECONDS_MAX = 30     # that a program may take longer than it was told
SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "roundtrips.c")


def disjoint(hosts):
    """(one, other): each host has one partner."""
    return list(zip(hosts[::2], hosts[1::2]))


def warm_up(run, network):
    """Traffic of both kinds, so long that the compilers of the network's processes have seen enough of it."""
    seconds = network.warm_up_seconds()
    say(f"    warm-up, twice {seconds:.0f} s")
    ask_all(run, network, seconds)
    stream_all(run, network, seconds, ("--bidir",))


def stream_all(run, network, seconds, extra=()):
    """A TCP stream for each pair; iperf3's documents."""
    pairs = disjoint(network.hosts)
    servers = [run.start(b, ["iperf3", "-s", "-1", "-p", PORT, "--forceflush"], f"iperf3-{b}-{time.monotonic_ns()}",
                         "listening") for _, b in pairs]
    clients = [run.start(a, ["iperf3", "-J", "-c", network.addresses[b], "-p", PORT, "-t", seconds, "-O",
                             OMIT_SECONDS, *extra], f"iperf3-{a}-{time.monotonic_ns()}") for a, b in pairs]
    return finish(run, clients, servers, seconds + OMIT_SECONDS + ANSWER_SECONDS_MAX)


def ask_all(run, network, seconds):
    """Transactions of each pair; what roundtrips prints."""
    pairs, path = disjoint(network.hosts), program(run)
    servers = [run.start(b, [path, "answer", PORT], f"answer-{b}-{time.monotonic_ns()}", "listening")
               for _, b in pairs]
    clients = [run.start(a, [path, "ask", network.addresses[b], PORT, seconds], f"ask-{a}-{time.monotonic_ns()}")
               for a, b in pairs]
    return finish(run, clients, servers, seconds + ANSWER_SECONDS_MAX)


def program(run):
    """The path of roundtrips, compiled when a run first needs it."""
    path = run.path("roundtrips")
    if not os.path.exists(path):
        run.command(["gcc", "-O2", "-o", path, SOURCE])
    return path


def finish(run, clients, servers, timeout):
    """What the clients printed, once all have ended; everything is ended then."""
    deadline = time.monotonic() + timeout
    try:
        while any(c.running for c in clients) and time.monotonic() < deadline:
            time.sleep(0.05)
        late = sum(c.running for c in clients)
        if late:
            say(f"      {late} of {len(clients)} did not end by themselves")
        return [c.output() for c in clients]
    finally:
        for process in [*clients, *servers]:
            process.end()
            run.processes.remove(process)

