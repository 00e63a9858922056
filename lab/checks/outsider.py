"""A node outside a private namespace sees its door, and nothing else of it."""
import time

import capture
from harness import CheckFailed, Node, members, ping_all, require, say, wait_online

NAMES = {"h1": "cinnamon-windmill", "h2": "juniper-lighthouse", "h3": "saffron-aqueduct"}
NAMESPACE = "secluded-orangery"
OUTSIDERS = ["h5", "h6", "h7", "h8"]
UPLINK_MILLIS = 0.5         # makes every uplink a delay line, where no super-packet passes
POLL_SECONDS = 20           # for doors and meeting places to be written
DOORS_MAX = 8               # about four are kept; those who look at once may all open one


def check(run, _args):
    require("ip", "ping", "tcpdump")
    run.build()
    run.up("hosts", "--count", 8, "--delay", UPLINK_MILLIS)
    taps = capture.tap(run, ["to-h4"], "outside")
    bootstrap = run.bootstrap("h4")
    wait_online(bootstrap)
    strangers = [run.add_node(outsider(run, h)) for h in OUTSIDERS]
    for node in strangers:
        wait_online(node)
    nodes = members(run, list(NAMES), "10.79.4.2:4001", NAMES.get, NAMESPACE)
    ping_all(run, nodes)
    time.sleep(POLL_SECONDS)
    records = dump([bootstrap, *strangers, *nodes])
    frames = capture.untap(taps)["to-h4"]
    judge_records(records, nodes)
    judge_frames(frames, nodes)


def outsider(run, host):
    """A node of the public ring only, so that records are spread over more than the members."""
    return Node(run, host, host, ["bootstrap", "--listen", "4001", "--bootstrap", "10.79.4.2:4001"])


def dump(nodes):
    """All records of the public DHT, each once and the newest: what every node of it keeps."""
    found = {}
    for node in nodes:
        for record in node.json("dht", "dump")["records"]:
            which = record["key"], record["owner"]
            if which not in found or found[which]["sequence"] < record["sequence"]:
                found[which] = record
    return list(found.values())


def secrets(nodes):
    """What nobody outside may read: name -> bytes."""
    hidden = {"the namespace's name": NAMESPACE.encode(),
              "the namespace's ID": bytes.fromhex(nodes[0].space["id"][:40])}
    for node in nodes:
        hidden[f"the name {node.name}"] = node.name.encode()
        hidden[f"the private ID of {node.name}"] = bytes.fromhex(node.space["overlayId"])
        hidden[f"the public ID of {node.name}"] = bytes.fromhex(node.facts["overlayId"])
        hidden[f"the address of {node.name}"] = node.address().encode()
    return hidden


def judge_records(records, nodes):
    members_public = {n.facts["overlayId"] for n in nodes}
    doors = [r for r in records if r["owner"] in members_public]
    others = [r for r in records if r["owner"] not in members_public]
    say(f"  {len(records)} records in the public DHT: {len(doors)} signed by members (doors), "
        f"{len(others)} by identities that belong to nobody in the ring")
    if not 1 <= len(doors) <= DOORS_MAX or len({r["key"] for r in doors}) != 1:
        raise CheckFailed(f"{len(doors)} records of members under "
                          f"{len({r['key'] for r in doors})} keys; a door has one")
    if not others:
        raise CheckFailed("nothing lies at the members' meeting place")
    lengths = {len(r["valueHex"]) // 2 for r in others}
    if len(lengths) != 1:
        raise CheckFailed(f"records of the meeting place differ in length: {sorted(lengths)}")
    for record in records:
        value = bytes.fromhex(record["valueHex"])
        for what, text in secrets(nodes).items():
            if text in value:
                raise CheckFailed(f"{what} is readable in a record of {record['owner'][:8]}")
    say("  no value of them holds a name, an ID or an address of the namespace")


def judge_frames(frames, nodes):
    names = {k: v for k, v in secrets(nodes).items() if "name" in k}
    addresses = [a for n in nodes for a in (n.address(4), n.address(6)) if a]
    found = capture.sightings(frames, names, addresses)
    size = sum(map(len, frames))
    say(f"  {len(frames)} frames, {size} bytes captured at the bootstrap: looked for "
        f"{len(names)} names, {len(addresses)} addresses")
    if found:
        raise CheckFailed("on the wire: " + ", ".join(f"{k} {n} times" for k, n in found.items()))
