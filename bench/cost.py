"""Processor time and memory of a contender's daemons, and processor time of the machine."""
import os
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Meter:
    """Processor seconds between `with` and its end: `daemons`, `machine` and by host."""

    def __init__(self, contender):
        self.contender = contender

    def __enter__(self):
        self.before = seconds_by_host(self.contender), machine_seconds()
        return self

    def __exit__(self, *_):
        hosts, machine = self.before
        after = seconds_by_host(self.contender)
        self.by_host = {h: after[h] - hosts[h] for h in hosts}
        self.daemons = sum(self.by_host.values())
        self.machine = machine_seconds() - machine


def seconds_by_host(contender):
    """Host -> processor seconds, user and system, of its daemons since they began."""
    return {host: sum((int(f[11]) + int(f[12])) / TICKS_PER_SECOND for f in stats(processes))
            for host, processes in contender.daemons.items()}


def resident_mb(contender):
    """Memory in use by the daemons of the host that has more of it."""
    return max((sum(int(f[21]) * PAGE_BYTES / 1e6 for f in stats(processes))
                for processes in contender.daemons.values()), default=0)


def stats(processes):
    """The fields of /proc/PID/stat after the name, of all in these processes' sessions."""
    sessions = {p.child.pid for p in processes}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:                 # it ended meanwhile
            continue
        if int(fields[3]) in sessions:
            yield fields


def machine_seconds():
    """Processor seconds that were not idle, of all processors, from an arbitrary start.

    The kernel measures idle time and only samples what is busy: bursts each millisecond would fool the latter.
    """
    with open("/proc/stat") as f:
        fields = f.readline().split()
    idle = (int(fields[4]) + int(fields[5])) / TICKS_PER_SECOND     # idle, and waiting for disks
    return time.monotonic() * os.cpu_count() - idle
