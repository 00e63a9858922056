"""The Debian package: lint clean; installed, started as a service, joined, upgraded, removed, purged."""
import glob
import json
import os
import shutil
import subprocess

from harness import ROOT, CheckFailed, ping, require, say, wait_joined, wait_online

BOOTSTRAP = "10.79.1.1:4001"
CONFIG = "/etc/p2pvpn/p2pvpn.toml"
SOCKET = "/run/p2pvpn/p2pvpn.sock"
PINGS = 10


def check(run, _args):
    require("ip", "ping", "lintian")
    run.build()
    package = made(run)
    lint(run, package)
    run.up("hosts", "--count", 2)
    wait_online(run.bootstrap("wan"))
    other = run.join("h2", BOOTSTRAP, "h2")
    wait_joined([other])
    with Machine(run, "h1") as machine:
        install(machine, package)
        before = start(machine, other)
        upgrade(machine, later(run, package), before, other)
        remove(machine)


def made(run):
    """The package that the Maven build makes of this tree, in a copy of it."""
    say("  mvn -Pman-pages,deb -DskipTests package")
    copy = run.path("tree")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("target", ".git"))
    run.command(["mvn", "-B", "-q", "-Dquick", "-Dmaven.test.skip=false", "-DskipTests", "-Pman-pages,deb",
                 "-f", copy, "-pl", "cli", "-am", "package"], timeout=900)
    packages = glob.glob(f"{copy}/cli/target/*.deb")
    if len(packages) != 1:
        raise CheckFailed(f"the build made {packages}")
    say(f"  {os.path.basename(packages[0])}, {os.path.getsize(packages[0]) / 1e6:.1f} MB")
    return packages[0]


def lint(run, package):
    result = run.command(["lintian", "--profile", "debian", "--fail-on", "error,warning", "--allow-root", package],
                         timeout=300, check=False)
    if result.returncode or result.stdout.strip():
        raise CheckFailed(f"lintian: {result.stdout}{result.stderr}")
    say("  lintian: clean")


def later(run, package):
    """The same as a later version."""
    tree = run.path("later")
    run.command(["dpkg-deb", "-R", package, tree])
    with open(f"{tree}/DEBIAN/control") as f:
        text = f.read()
    with open(f"{tree}/DEBIAN/control", "w") as f:
        f.write("".join(line + "+1\n" if line.startswith("Version:") else line + "\n" for line in text.splitlines()))
    out = run.path("later.deb")
    run.command(["dpkg-deb", "-Znone", "-b", tree, out], timeout=120)
    return out


