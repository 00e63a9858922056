"""Holds connections to a local HTTP server open and asks for more than it should give, for a while.

usage: httpflood.py PORT SECONDS SLOW
SLOW connections send a byte a second of a request that never ends, each opened anew when the server hangs up; two
threads ask for documents without a secret, one after another. Prints {"opened", "hungUp", "answers": {status: n}} as
JSON.
"""
import collections
import http.client
import json
import socket
import sys
import threading
import time

PORT, SECONDS, SLOW = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
HEAD = f"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nX-Slow: "
end = time.monotonic() + SECONDS
counts = collections.Counter()
answers = collections.Counter()


def connect():
    s = socket.create_connection(("127.0.0.1", PORT), timeout=2)
    s.sendall(HEAD.encode())
    s.settimeout(2)
    counts["opened"] += 1
    return s


def slow():
    held = []
    while time.monotonic() < end:
        for s in list(held):
            try:
                s.sendall(b"x")
            except OSError:
                held.remove(s)
                counts["hungUp"] += 1
        while len(held) < SLOW and time.monotonic() < end:
            try:
                held.append(connect())
            except OSError:
                break
        time.sleep(1)


def ask():
    while time.monotonic() < end:
        try:
            c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
            c.request("GET", "/v1/peers")
            answers[c.getresponse().status] += 1
            c.close()
        except (OSError, http.client.HTTPException):
            answers["none"] += 1


threads = [threading.Thread(target=f) for f in (slow, ask, ask)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(json.dumps({**counts, "answers": answers}))
