"""Ways without a VPN daemon: the link itself, and the kernel's VXLAN."""
from bench.contenders.base import Contender, Peer, other


class Bare(Contender):
    """The link itself."""
    key = "bare"
    name = "bare link"

    def start(self, _run, addresses):
        self.target = addresses["b"][0]

    def device(self, host):
        return None

    def describe(self):
        return "no tunnel"


class Vxlan(Peer):
    """The kernel's own tunnel: what encapsulation alone costs."""
    key = "vxlan"
    name = "VXLAN"
    sealed = False
    subnet = 1
    device_name = "vxl0"
    mtu = 1450

    def start(self, run, addresses):
        for host in "ab":
            run.exec(host, "ip", "link", "add", self.device_name, "type", "vxlan", "id", 42,
                     "local", addresses[host][0], "remote", addresses[other(host)][0],
                     "dstport", 4789, "dev", "eth0")
            self.address(run, host)

    def describe(self):
        return f"kernel, not encrypted, MTU {self.mtu}"
