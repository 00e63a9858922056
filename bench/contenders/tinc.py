"""tinc in router mode."""
import os

from bench.contenders.base import Peer, first_line, other, write

HOST = """Address = {near}
Port = 655
Subnet = {inside}/32
Cipher = aes-256-cbc
Digest = sha256
"""


class Tinc(Peer):
    """tinc 1.0 with its default ciphers."""
    key = "tinc"
    name = "tinc"
    tools = ("tincd",)
    subnet = 7
    device_name = "tinc0"
    mtu = 1400

    def start(self, run, addresses):
        home = {h: run.path(f"tinc-{h}") for h in "ab"}
        for host in "ab":
            os.makedirs(f"{home[host]}/hosts")
            write(f"{home[host]}/tinc.conf", f"Name = {host}\nConnectTo = {other(host)}\n"
                  f"Interface = {self.device_name}\nMode = router\n")
            write(f"{home[host]}/hosts/{host}",
                  HOST.format(near=addresses[host][0], inside=self.ip[host]))
            write(f"{home[host]}/tinc-up", "#!/bin/sh\n"
                  f"ip address add {self.ip[host]}/24 dev $INTERFACE\n"
                  f"ip link set $INTERFACE mtu {self.mtu} up\n", 0o700)
            run.command(["sh", "-c", f"tincd -c {home[host]} -K 2048 < /dev/null"])
        for host in "ab":
            with open(f"{home[other(host)]}/hosts/{other(host)}") as f:
                write(f"{home[host]}/hosts/{other(host)}", f.read())
        for host in "ab":
            self.daemon(run, host, ["tincd", "-c", home[host], "-D", "-d1", "--pidfile",
                                    run.path(f"tinc-{host}.pid")], "Ready")
        self.version = first_line(run, "tincd", "--version").split()[-1]

    def describe(self):
        return f"{self.version}, AES-256-CBC, SHA-256, MTU {self.mtu}"
