"""What a person would try first: ping, scp, curl and iperf3 between four hosts."""
import hashlib
import os
import sys
import time

from harness import CheckFailed, iperf3, members, ping_all, require, say, wait_online

SSH_PORT = 2222
HTTP_PORT = 8000
MEGABYTE = 1_000_000


def check(run, args):
    require("ip", "ping", "scp", "sshd", "ssh-keygen", "curl", "iperf3")
    run.build()
    run.up("hosts", "--count", 4)
    wait_online(run.bootstrap("wan"))
    nodes = members(run, ["h1", "h2", "h3", "h4"], "10.79.1.1:4001")
    ping_all(run, nodes, 4)
    ping_all(run, nodes, 6)
    payload = run.path("payload")
    write_random(payload, args.size * MEGABYTE)
    copy_by_scp(run, nodes[0], nodes[1], payload, args.size)
    download(run, nodes[2], nodes[3], payload, family=4)
    download(run, nodes[3], nodes[2], payload, family=6)
    for reverse in (False, True):
        r = iperf3(run, nodes[0].host, nodes[3].host, nodes[3].address(), seconds=5,
                   reverse=reverse)
        arrow = f"{nodes[3].name} -> {nodes[0].name}" if reverse else \
            f"{nodes[0].name} -> {nodes[3].name}"
        say(f"  iperf3 {arrow}: {r['mbit']:.0f} Mbit/s, {r['retransmits']} retransmissions, "
            f"{r['congestion']}")
        if r["mbit"] <= 0:
            raise CheckFailed(f"iperf3 {arrow} moved nothing")


def write_random(path, size):
    with open(path, "wb") as f:
        for _ in range(size // MEGABYTE):
            f.write(os.urandom(MEGABYTE))


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(MEGABYTE):
            h.update(block)
    return h.hexdigest()


def compare(what, sent, received):
    want, got = digest(sent), digest(received)
    if want != got:
        raise CheckFailed(f"{what}: SHA-256 differs: {want} sent, {got} received, "
                          f"{os.path.getsize(received)} bytes")
    say(f"    sha256 equal: {want[:16]}...")


def copy_by_scp(run, source, target, payload, megabytes):
    """scp through a throw-away sshd in the target's namespace, with keys made for it."""
    keys = run.path("ssh")
    os.mkdir(keys, 0o700)
    for name in ("host", "user"):
        run.command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{keys}/{name}"])
    config = f"{keys}/sshd_config"
    with open(config, "w") as f:
        f.write(f"Port {SSH_PORT}\nListenAddress {target.address()}\nHostKey {keys}/host\n"
                f"AuthorizedKeysFile {keys}/user.pub\nPermitRootLogin prohibit-password\n"
                f"PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
                f"StrictModes no\nPidFile none\nSubsystem sftp internal-sftp\n")
    separation = "/run/sshd"            # sshd wants it to exist
    made = not os.path.isdir(separation)
    if made:
        os.mkdir(separation, 0o755)
    try:
        sshd = run.command(["sh", "-c", "command -v sshd"]).stdout.strip()
        server = run.start(target.host, [sshd, "-D", "-e", "-f", config], "sshd", "listening")
        started = time.monotonic()
        run.exec(source.host, "scp", "-q", "-P", SSH_PORT, "-i", f"{keys}/user", "-o",
                 "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                 "UserKnownHostsFile=/dev/null", payload,
                 f"root@{target.address()}:{run.path('copied')}", timeout=300)
        seconds = time.monotonic() - started
        server.end()
    finally:
        if made:
            os.rmdir(separation)
    say(f"  scp {source.name} -> {target.name}: {megabytes} MB in {seconds:.1f} s, "
        f"{megabytes * 8 / seconds:.0f} Mbit/s")
    compare("scp", payload, run.path("copied"))


def download(run, source, target, payload, family):
    """curl fetches the payload from Python's web server at the target."""
    address = target.address(family)
    server = run.start(target.host,
                       [sys.executable, "-u", "-m", "http.server", HTTP_PORT, "--bind", address,
                        "--directory", os.path.dirname(payload)], f"http{family}", "Serving")
    host = f"[{address}]" if family == 6 else address
    out = run.path(f"fetched{family}")
    started = time.monotonic()
    run.exec(source.host, "curl", "-sS", "--fail", "--noproxy", "*", "-o", out,
             f"http://{host}:{HTTP_PORT}/{os.path.basename(payload)}", timeout=300)
    seconds = time.monotonic() - started
    server.end()
    megabytes = os.path.getsize(out) / MEGABYTE
    say(f"  curl {source.name} <- {target.name} over IPv{family}: {megabytes:.0f} MB in "
        f"{seconds:.1f} s, {megabytes * 8 / seconds:.0f} Mbit/s")
    compare("curl", payload, out)
