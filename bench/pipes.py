"""Nodes of the example program "pipe" in the lab, and what is measured with them: streams beside TCP."""
import glob
import json
import os
import subprocess
import threading
import time

import harness
from harness import CheckFailed, ROOT, Process

JOIN_SECONDS_MAX = 60
HEAD_START_SECONDS = 0.5
MAIN = "io.p2pvpn.examples.pipe.Pipe"


def java():
    home = os.environ.get("P2PVPN_JAVA_HOME") or os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


def classpath():
    jars = glob.glob(f"{ROOT}/examples/target/examples-*.jar")
    if not jars:
        raise CheckFailed("the examples are not built: mvn -q -Dquick package -pl examples -am")
    return ":".join(jars + [f"{ROOT}/examples/target/lib/*"])


class Pipe:
    """One node, with or without a device, that is told what to do on its standard input."""

    def __init__(self, run, host, endpoint, device=False, options=()):
        words = [java(), "-Xmx1g", *options, "-cp", classpath(), MAIN, endpoint, host, run.path(f"{host}.pipe"),
                 *(["device"] if device else [])]
        self.log = open(run.path(f"pipe-{host}.log"), "ab")
        self.child = subprocess.Popen(run.inside(host, words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=self.log, env=run.env, text=True, start_new_session=True)
        self.process = Adopted(self.child, words, self.log.name)
        run.processes.append(self.process)
        self.lines, self.more = [], threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = None

    def _read(self):
        for line in self.child.stdout:
            with self.more:
                self.lines.append(line.split())
                self.more.notify_all()

    def answer(self, word, timeout):
        """The words of the next line, which begins with this one."""
        with self.more:
            if not self.more.wait_for(lambda: self.lines, timeout):
                raise CheckFailed(f"no \"{word}\" of pipe\n{self.process.tail()}")
            words = self.lines.pop(0)
        if words[0] != word:
            raise CheckFailed(f"pipe says {' '.join(words)}\n{self.process.tail()}")
        return words

    def await_ready(self):
        self.address = self.answer("ready", JOIN_SECONDS_MAX)[1]

    def begin(self, other, seconds):
        self.child.stdin.write(f"send {other.address} {seconds}\n")
        self.child.stdin.flush()

    def result(self, seconds):
        """Mbit/s as the receiver counts."""
        return float(self.answer("sent", seconds + 60)[3])

    def send(self, other, seconds):
        self.begin(other, seconds)
        return self.result(seconds)


class Adopted(Process):
    """A process that was started with pipes."""

    def __init__(self, child, words, log):  # pylint: disable=super-init-not-called
        self.child, self.words, self.log = child, words, log


def pair(run, options=(), *topology, device=False):
    """Two such nodes in the topology "pair"; (a, b, the address of b's link)."""
    hosts = run.up("pair", *topology)
    harness.wait_online(run.bootstrap("wan"))
    a = Pipe(run, "a", "10.77.1.1:4001", device, options)
    b = Pipe(run, "b", "10.77.2.1:4001", device, options)
    a.await_ready()
    b.await_ready()
    return a, b, hosts["b"][0].split("/")[0]


class Tcp:
    """One TCP flow (cubic) over the link itself."""

    def __init__(self, run, bare, seconds, port):
        self.seconds = seconds
        self.server = run.start("b", ["iperf3", "-s", "-1", "-p", port, "--forceflush"],
                                f"iperf3-{time.monotonic_ns()}", "listening")
        self.client = subprocess.Popen(
            run.inside("a", ["iperf3", "-J", "-c", bare, "-p", port, "-t", seconds, "-C", "cubic"]),
            stdout=subprocess.PIPE, text=True, env=run.env)

    def result(self):
        """Mbit/s as the receiver counts."""
        try:
            out = self.client.communicate(timeout=self.seconds + 60)[0]
            return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 1e6
        finally:
            self.server.end()


def share(run, a, b, bare, seconds, stream_first):
    """One stream and one TCP flow at a time, one half a second after the other: Mbit/s of both."""
    if stream_first:
        a.begin(b, seconds)
        time.sleep(HEAD_START_SECONDS)
        tcp = Tcp(run, bare, seconds, 5301)
    else:
        tcp = Tcp(run, bare, seconds, 5301)
        time.sleep(HEAD_START_SECONDS)
        a.begin(b, seconds)
    return a.result(seconds), tcp.result()


def two_tcp(run, bare, seconds):
    """For comparison, two TCP flows so: Mbit/s of the first and of the second."""
    first = Tcp(run, bare, seconds, 5301)
    time.sleep(HEAD_START_SECONDS)
    second = Tcp(run, bare, seconds, 5302)
    return first.result(), second.result()
