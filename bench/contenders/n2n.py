"""n2n: two edges, and a supernode in the router that only introduces them."""
from bench.contenders.base import Peer, package_version

SUPERNODE_PORT = 7654
EDGE_PORT = 7655


class N2n(Peer):
    """With its only cipher, Twofish."""
    key = "n2n"
    name = "n2n"
    tools = ("edge", "supernode")
    subnet = 6
    device_name = "n2n0"
    mtu = 1400

    def start(self, run, addresses):
        router = addresses["a"][0].rpartition(".")[0] + ".1"
        run.start("wan", ["supernode", "-l", SUPERNODE_PORT], "supernode")
        for host in "ab":
            self.daemon(run, host, [
                "edge", "-d", self.device_name, "-a", self.ip[host], "-s", "255.255.255.0", "-c", "bench",
                "-k", "only-for-this-run", "-l", f"{router}:{SUPERNODE_PORT}", "-p", EDGE_PORT,
                "-M", self.mtu])
        self.version = package_version(run, "n2n")

    def describe(self):
        return f"{self.version}, Twofish, MTU {self.mtu}"
