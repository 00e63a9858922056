"""What all ways from a to b have in common."""
import os
import shutil

PATH = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"


class Contender:
    """A way from one host of the lab to another that can be timed against others.

    It is started once and stays up through all rounds. `target` is the sink's address that
    leads through it; `daemons` are the processes that carry the packets, by host.
    """
    key = ""                # how --contenders names it
    name = ""               # how tables name it
    tools = ()              # programs it needs
    sealed = False          # a user-space VPN that encrypts: one to be compared with
    optional = False        # left out when it does not come up
    source, sink = "a", "b"
    target = None
    warm_up_seconds = 1

    def __init__(self):
        self.daemons = {}

    def missing(self):
        """The programs that it needs and that are not here."""
        return [t for t in self.tools if not shutil.which(t, path=PATH)]

    def start(self, run, addresses):
        """Bring it up; `addresses` are the hosts' on the link. It answers soon after."""
        raise NotImplementedError

    def device(self, host):
        """The tunnel's network device on a host, or None."""
        raise NotImplementedError

    def describe(self):
        """Version and settings, for the tables."""
        raise NotImplementedError

    def daemon(self, run, host, words, ready=None, timeout=10):
        """Start a process that carries packets."""
        name = f"{self.key}-{host}"
        process = run.start(host, words, name, ready, timeout)
        self.daemons.setdefault(host, []).append(process)
        return process

    def witnesses(self, _run):
        """Lines that tell where packets can have been lost."""
        return []


class Peer(Contender):
    """A VPN with a device of the same name on both hosts and addresses 10.99.N.1 and .2."""
    sealed = True
    optional = True
    subnet = 0              # N, of its own
    device_name = ""
    mtu = 1400

    def __init__(self):
        super().__init__()
        self.ip = {"a": f"10.99.{self.subnet}.1", "b": f"10.99.{self.subnet}.2"}
        self.target = self.ip["b"]

    def device(self, host):
        return self.device_name

    def address(self, run, host):
        """Give the device its address and MTU, and bring it up."""
        device = self.device(host)
        run.exec(host, "ip", "address", "add", f"{self.ip[host]}/24", "dev", device)
        run.exec(host, "ip", "link", "set", device, "mtu", self.mtu, "up")


def other(host):
    return "b" if host == "a" else "a"


def write(path, text, mode=0o600):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def first_line(run, *words):
    """The first line of what a program says about itself."""
    r = run.command(list(words), check=False)
    return ((r.stdout or r.stderr).strip().splitlines() or ["?"])[0]


def package_version(run, package):
    """What the distribution calls the version of a program that does not say it."""
    if not shutil.which("dpkg-query"):
        return "?"
    r = run.command(["dpkg-query", "-W", "-f", "${Version}", package], check=False)
    return r.stdout.strip() or "?"
