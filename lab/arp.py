#!/usr/bin/env python3
"""arp - asks for an IPv4 address on an Ethernet, and prints the hardware addresses that answer, one a line.

  arp DEVICE ADDRESS [--from ADDRESS] [--seconds S]    --from 0.0.0.0: a probe (RFC 5227)
"""
import argparse
import fcntl
import socket
import struct
import time

ARP = 0x0806
SIOCGIFADDR = 0x8915


def own_address(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return fcntl.ioctl(s, SIOCGIFADDR, struct.pack("256s", device.encode()))[20:24]


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("device")
    p.add_argument("address")
    p.add_argument("--from", dest="sender")
    p.add_argument("--seconds", type=float, default=2)
    args = p.parse_args()
    target = socket.inet_aton(args.address)
    sender = socket.inet_aton(args.sender) if args.sender else own_address(args.device)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as s:
        s.bind((args.device, ARP))
        mac = s.getsockname()[4]
        head = b"\xff" * 6 + mac + struct.pack("!H", ARP) + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
        s.send(head + mac + sender + bytes(6) + target)
        end = time.monotonic() + args.seconds
        while (left := end - time.monotonic()) > 0:
            s.settimeout(left)
            try:
                frame = s.recv(2048)
            except TimeoutError:
                break
            if frame[20:22] == b"\0\2" and frame[28:32] == target:
                print(":".join(f"{b:02x}" for b in frame[22:28]), flush=True)


if __name__ == "__main__":
    main()
