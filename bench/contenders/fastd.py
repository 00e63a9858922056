"""fastd in TUN mode."""
from bench.contenders.base import Peer, first_line, other, write

PORT = 10000
METHOD = "salsa2012+umac"
CONFIG = """mode tun;
interface "{device}";
bind {near}:{port};
method "{method}";
mtu {mtu};
secret "{secret}";
peer "{far_name}" {{ key "{key}"; remote {far}:{port}; }}
"""


class Fastd(Peer):
    """With the cipher that its documentation recommends."""
    key = "fastd"
    name = "fastd"
    tools = ("fastd",)
    subnet = 4
    device_name = "fastd0"
    mtu = 1406

    def start(self, run, addresses):
        keys = {h: make_key(run) for h in "ab"}
        for host in "ab":
            far = other(host)
            config = write(run.path(f"fastd-{host}.conf"), CONFIG.format(
                device=self.device_name, near=addresses[host][0], port=PORT, method=METHOD,
                mtu=self.mtu, secret=keys[host][0], far_name=far, key=keys[far][1],
                far=addresses[far][0]))
            self.daemon(run, host, ["fastd", "--config", config], "bound to")
        for host in "ab":
            self.daemons[host][0].wait_for("established", 20)
            self.address(run, host)
        self.version = first_line(run, "fastd", "--version")

    def describe(self):
        return f"{self.version.replace('fastd v', '')}, {METHOD}, TUN, MTU {self.mtu}"


def make_key(run):
    """(secret, public)"""
    words = run.command(["fastd", "--generate-key"])
    lines = [line.split()[-1] for line in words.stdout.splitlines() if ":" in line]
    return lines[0], lines[1]
