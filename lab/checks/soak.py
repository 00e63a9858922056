"""Mixed traffic at full speed for a quarter of an hour: nothing grows, slows down, gets lost or is damaged."""
import json
import re
import time

import jvm
from harness import HERE, CheckFailed, members, ping_all, require, say, wait_online

SAMPLE_SECONDS = 10
WARM_UP_SECONDS_MAX = 120       # of compilers and memory pools; a shorter run has less
END_SECONDS_MAX = 90            # for programs to end by themselves
PING_SECONDS = 0.05
SEED = 20_261_129
STREAM_MBIT, UDP_MBIT, SMALL_MBIT = 8, 20, 1
UDP_BYTES, SMALL_BYTES = 1200, 64
CONNECTIONS_PER_SECOND = 10
PORTS = {"tcp": 5401, "udp": 5402, "small": 5403, "known": 5404}

REKEY_MINUTES = 2.5             # keys in use change every two minutes
SPEED_MIN = 0.9                 # last third beside the first
PING_LOSS_MAX = 0.001
# What may be more in the last third than in the first, by kind.
GROWTH_MAX = {"heap MB": 2, "outside heap MB": 8, "RSS MB": 10, "descriptors": 2, "sessions": 0}


def check(run, args):
    require("ip", "ping", "iperf3", "python3")
    seconds = round(args.minutes * 60)
    run.build()
    run.up("pair")
    wait_online(run.bootstrap("wan"))
    nodes = members(run, ["a", "b"], "10.77.1.1:4001")
    ping_all(run, nodes)
    load = Load(run, *nodes, seconds)
    say(f"  {seconds} s of traffic, a sample each {SAMPLE_SECONDS} s")
    samples = watch(load, nodes, seconds)
    failures = [*judge_growth(nodes, samples), *judge_speed(samples), *judge_rekeys(samples, args.minutes),
                *load.judge()]
    drops(run, nodes)
    if failures:
        raise CheckFailed("; ".join(failures))


class Load:
    """All programs that send, and what they have to say at their end."""

    def __init__(self, run, a, b, seconds):
        self.run, self.seconds, self.to = run, seconds, b.address()
        for kind in ("tcp", "udp", "small"):
            self.start(b.host, ["iperf3", "-s", "-1", "-p", PORTS[kind], "--forceflush"], f"{kind}-server", "listening")
        self.start(b.host, [f"{HERE}/soakload.py", "answer", PORTS["known"], SEED], "answers", "listening")
        count = int(seconds / PING_SECONDS)
        self.asking = {
            "tcp": self.iperf3(a, "tcp", "--bidir"),
            "udp": self.iperf3(a, "udp", "-u", "-b", f"{UDP_MBIT}M", "-l", UDP_BYTES),
            "small": self.iperf3(a, "small", "-u", "-b", f"{SMALL_MBIT}M", "-l", SMALL_BYTES),
            "stream": self.known(a, "stream", STREAM_MBIT),
            "connect": self.known(a, "connect", CONNECTIONS_PER_SECOND),
            "ping": self.start(a.host, ["ping", "-n", "-q", "-i", PING_SECONDS, "-c", count, "-W", 10, self.to],
                               "ping")}

    def start(self, host, words, name, ready=None):
        return self.run.start(host, words, f"soak-{name}", ready)

    def iperf3(self, a, kind, *words):
        return self.start(a.host, ["iperf3", "-J", "-i", 0, "-c", self.to, "-p", PORTS[kind], "-t", self.seconds,
                                   *words], kind)

    def known(self, a, kind, rate):
        return self.start(a.host, [f"{HERE}/soakload.py", kind, self.to, PORTS["known"], SEED, rate, self.seconds],
                          kind)

    def check_running(self):
        for name, process in self.asking.items():
            if not process.running:
                raise CheckFailed(f"{name} has ended early\n{process.tail(5)}")

    def results(self):
        """Name -> what each program printed."""
        deadline = time.monotonic() + END_SECONDS_MAX
        while late := [name for name, p in self.asking.items() if p.running]:
            if time.monotonic() > deadline:
                raise CheckFailed(f"{', '.join(late)} did not end by themselves")
            time.sleep(0.2)
        return {name: p.output() for name, p in self.asking.items()}

    def judge(self):
        texts = self.results()
        try:
            documents = {name: json.loads(text) for name, text in texts.items() if name != "ping"}
            tcp = documents["tcp"]["end"]
            speeds = [tcp[k]["bits_per_second"] / 1e6 for k in ("sum_received", "sum_received_bidir_reverse")]
            udp = {name: documents[name]["end"]["sum"] for name in ("udp", "small")}
            sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", texts["ping"]).groups())
        except (ValueError, KeyError, AttributeError) as e:
            tails = "\n".join(f"{name}: {text.strip()[-200:]}" for name, text in texts.items())
            raise CheckFailed(f"a program did not say what it did: {e!r}\n{tails}") from e
        stream, connect = documents["stream"], documents["connect"]
        say(f"  TCP {speeds[0]:.0f} and {speeds[1]:.0f} Mbit/s; UDP lost "
            + ", ".join(f"{u['lost_percent']:.3f} % of {u['packets']}" for u in udp.values())
            + f" packets of {UDP_BYTES} and {SMALL_BYTES} bytes")
        say(f"  known stream: {stream['received']} of {stream['sent']} bytes came, {stream['wrong']} of them wrong"
            + (f", the first at {stream['first']}" if stream["wrong"] else ""))
        say(f"  {connect['done']} short connections, {connect['failed']} failed, {connect['wrong']} with wrong bytes, "
            f"median {connect['medianMs']:.1f} ms; {sent - received} of {sent} pings lost")
        if stream["wrong"] or stream["received"] != stream["sent"]:
            yield f"known stream: {stream}"
        if connect["failed"] or connect["wrong"]:
            yield f"short connections: {connect['failed']} failed, {connect['wrong']} wrong"
        if sent - received >= PING_LOSS_MAX * sent:
            yield f"{sent - received} of {sent} pings lost"


