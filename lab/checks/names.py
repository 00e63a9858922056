"""Members are reached by name, forward and reverse, by every way in which a host may look names up; resolv.conf is
never touched."""
import hashlib
import os
import shutil
import signal
import subprocess
import time

from harness import PREFIX, STARTS_AT_ONCE, CheckFailed, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
DOMAIN = "lab.p2pvpn.internal"
NAMED_SECONDS_MAX = 10
HTTP_PORT = 8080
HOSTS_TEXT = "127.0.0.1\tlocalhost\n# a line of somebody else's, without an end"


def check(run, args):
    require("ip", "dig", "curl", "dnsmasq", "unbound")
    run.build()
    count = args.count if args.count != 16 else 32
    hosts = list(run.up("hosts", "--count", count))
    wait_online(run.bootstrap("wan"))
    with Etc(hosts) as etc:
        nodes = everybody(run, hosts)
        again(run, nodes)
        page = run.path("page")
        os.mkdir(page)
        with open(f"{page}/index.html", "w") as f:
            f.write("the page of the second\n")
        run.start(nodes[1].host, ["python3", "-m", "http.server", HTTP_PORT, "--directory", page], "http", "Serving")
        hosts_file(run, etc, nodes)
        dnsmasq(run, etc, nodes)
        unbound(run, etc, nodes)
        services(run, nodes)
        etc.check()


class Etc:
    """A hosts file and a resolv.conf for each host, mounted there by `ip netns exec`."""

    def __init__(self, hosts):
        self.places = [f"/etc/netns/{PREFIX}{host}" for host in hosts]

    def __enter__(self):
        for place in self.places:
            os.makedirs(place, exist_ok=True)
            with open(f"{place}/hosts", "w") as f:
                f.write(HOSTS_TEXT)
            with open(f"{place}/resolv.conf", "w") as f:
                f.write("nameserver 127.0.0.1\noptions timeout:2 attempts:2\n")
        self.before = [self.state(place) for place in self.places]
        self.own = self.state("/etc")
        return self

    def __exit__(self, *_):
        for place in self.places:
            shutil.rmtree(place, ignore_errors=True)

    @staticmethod
    def state(place):
        """Content, inode and time of change: writing the same again would show, too."""
        with open(f"{place}/resolv.conf", "rb") as f:
            content = hashlib.sha256(f.read()).hexdigest()
        facts = os.stat(f"{place}/resolv.conf")
        return content, facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns

    def check(self):
        changed = [p for p, before in zip(self.places, self.before) if self.state(p) != before]
        if changed or self.state("/etc") != self.own:
            raise CheckFailed(f"resolv.conf was touched: {changed or '/etc'}")
        say(f"  resolv.conf of {len(self.places)} hosts and of this machine: the same bytes, inode and times")

    def hosts(self, host):
        with open(f"/etc/netns/{PREFIX}{host}/hosts") as f:
            return f.read()


def everybody(run, hosts):
    """All join, as the processors allow; then all are known by name and address."""
    nodes = []
    started = time.monotonic()
    for at in range(0, len(hosts), STARTS_AT_ONCE):
        started = time.monotonic()
        starting = [run.join(host, BOOTSTRAP, host, extra=("--dns", "server")) for host in hosts[at:at + STARTS_AT_ONCE]]
        wait_joined(starting)
        nodes += starting
    addresses = {n.address() for n in nodes}
    if len(addresses) < len(nodes):
        raise CheckFailed(f"{len(nodes)} members with {len(addresses)} addresses")
    missing = nodes
    while missing:
        missing = unknown(run, nodes[-1], missing)
        if missing and time.monotonic() - started > NAMED_SECONDS_MAX:
            raise CheckFailed(f"{NAMED_SECONDS_MAX} s after the last was started, {nodes[-1].name} does not know "
                              + ", ".join(n.name for n in missing))
    say(f"  {len(nodes)} members, {len(addresses)} addresses; the last one knows all by name (IPv4 and IPv6) and by "
        f"address {time.monotonic() - started:.1f} s after the last {STARTS_AT_ONCE} were started ({NAMED_SECONDS_MAX} wanted)")
    for node in nodes:
        lost = unknown(run, node, nodes)
        if lost:
            raise CheckFailed(f"{node.name} does not know {', '.join(n.name for n in lost)}")
    say(f"  each of them knows all {len(nodes)}, asked one after another ({time.monotonic() - started:.0f} s)")
    return nodes


