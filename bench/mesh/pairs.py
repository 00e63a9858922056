"""Pings between all hosts by one process: its sockets stand in the hosts' network namespaces."""
import ctypes
import os
import select
import socket
import struct
import time

import harness
from harness import CheckFailed

ECHO, ECHO_REPLY = 8, 0
AGAIN_SECONDS = 1.0         # a pair that has not answered is asked again
SPREAD_SECONDS = 0.001      # between two requests, so that no burst of this program's own is lost in a queue
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(path):
    """Have this thread work in a network namespace: sockets stay in the one that they were made in."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if LIBC.setns(fd, CLONE_NEWNET):
            raise CheckFailed(f"setns {path}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(fd)


class Pairs:
    """All ordered pairs of hosts, by their addresses in the VPN; `with` opens and closes the sockets."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.hosts = list(addresses)
        self.sockets = {}

    def __enter__(self):
        home = f"/proc/{os.getpid()}/task/{os.getpid()}/ns/net"
        own = os.open(home, os.O_RDONLY)
        try:
            for host in self.hosts:
                enter(f"/var/run/netns/{harness.PREFIX}{host}")
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
                s.setblocking(False)
                self.sockets[host] = s
        finally:
            LIBC.setns(own, CLONE_NEWNET)
            os.close(own)
        return self

    def __exit__(self, *_):
        for s in self.sockets.values():
            s.close()

    def wait_all(self, timeout):
        """Ask until every ordered pair has answered once; the moment of the last answer."""
        number = os.getpid() & 0xffff
        missing = {(a, b) for a in self.hosts for b in self.hosts if a != b}
        by_fd = {s.fileno(): host for host, s in self.sockets.items()}
        by_address = {address: host for host, address in self.addresses.items()}
        deadline, last = time.monotonic() + timeout, time.monotonic()
        while missing:
            round_end = time.monotonic() + AGAIN_SECONDS
            for sequence, (a, b) in enumerate(sorted(missing)):
                self.send(a, b, number, sequence & 0xffff)
                last = self.take(by_fd, by_address, number, missing, SPREAD_SECONDS) or last
            while missing and time.monotonic() < round_end:
                last = self.take(by_fd, by_address, number, missing, 0.05) or last
            if missing and time.monotonic() > deadline:
                pairs = ", ".join(f"{a}->{b}" for a, b in sorted(missing)[:5])
                raise CheckFailed(f"{len(missing)} pairs do not answer within {timeout} s: {pairs} ...")
        return last

    def send(self, a, b, number, sequence):
        packet = struct.pack("!BBHHH", ECHO, 0, checksum(number, sequence), number, sequence)
        try:
            self.sockets[a].sendto(packet, (self.addresses[b], 0))
        except OSError:
            pass                        # no way there yet: it is asked again

    def take(self, by_fd, by_address, number, missing, seconds):
        """Wait so long for answers; the moment of the last one that was missing, or None."""
        until, last = time.monotonic() + seconds, None
        while True:
            ready, _, _ = select.select(list(by_fd), [], [], max(0, until - time.monotonic()))
            if not ready:
                return last
            for fd in ready:
                pair = self.answered(by_fd[fd], by_address, number)
                if pair in missing:
                    missing.discard(pair)
                    last = time.monotonic()

    def answered(self, host, by_address, number):
        """The pair that a packet at a host's socket is the answer of, or None."""
        try:
            packet, (sender, _) = self.sockets[host].recvfrom(2048)
        except OSError:
            return None
        header = (packet[0] & 15) * 4
        kind, _, _, echo, _ = struct.unpack_from("!BBHHH", packet, header)
        return (host, by_address.get(sender)) if kind == ECHO_REPLY and echo == number else None


def checksum(number, sequence):
    total = (ECHO << 8) + number + sequence
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff
