#!/usr/bin/env python3
"""Send stored Ethernet frames exactly as they are: rawsend.py INTERFACE FILE PER_SECOND

FILE holds frames one after the other, each after its length in four bytes, big-endian.
"""
import socket
import struct
import sys
import time


def frames(path):
    with open(path, "rb") as f:
        while head := f.read(4):
            yield f.read(struct.unpack(">I", head)[0])


def main(interface, path, per_second):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((interface, 0))
    started = time.monotonic()
    for n, frame in enumerate(frames(path)):
        ahead = started + n / float(per_second) - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        out.send(frame)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