def unknown(run, asker, wanted):
    """Those of the wanted whom the asker's own responder does not know, both ways."""
    questions = []
    for node in wanted:
        questions += [f"{node.name}.{DOMAIN} A", f"{node.name}.{DOMAIN} AAAA", f"-x {node.address()}"]
    file = run.path("questions")
    with open(file, "w") as f:
        f.write("\n".join(questions) + "\n")
    out = run.exec(asker.host, "dig", f"@{asker.address()}", "+noall", "+answer", "+tries=1", "+time=3", "-f", file,
                   check=False, timeout=240).stdout
    found = {tuple(line.split()[i] for i in (0, 3, 4)) for line in out.splitlines() if len(line.split()) == 5}

    def known(node):
        name = f"{node.name}.{DOMAIN}."
        reverse = ".".join(reversed(node.address().split("."))) + ".in-addr.arpa."
        return {(name, "A", node.address()), (name, "AAAA", node.address(6)), (reverse, "PTR", name)} <= normal(found)
    return [node for node in wanted if not known(node)]


def normal(found):
    """IPv6 addresses as status has them: without the double colon."""
    import ipaddress

    def text(kind, value):
        if kind != "AAAA":
            return value
        groups = ipaddress.ip_address(value).exploded.split(":")
        return ":".join(f"{int(g, 16):x}" for g in groups)
    return {(name, kind, text(kind, value)) for name, kind, value in found}


def again(run, nodes):
    """All stopped and started: the same addresses."""
    before = {n.name: n.address() for n in nodes}
    for node in nodes:
        node.process.send_signal(signal.SIGTERM)
    for node in nodes:
        node.process.end()
    for at, node in enumerate(nodes):
        nodes[at] = restart(run, node, "server")
        if at % 4 == 3:
            wait_joined(nodes[:at + 1], timeout=240)
    wait_joined(nodes, timeout=240)
    moved = [n.name for n in nodes if n.address() != before[n.name]]
    if moved:
        raise CheckFailed(f"another address after a restart: {', '.join(moved)}")
    say(f"  all {len(nodes)} stopped and started: the same addresses")


def restart(run, node, mode):
    """The same node, started again with another way to look names up."""
    node.process.end()
    return run.join(node.host, BOOTSTRAP, node.name, extra=("--dns", mode))


def by_programs(run, asker, target, how):
    """What programs see: the C library, curl; forward and reverse."""
    name = f"{target.name}.{DOMAIN}"
    deadline = time.monotonic() + 15
    while True:
        forward = run.exec(asker.host, "getent", "ahostsv4", name, check=False).stdout.split()
        reverse = run.exec(asker.host, "getent", "hosts", target.address(), check=False).stdout.split()
        if target.address() in forward and name in reverse:
            break
        if time.monotonic() > deadline:
            raise CheckFailed(f"{how}: getent says {forward[:1]} for {name} and {reverse} for {target.address()}")
        time.sleep(0.3)
    page = run.exec(asker.host, "curl", "-s", "-S", "--max-time", 10, f"http://{name}:{HTTP_PORT}/").stdout
    if page != "the page of the second\n":
        raise CheckFailed(f"{how}: curl http://{name} gives {page!r}")
    return f"getent hosts {name} and back, curl http://{name}:{HTTP_PORT}/"


def shown(node, how):
    space = node.refresh()
    if space["dns"] != how or space["domain"] != DOMAIN:
        raise CheckFailed(f"{node.name}: status says dns {space['dns']}, domain {space['domain']}, not {how}")