class Machine:
    """This machine's files with everything written to them kept apart, seen from a host of the lab."""

    def __init__(self, run, host):
        self.run, self.host = run, host
        self.layers, self.root = run.path("layers"), run.path("root")
        self.mounted = []

    def __enter__(self):
        for place in (self.layers, self.root):
            os.mkdir(place)
        self.mount("tmpfs", self.layers, "-t", "tmpfs", "-o", "size=1g")
        for name in ("upper", "work"):
            os.mkdir(f"{self.layers}/{name}")
        self.mount("overlay", self.root, "-t", "overlay", "-o",
                   f"lowerdir=/,upperdir={self.layers}/upper,workdir={self.layers}/work")
        for place in ("/proc", "/dev", "/sys"):
            self.mount(place, self.root + place, "--bind")
        self.mount("tmpfs", f"{self.root}/run", "-t", "tmpfs")
        policy = f"{self.root}/usr/sbin/policy-rc.d"
        if os.path.exists(policy):
            os.remove(policy)       # images of containers have one, by which no service is ever started
        return self

    def mount(self, what, where, *options):
        self.run.command(["mount", *options, what, where])
        self.mounted.append(where)

    def __exit__(self, *_):
        self.do("/etc/init.d/p2pvpn", "stop", check=False)
        for where in reversed(self.mounted):
            subprocess.run(["umount", "-l", where], capture_output=True)

    def do(self, *words, check=True, timeout=120):
        line = ["env", "DEBIAN_FRONTEND=noninteractive", "chroot", self.root, *words]
        return self.run.exec(self.host, *line, timeout=timeout, check=check)

    def put(self, package):
        shutil.copy(package, f"{self.root}/tmp/p2pvpn.deb")
        self.do("dpkg", "-i", "/tmp/p2pvpn.deb")

    def status(self):
        result = self.do("p2pvpn", "status", "--json", "--socket", SOCKET, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def exists(self, path):
        return os.path.lexists(self.root + path)


def facts(machine):
    status = machine.status()
    if not status:
        raise CheckFailed("the service does not answer")
    return status["overlayId"], status["namespaces"][0]["virtualIp"], status["version"]


def reached(run, other, address, when):
    got = ping(run, other.host, address, PINGS, 0.1, 3)
    if len(got) < PINGS:
        raise CheckFailed(f"{when}: {len(got)} of {PINGS} pings answered")


def install(machine, package):
    machine.put(package)
    for path in ("/usr/bin/p2pvpn", CONFIG, "/lib/systemd/system/p2pvpn.service", "/var/lib/p2pvpn"):
        if not machine.exists(path):
            raise CheckFailed(f"installed, but there is no {path}")
    if machine.status():
        raise CheckFailed("installed, and started without having been asked to")
    user = machine.do("getent", "passwd", "p2pvpn").stdout.strip()
    version = machine.do("p2pvpn", "--version").stdout.strip()
    page = machine.do("man", "-w", "p2pvpn-join", check=False).stdout.strip()
    say(f"  dpkg -i: {version}; user {user.split(':')[0]}; nothing runs yet; {page or 'no man here to ask'}")
    refused = machine.do("/etc/init.d/p2pvpn", "start", check=False)
    if refused.returncode == 0 or machine.status():
        raise CheckFailed("started without a configuration")


def start(machine, other):
    with open(machine.root + CONFIG, "a") as f:
        f.write(f'bootstrap = ["{BOOTSTRAP}"]\nnamespace = "lab"\nopen = true\nname = "h1"\ndns = "server"\n')
    machine.do("/etc/init.d/p2pvpn", "start")
    before = facts(machine)
    reached(machine.run, other, before[1], "started")
    running = machine.do("/etc/init.d/p2pvpn", "status").returncode
    say(f"  /etc/init.d/p2pvpn start (no systemd here): member {before[0][:8]} at {before[1]}, {PINGS} of {PINGS} pings "
        f"from another; status {running}")
    return before


def upgrade(machine, package, before, other):
    uptime = machine.status()["uptimeSeconds"]
    machine.put(package)
    after = facts(machine)
    if machine.status()["uptimeSeconds"] >= uptime + 5:
        raise CheckFailed("upgraded, but the old program runs on")
    if after[:2] != before[:2]:
        raise CheckFailed(f"upgraded: {before[:2]} is now {after[:2]}")
    with open(machine.root + CONFIG) as f:
        if 'namespace = "lab"\n' not in f.read():
            raise CheckFailed("upgraded: the configuration is not the one that was written")
    reached(machine.run, other, after[1], "upgraded")
    version = machine.do("dpkg-query", "-W", "-f", "${Version}", "p2pvpn").stdout
    say(f"  dpkg -i of version {version}: runs again as the same member with the same address; configuration kept")


def remove(machine):
    machine.do("dpkg", "-r", "p2pvpn")
    devices = machine.run.exec(machine.host, "ip", "-o", "link", "show", "type", "tun", check=False).stdout
    inside = subprocess.run(["ip", "netns", "pids", machine.run.inside(machine.host, [])[3]],
                            capture_output=True, text=True).stdout.split()
    if devices.strip() or inside:
        raise CheckFailed(f"removed, and there are still {devices.strip()} {inside}")
    kept = [path for path in (CONFIG, "/var/lib/p2pvpn/identity") if machine.exists(path)]
    if len(kept) < 2 or machine.exists("/usr/bin/p2pvpn"):
        raise CheckFailed(f"removed: only {kept} is left, or the program")
    machine.do("dpkg", "-P", "p2pvpn")
    left = [path for path in (CONFIG, "/etc/p2pvpn", "/var/lib/p2pvpn", "/var/cache/p2pvpn", "/etc/init.d/p2pvpn",
                              "/usr/share/p2pvpn", "/run/p2pvpn") if machine.exists(path)]
    user = machine.do("getent", "passwd", "p2pvpn", check=False).stdout
    if left or user:
        raise CheckFailed(f"purged, and there are still {left} {user}")
    say("  dpkg -r: no process, no device; configuration and state stay; dpkg -P: nothing is left, nor the user")
