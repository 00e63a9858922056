"""The dashboard of a real node: it decides who is in, and lets nobody else near, another user of the host included."""
import json
import os
import time

from harness import CheckFailed, Node, median, require, say, wait_all, wait_joined, wait_online
from checks.trust import BOOTSTRAP, SPACE, last_line, start, state_of, words

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
TOKEN = "X-P2pvpn-Token"
ADMITTED_SECONDS_MAX = 10
OUT_SECONDS_MAX = 5
FLOOD_SECONDS = 20
SLOW_CONNECTIONS = 300
AGAIN_SECONDS_MAX = 15
THREADS_MORE_MAX = 48       # workers, feed, the server's own
DESCRIPTORS_MORE_MAX = 160  # connections of workers, and those that wait


class Page:
    """What the page asks for, from the host that it is open on."""

    def __init__(self, run, node):
        self.run, self.host = run, node.host
        self.address, self.secret = node.cli("dashboard").stdout.strip().split("/#")
        self.port = int(self.address.rpartition(":")[2])

    def curl(self, path, *more, user=()):
        """Status and body."""
        done = self.run.exec(self.host, *user, "curl", "-s", "-m", 10, "-w", "\n%{http_code}", *more,
                             self.address + path, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def get(self, path):
        status, body = self.curl(path, "-H", f"{TOKEN}: {self.secret}")
        if status != 200:
            raise CheckFailed(f"the page gets {status} for {path}: {body.strip()}")
        return json.loads(body)

    def decide(self, operation, target):
        body = json.dumps({"operation": operation, "namespace": SPACE, "target": target})
        status, text = self.curl("/v1/decide", "-H", f"{TOKEN}: {self.secret}", "-d", body)
        if status != 200:
            raise CheckFailed(f"{operation} {target}: {status}: {text.strip()}")


def check(run, _args):
    require("ip", "ping", "curl", "setpriv", "python3")
    run.build()
    run.up("hosts", "--count", 4)
    wait_online(run.bootstrap("wan"))
    a = start(run, "h1", "a")
    wait_joined([a])
    page = Page(run, a)
    b = approved(run, a, page)
    denied(run, page)
    attacked(run, a, page)
    flooded(run, a, b, page)
    put_out(a, b, page)
    a.cli("dashboard", "--stop")
    status, _ = page.curl("/")
    if status:
        raise CheckFailed(f"after --stop the page answers {status}")


def approved(run, a, page):
    b = start(run, "h2", "b")
    wait_all([b], 30, "ask", lambda n: state_of(n).get("state") == "waiting-approval")
    wait_all([a], 15, "hear of b", lambda n: page.get("/v1/requests")["requests"])
    rows = page.get("/v1/requests")["requests"]
    if [(r["name"], r["fingerprint"]) for r in rows] != [("b", state_of(b)["fingerprint"])]:
        raise CheckFailed(f"the page shows {rows}")
    page.decide("APPROVE", rows[0]["fingerprint"])
    seconds = wait_joined([b], ADMITTED_SECONDS_MAX)
    shown = {m["name"] for m in page.get(f"/v1/members?namespace={SPACE}")["members"]}
    if shown != {"a", "b"}:
        raise CheckFailed(f"members of the page: {shown}")
    say(f"  b asked, was approved on the page, and is in {seconds:.1f} s later")
    return b


def denied(run, page):
    d = run.add_node(Node(run, "h3", "d", words("d")))
    wait_all([d], 30, "ask", lambda n: state_of(n).get("state") == "waiting-approval")
    deadline = time.monotonic() + 15
    while not (rows := page.get("/v1/requests")["requests"]) and time.monotonic() < deadline:
        time.sleep(0.2)
    page.decide("DENY", rows[0]["fingerprint"])
    deadline = time.monotonic() + 20
    while d.process.running:
        if time.monotonic() > deadline:
            raise CheckFailed("d runs on after it was denied")
        time.sleep(0.2)
    say(f"  d asked, was denied on the page: {last_line(d.process.log)}")


def attacked(run, a, page):
    """Each is refused, and counted."""
    right = ("-H", f"{TOKEN}: {page.secret}")
    tries = (
        ("a name that was pointed here", 421, "host", (*right, "-H", "Host: evil.example"), ()),
        ("another page", 403, "origin", (*right, "-H", "Origin: http://evil.example"), ()),
        ("another page's form", 403, "origin", (*right, "-H", "Sec-Fetch-Site: cross-site"), ()),
        ("no secret", 401, "token", (), ()),
        ("a wrong secret", 401, "token", ("-H", f"{TOKEN}: {'A' * len(page.secret)}"), ()),
        ("another user", 401, "token", (), NOBODY))
    for what, code, counter, more, user in tries:
        name = f"p2pvpn_dashboard_drop_{counter}_total"
        before = a.counters().get(name, 0)
        status, body = page.curl("/v1/status", *more, user=user)
        if status != code or a.counters().get(name, 0) != before + 1:
            raise CheckFailed(f"{what}: {status}, not {code}, or not counted: {body[:200]}")
        say(f"  {what}: {status} {body.strip()}")
    done = run.exec("h1", *NOBODY, "curl", "-s", "-m", 5, "--unix-socket", a.socket, "-X", "POST",
                    "http://localhost/v1/dashboard", "-d", "{}", check=False)
    if not done.returncode or "#" in done.stdout:
        raise CheckFailed(f"another user asked the daemon for a link: {done.stdout}")
    shown = [name for name in readable(a) if page.secret.encode() in content(name)]
    if shown:
        raise CheckFailed(f"the secret is in {shown}")
    say("  another user gets no link from the daemon; the secret is in no file of the node's and on no command line")


def readable(node):
    """Files in which a secret could be left behind."""
    state = node.run.path(f"{node.name}.state")
    files = [os.path.join(d, f) for d, _, names in os.walk(state) for f in names]
    return [*files, node.process.log, f"/proc/{node.process.child.pid}/cmdline"]


def content(name):
    try:
        with open(name, "rb") as f:
            return f.read()
    except OSError:
        return b""


def size(pid):
    """Threads and open descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/task")), len(os.listdir(f"/proc/{pid}/fd"))


def flooded(run, a, b, page):
    """The VPN goes on while another user holds and asks for more than there is; so does the page, soon after."""
    pid = a.process.child.pid
    target = a.space["virtualIp"]
    quiet = run.exec("h2", "ping", "-n", "-i", "0.1", "-c", 50, target).stdout
    threads, descriptors = size(pid)
    flood = run.start("h1", [*NOBODY, "python3", os.path.join(os.path.dirname(__file__), "..", "httpflood.py"),
                             page.port, FLOOD_SECONDS, SLOW_CONNECTIONS], "httpflood")
    ping = run.start("h2", ["ping", "-n", "-i", "0.1", "-c", FLOOD_SECONDS * 10 - 20, target], "ping-flood")
    most_threads, most_descriptors = 0, 0
    while flood.running:
        most_threads, most_descriptors = map(max, (most_threads, most_descriptors), size(pid))
        time.sleep(0.2)
    started = time.monotonic()
    while page.curl("/v1/status", "-H", f"{TOKEN}: {page.secret}")[0] != 200:
        if time.monotonic() - started > AGAIN_SECONDS_MAX:
            raise CheckFailed("the page does not answer after the flood")
        time.sleep(0.5)
    again = time.monotonic() - started
    ping.child.wait(30)
    lost = FLOOD_SECONDS * 10 - 20 - ping.output().count("bytes from")
    counted = {k: int(v) for k, v in a.counters().items() if k.startswith("p2pvpn_dashboard_drop")}
    say(f"  {SLOW_CONNECTIONS} slow connections and requests without a secret for {FLOOD_SECONDS} s: "
        f"{flood.output().strip()}; pings b to a: {lost} lost, median {median(rtts(quiet)):.2f} ms before, "
        f"{median(rtts(ping.output())):.2f} ms meanwhile; threads {threads}, at most {most_threads}; descriptors "
        f"{descriptors}, at most {most_descriptors}; the page answers {again:.1f} s after; counted {counted}")
    if lost or most_threads > threads + THREADS_MORE_MAX or most_descriptors > descriptors + DESCRIPTORS_MORE_MAX:
        raise CheckFailed("the flood reached the VPN, or held more than there is a bound for")
    if not counted.get("p2pvpn_dashboard_drop_unreadable_total"):
        raise CheckFailed("slow connections are not counted")


def rtts(output):
    return [float(word.split("=")[1]) for word in output.split() if word.startswith("time=")]


def put_out(a, b, page):
    row = next(m for m in page.get(f"/v1/members?namespace={SPACE}")["members"] if m["name"] == "b")
    started = time.monotonic()
    page.decide("REVOKE", row["overlayId"])
    wait_all([b], OUT_SECONDS_MAX, "see that it is out", lambda n: state_of(n).get("state") == "revoked")
    left = a.json("peers")["peers"]
    if any(p.get("name") == "b" for p in left):
        raise CheckFailed(f"a still has b as a peer: {left}")
    say(f"  b was put out on the page, and knows it {time.monotonic() - started:.1f} s later")