def watch(load, nodes, seconds):
    """A list of samples, each {"seconds", "received": bytes per second at both, "cost": processor seconds of both for
    each GB of these, node name: its figures}."""
    started, samples, before = time.monotonic(), [], None
    while (now := time.monotonic() - started) + SAMPLE_SECONDS < seconds:
        load.check_running()
        time.sleep(max(0, (len(samples) + 1) * SAMPLE_SECONDS - now))
        at, total = time.monotonic(), sum(n.counters()["p2pvpn_data_received_bytes_total"] for n in nodes)
        spent = sum(jvm.processor_seconds(n.process.child.pid) for n in nodes)
        sample = {"seconds": at - started, **{n.name: figures(n, nodes) for n in nodes}}
        if before:
            sample["received"] = (total - before[1]) / (at - before[0])
            sample["cost"] = (spent - before[2]) / (total - before[1]) * 1e9
        before = at, total, spent
        samples.append(sample)
        if len(samples) % 6 == 0:
            say("    " + one_line(sample, nodes))
    return samples


def figures(node, nodes):
    pid = node.process.child.pid
    heap, addresses = jvm.live_heap(pid)
    other = next(n for n in nodes if n is not node)
    return {"heap MB": heap / 1e6, "outside heap MB": jvm.resident_outside(pid, addresses) / 1e6,
            "RSS MB": jvm.rollup(pid)["Rss"] / 1e6, "descriptors": jvm.descriptors(pid),
            "sessions": len(node.peers()), "key age": node.row_of(other)["handshakeAgeSeconds"]}


def one_line(sample, nodes):
    speed = sample.get("received", 0) * 8 / 1e6
    parts = [f"{n.name}: " + ", ".join(f"{k} {sample[n.name][k]:.4g}" for k in GROWTH_MAX) for n in nodes]
    return f"{sample['seconds']:4.0f} s: {speed:5.0f} Mbit/s; " + "; ".join(parts)


def thirds(samples):
    """The first and the last third of the samples after the warm-up."""
    end = samples[-1]["seconds"]
    rest = [s for s in samples[1:] if s["seconds"] > min(WARM_UP_SECONDS_MAX, end / 5)]
    count = max(1, len(rest) // 3)
    return rest[:count], rest[-count:]


def middle(values):
    return sorted(values)[len(values) // 2]


def judge_growth(nodes, samples):
    """One table; a line for each figure that grew."""
    first, last = thirds(samples)
    say(f"  medians of the first and of the last {len(first)} samples after the warm-up:")
    say(f"    {'':22}" + "".join(f"{n.name + ' first':>12}{'last':>9}{'more':>8}" for n in nodes) + f"{'allowed':>9}")
    failures = []
    for kind, most in GROWTH_MAX.items():
        line = f"    {kind:22}"
        for node in nodes:
            before, after = (middle([s[node.name][kind] for s in part]) for part in (first, last))
            line += f"{before:12.1f}{after:9.1f}{after - before:+8.1f}"
            if after - before > most:
                failures.append(f"{node.name}: {kind} {before:.1f} to {after:.1f}")
        say(f"{line}{most:9}")
    return failures


def judge_speed(samples):
    parts = thirds(samples)
    cost = [middle([s["cost"] for s in part]) for part in parts]
    say(f"    {'CPU s/GB, both daemons':22}{cost[0]:12.2f}{cost[1]:9.2f}{cost[1] - cost[0]:+8.2f}   not judged: tells "
        f"a slower VPN from a busy machine")
    before, after = (middle([s["received"] * 8 / 1e6 for s in part]) for part in parts)
    say(f"    {'Mbit/s, both ways':22}{before:12.1f}{after:9.1f}{after - before:+8.1f}   {after / before:.3f} x, "
        f"wanted {SPEED_MIN}")
    return [f"{after:.0f} Mbit/s in the last third after {before:.0f}"] if after < SPEED_MIN * before else []


def judge_rekeys(samples, minutes):
    """New keys of the session between the two: their age became less."""
    ages = [s["a"]["key age"] for s in samples]
    changes = sum(b < a for a, b in zip(ages, ages[1:]))
    say(f"  new keys {changes} times, wanted {int(minutes / REKEY_MINUTES)}")
    return [f"new keys only {changes} times"] if changes < int(minutes / REKEY_MINUTES) else []


def drops(run, nodes):
    """Everything that was dropped, by the daemons and by the hosts' devices."""
    for node in nodes:
        found = {k.removeprefix("p2pvpn_").removesuffix("_total"): int(v) for k, v in node.counters().items()
                 if "drop" in k and v}
        for link in json.loads(run.exec(node.host, "ip", "-j", "-s", "link").stdout):
            found |= {f"{link['ifname']}.{side}.{name}": value for side, counts in link["stats64"].items()
                      for name, value in counts.items() if value and ("drop" in name or "error" in name)}
        say(f"  {node.name} dropped: {found or 'nothing'}")
