"""Nodes outside of an open and of a closed namespace see their doors, and nothing else of them."""
import time

import capture
from harness import CheckFailed, Node, members, ping_all, require, say, wait_all, wait_joined, wait_online

OPEN, CLOSED = "secluded-orangery", "walled-apiary"
MEMBERS = {OPEN: {"h1": "cinnamon-windmill", "h2": "juniper-lighthouse", "h3": "saffron-aqueduct"},
           CLOSED: {"h9": "vermilion-carousel", "h10": "marzipan-belfry", "h11": "obsidian-teahouse"}}
BOOTSTRAP = "10.79.4.2:4001"
OUTSIDERS = ["h5", "h6", "h7", "h8"]
UPLINK_MILLIS = 0.5         # makes every uplink a delay line, where no super-packet passes
POLL_SECONDS = 20           # for doors and meeting places to be written
DOORS_MAX = 8               # about four are kept; those who look at once may all open one


def check(run, _args):
    require("ip", "ping", "tcpdump")
    run.build()
    run.up("hosts", "--count", 11, "--delay", UPLINK_MILLIS)
    taps = capture.tap(run, ["to-h4"], "outside")
    bootstrap = run.bootstrap("h4")
    wait_online(bootstrap)
    strangers = [run.add_node(outsider(run, h)) for h in OUTSIDERS]
    for node in strangers:
        wait_online(node)
    spaces = {OPEN: members(run, list(MEMBERS[OPEN]), BOOTSTRAP, MEMBERS[OPEN].get, OPEN), CLOSED: let_in(run)}
    for nodes in spaces.values():
        ping_all(run, nodes)
    time.sleep(POLL_SECONDS)
    everybody = [node for nodes in spaces.values() for node in nodes]
    records = dump([bootstrap, *strangers, *everybody])
    frames = capture.untap(taps)["to-h4"]
    hidden = {f"{what} ({space})": text
              for space, nodes in spaces.items() for what, text in secrets(space, nodes).items()}
    judge_records(records, spaces, hidden)
    judge_frames(frames, everybody, hidden)


def let_in(run):
    """The members of the closed namespace: its founder, one that asked and was approved, one that was invited."""
    first, second, third = MEMBERS[CLOSED].items()
    words = ["--bootstrap", BOOTSTRAP, "--namespace", CLOSED]
    founder = run.add_node(Node(run, *first, ["join", *words, "--name", first[1]]))
    wait_joined([founder])
    asking = run.add_node(Node(run, *second, ["join", *words, "--name", second[1]]))
    wait_all([founder], 30, "hear of a newcomer", lambda n: n.ask("/v1/requests")["requests"])
    founder.cli("approve", second[1])
    token = founder.json("invite", "--namespace", CLOSED)["token"]
    invited = run.add_node(Node(run, *third, ["join", "--invite", token, "--name", third[1]]))
    wait_joined([asking, invited])
    return [founder, asking, invited]


def outsider(run, host):
    """A node of the public ring only, so that records are spread over more than the members."""
    return Node(run, host, host, ["bootstrap", "--listen", "4001", "--bootstrap", BOOTSTRAP])


def dump(nodes):
    """All records of the public DHT, each once and the newest: what every node of it keeps."""
    found = {}
    for node in nodes:
        for record in node.json("dht", "dump")["records"]:
            which = record["key"], record["owner"]
            if which not in found or found[which]["sequence"] < record["sequence"]:
                found[which] = record
    return list(found.values())


def secrets(space, nodes):
    """What nobody outside may read: name -> bytes."""
    hidden = {"the namespace's name": space.encode(),
              "the namespace's ID": bytes.fromhex(nodes[0].space["id"][:40])}
    for node in nodes:
        hidden[f"the name {node.name}"] = node.name.encode()
        hidden[f"the private ID of {node.name}"] = bytes.fromhex(node.space["overlayId"])
        hidden[f"the public ID of {node.name}"] = bytes.fromhex(node.facts["overlayId"])
        hidden[f"the address of {node.name}"] = node.address().encode()
    return hidden


def judge_records(records, spaces, hidden):
    left = records
    for space, nodes in spaces.items():
        members_public = {n.facts["overlayId"] for n in nodes}
        doors = [r for r in records if r["owner"] in members_public]
        left = [r for r in left if r["owner"] not in members_public]
        if not 1 <= len(doors) <= DOORS_MAX or len({r["key"] for r in doors}) != 1:
            raise CheckFailed(f"{len(doors)} records of members of {space} under "
                              f"{len({r['key'] for r in doors})} keys; a door has one")
        say(f"  {space}: {len(doors)} records signed by members, all under one key (doors)")
    say(f"  {len(records)} records in the public DHT, {len(left)} of them by identities that belong to nobody")
    if not left:
        raise CheckFailed("nothing lies at the members' meeting places")
    lengths = {len(r["valueHex"]) // 2 for r in left}
    if len(lengths) != 1:
        raise CheckFailed(f"records of the meeting places differ in length: {sorted(lengths)}")
    for record in records:
        value = bytes.fromhex(record["valueHex"])
        for what, text in hidden.items():
            if text in value:
                raise CheckFailed(f"{what} is readable in a record of {record['owner'][:8]}")
    say(f"  no value of them holds a name, an ID or an address of a namespace ({len(hidden)} looked for)")


def judge_frames(frames, nodes, hidden):
    """Public IDs are what the public ring is made of; all else is nobody's business."""
    unseen = {k: v for k, v in hidden.items() if "public ID" not in k and "address" not in k}
    addresses = [a for n in nodes for a in (n.address(4), n.address(6)) if a]
    found = capture.sightings(frames, unseen, addresses)
    size = sum(map(len, frames))
    say(f"  {len(frames)} frames, {size} bytes captured at the bootstrap: looked for "
        f"{len(unseen)} names and IDs, {len(addresses)} addresses")
    if found:
        raise CheckFailed("on the wire: " + ", ".join(f"{k} {n} times" for k, n in found.items()))
