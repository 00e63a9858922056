/** What changes with every look at the node. */

import { bitRate, byId, bytes, cell, el, keyed, millis, say, shortId, span } from "./dom.js";
import { drawPlaces } from "./places.js";
import { openPeer, pathText, peerKey } from "./peer.js";
import { drawRing, isRelayed } from "./ring.js";

const STATES = { online: "good", connecting: "warn", starting: "warn", offline: "bad" };
const ROWS_MAX = 500;

let ringShown = null;
let latest = null;

function showHead(status) {
  const joined = status.namespaces.find((each) => each.virtualIp !== null);
  say(byId("node-name"), joined ? joined.name + " \u00b7 " + joined.virtualIp : shortId(status.overlayId));
  const state = byId("node-state");
  say(state, status.state);
  state.className = "badge " + STATES[status.state];
  say(byId("node-facts"), "up " + span(status.uptimeSeconds) + " \u00b7 version " + status.version);
  document.title = (joined ? joined.name + " " : "") + status.state + " \u2013 p2pvpn";
}

function showHealth(notes) {
  const list = notes.length > 0 ? notes
    : [{ code: "well", severity: "good", text: "Nothing is wrong that this node knows of." }];
  const keyOf = (each) => each.code + each.severity;
  keyed(byId("health-notes"), list, keyOf, (each) => el("li", { class: each.severity }), (item, each) =>
    say(item, (each.severity === "good" || each.severity === "info" ? "" : each.severity + ": ") + each.text));
}

function showTiles(look) {
  const direct = look.peers.filter((peer) => !isRelayed(peer)).length;
  const ring = look.status.namespaces[0]?.ring ?? look.status.ring;
  const tiles = [
    ["sent", bitRate(look.now.sentBitsPerSecond)],
    ["received", bitRate(look.now.receivedBitsPerSecond)],
    ["median round trip", millis(look.now.directMillis ?? look.now.relayedMillis)],
    ["direct links", direct + " of " + look.peers.length],
    ["members, estimated", String(ring.size)]
  ];
  keyed(byId("tiles"), tiles, (each) => each[0],
    (each) => el("li", {}, el("span", { class: "value" }), el("span", { class: "label" }, each[0])),
    (item, each) => say(item.firstChild, each[1]));
}

function peerRow(peer) {
  const key = peerKey(peer);
  return el("tr", {},
    el("th", { scope: "row" }, el("button", {
      type: "button", class: "link",
      click: () => openPeer(latest.peers.find((each) => peerKey(each) === key) ?? peer)
    })),
    el("td", { "data-label": "Address", class: "short" }), el("td", { "data-label": "In", class: "short" }),
    el("td", { "data-label": "Linked as", class: "short" }),
    el("td", { "data-label": "Path", class: "short" }, el("span", { class: "badge" }), el("span", { class: "where" })),
    el("td", { "data-label": "Round trip", class: "number" }), el("td", { "data-label": "Loss", class: "number" }),
    el("td", { "data-label": "Sent", class: "number" }), el("td", { "data-label": "Received", class: "number" }),
    el("td", { "data-label": "Why", class: "why" }));
}

function updatePeer(row, peer) {
  const path = peer.paths.find((each) => each.active) ?? null;
  say(row.children[0].firstChild, peer.name ?? shortId(peer.overlayId));
  cell(row, 1, peer.virtualIp ?? "");
  cell(row, 2, peer.namespace ?? "public");
  cell(row, 3, peer.purposes.join(", "));
  const badge = row.children[4].firstChild;
  say(badge, path === null ? "no path" : path.kind);
  badge.className = "badge " + (path === null ? "bad" : isRelayed(peer) ? "warn" : "good");
  say(row.children[4].lastChild, path === null ? "" : pathText(path));
  cell(row, 5, path === null ? "" : millis(path.rttMillis));
  cell(row, 6, path === null || path.lossRatio === null ? "" : (path.lossRatio * 100).toFixed(1) + "\u00a0%");
  cell(row, 7, bytes(peer.sentBytes));
  cell(row, 8, bytes(peer.receivedBytes));
  cell(row, 9, peer.reason ?? "");
}

