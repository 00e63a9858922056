"""Captures of the underlay: read a pcap file, take frames apart, look for what must not show."""
import ipaddress
import re
import struct
import time

from harness import CheckFailed

WINDOW = 8                  # bytes; a shorter piece may turn up in ciphertext by chance
SETTLE_SECONDS = 1          # for the last frames to get from the kernel to the file
LATE_FRAMES_MAX = 10        # that came in while the capture was ending
ETHERNET, IPV4_HEADER, UDP_HEADER = 14, 20, 8
TCP, UDP = 6, 17


def tap(run, interfaces, name):
    """Start a capture of each of the router's interfaces; interface -> (process, file)."""
    taps = {}
    for interface in interfaces:
        path = run.path(f"{name}-{interface}.pcap")
        words = ["tcpdump", "-i", interface, "-Z", "root", "-U", "-s", "0", "-B", "65536",
                 "--immediate-mode", "-w", path]
        process = run.start("wan", words, f"{name}-{interface}", "listening on")
        taps[interface] = (process, path)
    return taps


def untap(taps):
    """Stop the captures; interface -> list of frames."""
    time.sleep(SETTLE_SECONDS)
    for process, _ in taps.values():
        process.end()
        kept, seen, dropped = (int(re.search(rf"(\d+) packets? {what}", process.output())[1])
                               for what in ("captured", "received by filter", "dropped by kernel"))
        if dropped or kept < seen - LATE_FRAMES_MAX:
            raise CheckFailed(f"the capture is not complete\n{process.tail()}")
    return {interface: list(read_pcap(path)) for interface, (_, path) in taps.items()}


def read_pcap(path):
    """Frames of a classic little- or big-endian pcap file of Ethernet."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        _, _, stored, length = struct.unpack_from(order + "IIII", data, at)
        if stored != length:
            raise CheckFailed(f"{path}: a frame was cut from {length} to {stored} bytes")
        yield data[at + 16:at + 16 + stored]
        at += 16 + stored


class Datagram:
    """A UDP datagram in an Ethernet and IPv4 frame without IP options."""

    def __init__(self, frame):
        self.frame = frame
        self.source = str(ipaddress.IPv4Address(frame[26:30]))
        self.target = str(ipaddress.IPv4Address(frame[30:34]))
        self.payload = payload(frame)

    @staticmethod
    def parse(frame):
        """A Datagram, or None when the frame is something else."""
        plain = len(frame) >= ETHERNET + IPV4_HEADER + UDP_HEADER and frame[12:15] == b"\x08\x00\x45"
        return Datagram(frame) if plain and frame[23] == UDP else None

    def with_payload(self, body):
        """The frame with another payload of the same length and a right checksum.

        A captured checksum may be unfinished (the sender left it to its card), and the
        receiving kernel must not be the one that drops the frame.
        """
        at = ETHERNET + IPV4_HEADER
        head = self.frame[:at]
        udp = self.frame[at:at + 4] + struct.pack(">HH", UDP_HEADER + len(body), 0)
        pseudo = head[26:34] + struct.pack(">BBH", 0, UDP, UDP_HEADER + len(body))
        total = internet_checksum(pseudo + udp + body) or 0xFFFF
        return head + udp[:6] + struct.pack(">H", total) + body


def payload(frame):
    """What UDP or TCP carries in the frame; the whole frame when it is neither."""
    if len(frame) < ETHERNET + IPV4_HEADER:
        return frame
    if frame[12:14] == b"\x08\x00":
        at, length = ETHERNET + (frame[14] & 15) * 4, struct.unpack_from(">H", frame, 16)[0]
        protocol, end = frame[23], ETHERNET + length
    elif frame[12:14] == b"\x86\xdd":
        at, end = ETHERNET + 40, ETHERNET + 40 + struct.unpack_from(">H", frame, 18)[0]
        protocol = frame[20]
    else:
        return frame
    if protocol == UDP:
        return frame[at + UDP_HEADER:end]
    if protocol == TCP and len(frame) > at + 12:
        return frame[at + (frame[at + 12] >> 4) * 4:end]
    return frame


def internet_checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def windows(secret):
    """Every WINDOW bytes in a row of a text, in lower case."""
    low = secret.lower()
    return {low[i:i + WINDOW] for i in range(len(low) - WINDOW + 1)}


def sightings(frames, texts, addresses):
    """What shows in the payloads: name of the secret -> how often.

    texts: name -> bytes, of which no WINDOW bytes in a row may show, in any case of
    letters; addresses: IP addresses that may show neither in binary nor as text.
    """
    found = {}
    known = {w: name for name, text in texts.items() for w in windows(text)}
    exact = {}
    for a in addresses:
        exact[f"{a} in binary"] = ipaddress.ip_address(a).packed
        exact[f"{a} as text"] = a.encode()
    for frame in frames:
        body = payload(frame)
        for name, pattern in exact.items():
            if count := body.count(pattern):
                found[name] = found.get(name, 0) + count
        low = body.lower()
        for i in range(len(low) - WINDOW + 1):
            name = known.get(low[i:i + WINDOW])
            if name:
                found[name] = found.get(name, 0) + 1
    return found
