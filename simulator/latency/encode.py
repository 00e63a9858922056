#!/usr/bin/env python3
"""Packs a symmetric matrix of round trips for the simulator (io.p2pvpn.simulator.latency.LatencyMatrix).

    encode.py PlanetLabData_1 ../src/main/resources/io/p2pvpn/simulator/latency/planetlab-490.gz

In: one row a line, milliseconds, separated by blanks. Out, gzip over unsigned 16-bit numbers, big endian: how many
sites, then for each site its round trips to the sites after it, in tenths of a millisecond, at least one.
"""
import gzip
import struct
import sys

TENTHS_MAX = 0x7FFF


def main(source, target):
    with open(source, encoding="ascii") as text:
        rows = [[float(cell) for cell in line.split()] for line in text if line.strip()]
    size = len(rows)
    numbers = [size]
    for i, row in enumerate(rows):
        if len(row) != size:
            sys.exit(f"row {i + 1} has {len(row)} columns, not {size}")
        for j in range(i + 1, size):
            if abs(row[j] - rows[j][i]) > 0.1:
                sys.exit(f"not symmetric: {i + 1}, {j + 1}")
            tenths = max(1, round(row[j] * 10))
            if tenths > TENTHS_MAX:
                sys.exit(f"too long: {i + 1}, {j + 1}")
            numbers.append(tenths)
    with open(target, "wb") as out:
        # No time and no name in the header: the same matrix makes the same file.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as packed:
            packed.write(struct.pack(f">{len(numbers)}H", *numbers))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
