#!/usr/bin/env python3
"""soakload - TCP traffic whose other end knows what should come.

  soakload.py answer PORT SEED                         until it is ended
  soakload.py stream ADDRESS PORT SEED MBIT SECONDS    pseudo-random bytes, verified there one by one
  soakload.py connect ADDRESS PORT SEED RATE SECONDS   so many connections per second, a block there and back on each

What asks prints one line of JSON.
"""
import json
import random
import socket
import struct
import sys
import threading
import time

BLOCK_BYTES = 65_536
SHORT_BYTES = 2_000
WAIT_SECONDS = 30
STREAM, CONNECT = b"s", b"c"


def blocks(seed):
    """The stream of a seed, the same at both ends."""
    dice = random.Random(seed)
    while True:
        yield dice.randbytes(BLOCK_BYTES)


def read_exactly(s, count):
    """So many bytes, or fewer at the end."""
    data = bytearray()
    while len(data) < count and (block := s.recv(count - len(data))):
        data += block
    return bytes(data)


def answer(port, seed):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
    print("listening", file=sys.stderr, flush=True)
    while True:
        s, _ = listener.accept()
        threading.Thread(target=serve, args=(s, seed), daemon=True).start()


def serve(s, seed):
    with s:
        s.settimeout(WAIT_SECONDS)
        if s.recv(1) == CONNECT:
            s.sendall(read_exactly(s, SHORT_BYTES))
        else:
            s.sendall(json.dumps(verify(s, seed)).encode())


def verify(s, seed):
    """How many bytes came, how many of them are wrong, and where the first of these is (or -1)."""
    received, wrong, first = 0, 0, -1
    length = struct.unpack("!Q", read_exactly(s, 8))[0]
    for expected in blocks(seed):
        expected = expected[:length - received]
        got = read_exactly(s, len(expected))
        if got != expected[:len(got)]:
            places = [i for i, (a, b) in enumerate(zip(got, expected)) if a != b]
            wrong += len(places)
            first = received + places[0] if first < 0 else first
        received += len(got)
        if received >= length or len(got) < len(expected):
            return {"sent": length, "received": received, "wrong": wrong, "first": first}


def stream(address, port, seed, mbit, seconds):
    """At an even rate, in whole blocks; the answer is what came there."""
    count = max(1, int(mbit * 1e6 / 8 * seconds / BLOCK_BYTES))
    with socket.create_connection((address, port), WAIT_SECONDS) as s:
        s.sendall(STREAM + struct.pack("!Q", count * BLOCK_BYTES))
        started = time.monotonic()
        for number, block in zip(range(count), blocks(seed)):
            ahead = started + number * seconds / count - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            s.sendall(block)
        return json.loads(read_exactly(s, 10_000))


def connect(address, port, seed, rate, seconds):
    block = random.Random(seed).randbytes(SHORT_BYTES)
    done, failed, wrong, times = 0, 0, 0, []
    started = time.monotonic()
    while (now := time.monotonic()) < started + seconds:
        try:
            with socket.create_connection((address, port), WAIT_SECONDS) as s:
                s.sendall(CONNECT + block)
                wrong += read_exactly(s, SHORT_BYTES) != block
            done += 1
            times.append(time.monotonic() - now)
        except OSError:
            failed += 1
        time.sleep(max(0, now + 1 / rate - time.monotonic()))
    times.sort()
    return {"done": done, "failed": failed, "wrong": wrong, "medianMs": times[len(times) // 2] * 1e3 if times else 0}


def main():
    words = sys.argv[1:]
    if len(words) == 3 and words[0] == "answer":
        answer(int(words[1]), int(words[2]))
    elif len(words) == 6 and words[0] in ("stream", "connect"):
        ask = stream if words[0] == "stream" else connect
        print(json.dumps(ask(words[1], int(words[2]), int(words[3]), float(words[4]), float(words[5]))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
