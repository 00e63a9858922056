"""wireguard-go, in user space also where the kernel has WireGuard."""
import os

from bench.contenders.base import Peer, other, write
from harness import CheckFailed

CONFIG = """[Interface]
PrivateKey = {private}
ListenPort = {port}
[Peer]
PublicKey = {public}
Endpoint = {far}:{port}
AllowedIPs = {inside}/32
"""


class WireGuardGo(Peer):
    """The distribution's wireguard-go."""
    key = "wireguard-go"
    name = "wireguard-go"
    binary = "wireguard-go"
    tools = ("wireguard-go", "wg")
    subnet = 2
    port = 51820
    mtu = 1420

    def device(self, host):
        # Its control sockets lie in one directory for all network namespaces.
        return f"wg{os.getpid() % 1000000}{self.subnet}{host}"

    def start(self, run, addresses):
        private = {h: run.command(["wg", "genkey"]).stdout.strip() for h in "ab"}
        for host in "ab":
            far = other(host)
            self.daemon(run, host, ["env", "WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1",
                                    "LOG_LEVEL=verbose", self.binary, "-f", self.device(host)], "UAPI listener started")
            public = run.command(["sh", "-c", f"echo {private[far]} | wg pubkey"]).stdout.strip()
            config = write(run.path(f"{self.key}-{host}.conf"), CONFIG.format(
                private=private[host], port=self.port, public=public, far=addresses[far][0],
                inside=self.ip[far]))
            run.exec(host, "wg", "setconf", self.device(host), config)
            self.address(run, host)
        self.version = run.command([self.binary, "--version"], check=False).stdout.split("\n")[0]

    def describe(self):
        return f"{self.version.replace('wireguard-go ', '')}, MTU {self.mtu}"


class WireGuardGoNew(WireGuardGo):
    """A wireguard-go of one's own, by path."""
    key = "wireguard-go-new"
    name = "wireguard-go (new)"
    tools = ("wg",)
    subnet = 3
    port = 51821

    def __init__(self, binary):
        super().__init__()
        if not os.access(binary, os.X_OK):
            raise CheckFailed(f"--wireguard-go: {binary} is no program")
        self.binary = os.path.abspath(binary)
