"""OpenVPN between the two hosts, in user space, with keys made for this run."""
from bench.contenders.base import Peer, other
from harness import CheckFailed

PORT = 1194
CIPHER = "AES-256-GCM"


class OpenVpn(Peer):
    """Point to point over UDP: b waits, a calls.

    Each side pins the other's self-signed certificate by its fingerprint. Settings are the
    defaults otherwise.
    """
    key = "openvpn"
    name = "OpenVPN"
    tools = ("openvpn", "openssl")
    subnet = 0
    device_name = "ovpn0"

    def start(self, run, addresses):
        for side in "ab":
            make_key(run, side)
        version = run.command(["openvpn", "--version"], check=False).stdout.split()
        self.version = version[1] if len(version) > 1 else "?"
        server = self.launch(run, "b", ["--tls-server", "--dh", "none"])
        client = self.launch(run, "a", ["--tls-client", "--remote", addresses["b"][0]])
        for side in (server, client):
            side.wait_for("Initialization Sequence Completed", 30)
        if f"Data Channel: cipher '{CIPHER}'" not in client.output():
            raise CheckFailed(f"OpenVPN did not choose {CIPHER}\n{client.tail(30)}")

    def launch(self, run, side, words):
        far = other(side)
        fingerprint = run.command(["openssl", "x509", "-in", run.path(f"{far}.crt"), "-noout",
                                   "-sha256", "-fingerprint"]).stdout.strip().partition("=")[2]
        return self.daemon(run, side, [
            "openvpn", "--dev", self.device_name, "--dev-type", "tun", "--proto", "udp", "--port",
            PORT, "--ifconfig", self.ip[side], self.ip[far], "--cert", run.path(f"{side}.crt"),
            "--key", run.path(f"{side}.key"), "--peer-fingerprint", fingerprint,
            "--data-ciphers", CIPHER, "--cipher", CIPHER, "--disable-dco", "--verb", "4", *words])

    def describe(self):
        return f"{self.version}, {CIPHER}, UDP, user space"


def make_key(run, side):
    run.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={side}",
                 "-keyout", run.path(f"{side}.key"), "-out", run.path(f"{side}.crt")])
