"""What a running JVM says about its memory, and what the kernel says about it.

Diagnostic commands are given at the JVM's own attach socket: a jcmd for each look would be a JVM that takes the
processors away from what is measured.
"""
import os
import re
import signal
import socket
import time

from harness import CheckFailed

ATTACH_SECONDS_MAX = 20


def command(pid, words):
    """What a JVM answers to a diagnostic command, as `jcmd PID WORDS` prints it."""
    with attached(pid) as s:
        # Version of the protocol, what is asked for, and its three arguments.
        s.sendall(b"".join(word.encode() + b"\0" for word in ("1", "jcmd", words, "", "")))
        answer = b""
        while block := s.recv(65536):
            answer += block
    code, _, text = answer.decode(errors="replace").partition("\n")
    if code != "0":
        raise CheckFailed(f"{words} of JVM {pid}: {text.strip()[:200]}")
    return text


def attached(pid):
    """A connection to the attach socket, which a JVM opens when it finds a file and is sent SIGQUIT."""
    path, asked = f"/tmp/.java_pid{pid}", f"/tmp/.attach_pid{pid}"
    deadline = time.monotonic() + ATTACH_SECONDS_MAX
    if not os.path.exists(path):
        with open(asked, "w"):
            pass
        os.kill(pid, signal.SIGQUIT)
    try:
        while True:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(ATTACH_SECONDS_MAX)
            try:
                s.connect(path)
                return s
            except OSError as e:
                s.close()
                if time.monotonic() > deadline:
                    raise CheckFailed(f"JVM {pid} cannot be asked: {e}") from e
            time.sleep(0.02)
    finally:
        if os.path.exists(asked):
            os.remove(asked)


def live_heap(pid):
    """(bytes of the heap in use after a full collection, (start, end) of the heap's addresses)."""
    command(pid, "GC.run")
    text = command(pid, "GC.heap_info")
    spaces = re.findall(r"^\s*(?:\S+ )+?generation\s+total \d+K, used (\d+)K \[(0x[0-9a-f]+), 0x[0-9a-f]+, "
                        r"(0x[0-9a-f]+)\)", text, re.M)
    if not spaces:
        raise CheckFailed(f"JVM {pid} has no serial collector:\n{text}")
    return sum(int(used) * 1024 for used, _, _ in spaces), (min(int(a, 16) for _, a, _ in spaces),
                                                            max(int(b, 16) for _, _, b in spaces))


def rollup(pid):
    """The sums of /proc/PID/smaps_rollup in bytes, by name."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return {name: int(kb) * 1024 for name, kb in re.findall(r"^(\w+):\s+(\d+) kB", f.read(), re.M)}


def resident_outside(pid, heap):
    """Bytes of a process's resident memory that are not between these addresses: of a JVM, all but the heap."""
    outside, counts = 0, True
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)
            if head:
                counts = not (heap[0] <= int(head[1], 16) and int(head[2], 16) <= heap[1])
            elif counts and line.startswith("Rss:"):
                outside += int(line.split()[1]) * 1024
    return outside


def descriptors(pid):
    """How many files and sockets a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def processor_seconds(pid):
    """User and system time that a process has taken."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