function showPeers(peers) {
  const filter = byId("peer-filter").value.trim().toLowerCase();
  const fits = (peer) => filter === "" || [peer.name, peer.virtualIp, peer.overlayId, peer.namespace ?? "public",
    peer.reason, ...peer.purposes, ...peer.paths.filter((path) => path.active).map((path) => path.kind)]
    .some((text) => text !== null && text.toLowerCase().includes(filter));
  const order = (peer) => [peer.namespace === null ? 1 : 0, peer.namespace ?? "", peer.name ?? "\uffff", peer.overlayId]
    .join("\u0000");
  const shown = peers.filter(fits).sort((one, other) => (order(one) < order(other) ? -1 : 1));
  keyed(byId("peer-rows"), shown.slice(0, ROWS_MAX), peerKey, peerRow, updatePeer);
  byId("no-peers").hidden = shown.length > 0 && shown.length <= ROWS_MAX;
  say(byId("no-peers"), shown.length > ROWS_MAX
    ? "The first " + ROWS_MAX + " of " + shown.length + " are shown: filter."
    : filter === "" ? "No peers yet." : "No peer fits.");
}

function rings(status) {
  return [...status.namespaces.map((each) => ({ key: "@" + each.name, name: each.name, namespace: each.name,
    id: each.overlayId, ...each.ring })),
  { key: "", name: "public ring", namespace: null, id: status.overlayId, ...status.ring }];
}

function showRing(look) {
  const all = rings(look.status);
  const choice = byId("ring-choice");
  keyed(choice, all, (each) => each.key, (each) => el("option", { value: each.key }, each.name), () => {});
  const ring = all.find((each) => each.key === ringShown) ?? all[0];
  choice.value = ring.key;
  const peers = look.peers.filter((peer) => peer.namespace === ring.namespace);
  drawRing(byId("ring-picture"), ring, peers, openPeer);
  drawPlaces(byId("places-picture"), look.places.own,
    look.places.peers.filter((each) => each.namespace === ring.namespace), peers);
}

function showNode(status) {
  const facts = [
    ["Overlay ID", status.overlayId],
    ["Reached at", status.endpoints.map((each) => each.uri + " (" + each.kind + ")").join(", ") || "\u2013"],
    ["NAT mapping", status.nat.mapping], ["NAT filtering", status.nat.filtering],
    ["Port mapping", status.nat.portMapping], ["UDP", status.nat.udp ? "passes" : "blocked"],
    ["Public ring", "about " + status.ring.size + " nodes"],
    ...status.namespaces.flatMap((each) => [
      [each.name, each.state + ", " + each.role + (each.fingerprint ? ", code " + each.fingerprint : "")],
      [each.name + " addresses", each.virtualIps.join(", ") || "\u2013"],
      [each.name + " device", each.device === null ? "none" : each.device + ", MTU " + each.mtu],
      [each.name + " names", each.domain + (each.dns === null ? "" : " by " + each.dns)],
      [each.name + " certificate", each.expires === null ? "none" : "until " + new Date(each.expires).toLocaleString()]
    ])
  ];
  keyed(byId("node-details"), facts.flatMap(([name, text]) => [["dt", name, name], ["dd", name, text]]),
    (each) => each[0] + each[1], (each) => el(each[0]), (node, each) => say(node, each[2]));
}

/** Shows a look. */
export function show(look) {
  latest = look;
  showHead(look.status);
  showHealth(look.status.health);
  showTiles(look);
  showPeers(look.peers);
  showRing(look);
  showNode(look.status);
}

/** To be called once. */
export function prepareViews() {
  byId("peer-filter").addEventListener("input", () => latest && showPeers(latest.peers));
  byId("ring-choice").addEventListener("change", (event) => {
    ringShown = event.target.value;
    if (latest) {
      showRing(latest);
    }
  });
}
