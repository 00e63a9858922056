#!/usr/bin/env python3
"""multicast - sends numbered packets to a multicast group or a broadcast address, or counts those that come.

  multicast.py send GROUP PORT ADDRESS COUNT PER_SECOND BYTES    from the interface that has ADDRESS
  multicast.py receive GROUP PORT ADDRESS SECONDS                prints "listening", then one JSON object

IPv4 and IPv6; ADDRESS is the interface's own, for IPv6 with "%" and its name.
"""
import ipaddress
import json
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33
NUMBER = struct.Struct("!Q")


def opened(group, port, own):
    six = ":" in group
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if six:
        index = socket.if_nametoindex(own.partition("%")[2])
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 4)
    else:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
    return s


def send(group, port, own, count, per_second, size):
    s = opened(group, port, own)
    if ":" in group:
        s.bind((own.partition("%")[0], 0))
    else:
        s.bind((own, 0))
    started = time.monotonic()
    for number in range(count):
        s.sendto(NUMBER.pack(number) + bytes(size - NUMBER.size), (group, port))
        time.sleep(max(0, started + (number + 1) / per_second - time.monotonic()))
    print(json.dumps({"sent": count}))


def receive(group, port, own, seconds):
    s = opened(group, port, own)
    # What comes at once while this program waits for a processor is not to be lost here.
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
    s.bind(("", port))
    if ":" in group:
        index = socket.if_nametoindex(own.partition("%")[2])
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, group)
                     + struct.pack("@I", index))
    elif ipaddress.ip_address(group).is_multicast:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(own))
    print("listening", flush=True)
    numbers, late, highest = [], 0, -1
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        s.settimeout(left)
        try:
            data = s.recv(65536)
        except socket.timeout:
            break
        number, = NUMBER.unpack_from(data)
        numbers.append(number)
        late += number < highest
        highest = max(highest, number)
    print(json.dumps({"received": len(numbers), "different": len(set(numbers)), "late": late}))


if __name__ == "__main__":
    what, to, at, address, *rest = sys.argv[1:]
    if what == "send":
        send(to, int(at), address, int(rest[0]), float(rest[1]), int(rest[2]))
    else:
        receive(to, int(at), address, float(rest[0]))
