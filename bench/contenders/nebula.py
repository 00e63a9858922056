"""Nebula, each host told where the other is."""
import re

from bench.contenders.base import Peer, other, write

PORT = 4242
CONFIG = """pki: {{ca: {dir}/nebula-ca.crt, cert: {dir}/nebula-{host}.crt, key: {dir}/nebula-{host}.key}}
static_host_map: {{"{far_ip}": ["{far}:{port}"]}}
lighthouse: {{am_lighthouse: false}}
listen: {{host: 0.0.0.0, port: {port}}}
tun: {{dev: {device}, mtu: {mtu}}}
firewall:
  outbound: [{{port: any, proto: any, host: any}}]
  inbound: [{{port: any, proto: any, host: any}}]
"""


class Nebula(Peer):
    """Without a lighthouse, so no address but the link's is known."""
    key = "nebula"
    name = "Nebula"
    tools = ("nebula", "nebula-cert")
    subnet = 5
    device_name = "nebula0"
    mtu = 1300

    def start(self, run, addresses):
        ca = run.path("nebula-ca")
        run.command(["nebula-cert", "ca", "-name", "bench", "-out-crt", f"{ca}.crt", "-out-key",
                     f"{ca}.key"])
        for host in "ab":
            own, far = run.path(f"nebula-{host}"), other(host)
            run.command(["nebula-cert", "sign", "-ca-crt", f"{ca}.crt", "-ca-key", f"{ca}.key",
                         "-name", host, "-ip", f"{self.ip[host]}/24", "-out-crt", f"{own}.crt",
                         "-out-key", f"{own}.key"])
            config = write(f"{own}.yml", CONFIG.format(
                dir=run.directory, host=host, far_ip=self.ip[far], far=addresses[far][0],
                port=PORT, device=self.device_name, mtu=self.mtu))
            self.daemon(run, host, ["nebula", "-config", config], "interface is active")
        said = run.command(["nebula", "-version"]).stdout
        self.version = re.search(r"Version: (\S+)", said)[1] if "Version:" in said else "?"

    def describe(self):
        return f"{self.version}, AES-256-GCM, MTU {self.mtu}"