def until_shown(node, how):
    deadline = time.monotonic() + 20
    while True:
        try:
            return shown(node, how)
        except CheckFailed:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def hosts_file(run, etc, nodes):
    """Lines in the hosts file, gone when the node stops, and after kill -9 when it starts again."""
    first, second = nodes[0], nodes[1]
    first = nodes[0] = restart(run, first, "auto")
    wait_joined([first])
    until_shown(first, "hosts")
    seen = by_programs(run, first, second, "hosts")
    text = etc.hosts(first.host)
    if not text.startswith(HOSTS_TEXT + "\n# BEGIN p2pvpn lab "):
        raise CheckFailed(f"the hosts file is now\n{text}")
    say(f"  hosts file (chosen by --dns auto): {seen}")
    first.process.end(signal.SIGKILL)
    killed = etc.hosts(first.host)
    first = nodes[0] = restart(run, first, "server")
    wait_joined([first])
    until_shown(first, "server")
    left = etc.hosts(first.host)
    if "p2pvpn" not in killed or left != HOSTS_TEXT + "\n":
        raise CheckFailed(f"after kill -9 and a start without hosts mode the file is\n{left}")
    first = nodes[0] = restart(run, first, "hosts")
    wait_joined([first])
    by_programs(run, first, second, "hosts")
    first.process.end()
    if etc.hosts(first.host) != HOSTS_TEXT + "\n":
        raise CheckFailed(f"after a stop the hosts file is\n{etc.hosts(first.host)}")
    say("  hosts file after kill -9 and the next start, and after a stop: as it was, but for a line break at its end")


def dnsmasq(run, etc, nodes):
    servers = run.path("dnsmasq.servers")
    with open(servers, "w") as f:
        f.write("server=/elsewhere.example/192.0.2.1\n")
    os.chmod(run.directory, 0o755)
    os.chmod(servers, 0o644)
    server = run.start(nodes[0].host, ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--user=root",
                                       "--conf-file=/dev/null", f"--servers-file={servers}",
                                       "--pid-file=", "--log-facility=-"], "dnsmasq", "started")
    node = nodes[0] = restart(run, nodes[0], "auto")
    wait_joined([node])
    until_shown(node, "dnsmasq")
    say(f"  dnsmasq (chosen by --dns auto): {by_programs(run, node, nodes[1], 'dnsmasq')}")
    node.process.end()
    with open(servers) as f:
        left = f.read()
    if left != "server=/elsewhere.example/192.0.2.1\n":
        raise CheckFailed(f"after a stop dnsmasq's file is\n{left}")
    server.end()


def unbound(run, etc, nodes):
    config = run.path("unbound.conf")
    directory = run.path("unbound")
    os.mkdir(directory)
    with open(config, "w") as f:
        f.write(f'''server:
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: "{directory}/pid"
  use-syslog: no
  interface: 127.0.0.1
  module-config: "iterator"
remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: {directory}/control
''')
    server = run.start(nodes[0].host, ["unbound", "-d", "-c", config], "unbound", "start of service")
    node = nodes[0] = restart(run, nodes[0], "auto")
    wait_joined([node])
    until_shown(node, "unbound")
    say(f"  unbound (chosen by --dns auto): {by_programs(run, node, nodes[1], 'unbound')}")
    node.process.end()
    left = subprocess.run(run.inside(node.host, ["unbound-control", "-c", config, "list_forwards"]),
                          capture_output=True, text=True).stdout
    if "p2pvpn" in left:
        raise CheckFailed(f"after a stop unbound still has\n{left}")
    server.end()


def services(run, nodes):
    """A service that is published is found by the command and by DNS, and is gone when taken back."""
    node = nodes[0] = restart(run, nodes[0], "server")
    wait_joined([node])
    nodes[1].cli("publish", "http", HTTP_PORT)
    found = node.json("services", "http")["services"]
    instance = f"{nodes[1].name}._http._tcp.{DOMAIN}."
    out = [run.exec(node.host, "dig", f"@{node.address()}", "+short", *words).stdout.strip()
           for words in ((f"_http._tcp.{DOMAIN}", "PTR"), (instance, "SRV"))]
    wanted = [instance, f"0 0 {HTTP_PORT} {nodes[1].name}.{DOMAIN}."]
    if [s["host"] for s in found] != [f"{nodes[1].name}.{DOMAIN}"] or out != wanted:
        raise CheckFailed(f"published, and found as {found} and {out}")
    nodes[1].cli("unpublish", "http")
    if node.json("services", "http")["services"]:
        raise CheckFailed("a service that was taken back is still found")
    say("  p2pvpn publish http: found by p2pvpn services and by DNS (PTR, SRV); unpublish: gone")
