"""Yggdrasil, one peering over TCP."""
import json

from bench.contenders.base import Peer, package_version, write

PORT = 12345
MTU = 65535


class Yggdrasil(Peer):
    """It has addresses of its own, IPv6, made from its keys."""
    key = "yggdrasil"
    name = "Yggdrasil"
    tools = ("yggdrasil",)
    device_name = "ygg0"

    def start(self, run, addresses):
        for host in "ab":
            config = json.loads(run.command(["yggdrasil", "-genconf", "-json"]).stdout)
            config.update(IfName=self.device_name, IfMTU=MTU, AdminListen="none",
                          MulticastInterfaces=[], Peers=[], Listen=[])
            if host == "a":
                config["Peers"] = [f"tcp://{addresses['b'][0]}:{PORT}"]
            else:
                config["Listen"] = [f"tcp://{addresses['b'][0]}:{PORT}"]
            path = write(run.path(f"yggdrasil-{host}.conf"), json.dumps(config))
            self.ip[host] = run.command(["yggdrasil", "-useconffile", path, "-address"]).stdout.strip()
        for host in "ba":           # b listens before a calls: a retry takes long
            self.daemon(run, host, ["yggdrasil", "-useconffile", run.path(f"yggdrasil-{host}.conf")],
                        "Interface MTU")
        self.target = self.ip["b"]
        self.version = package_version(run, "yggdrasil")

    def describe(self):
        return f"{self.version}, over TCP, IPv6 inside, MTU {MTU}"
