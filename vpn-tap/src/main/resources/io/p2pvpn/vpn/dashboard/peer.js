/** One peer in detail: its paths now, what they were, its round trips since this page is open. */

import { get } from "./api.js";
import { byId, bytes, el, millis, shortId, span } from "./dom.js";
import { Chart } from "./charts.js";

const TRIPS_MAX = 300;
const PEERS_MAX = 1000;
const NUMBERS = new Set(["Round trip", "Loss", "MTU"]);

const trips = new Map();
let shown = null;
let chart = null;
let opener = null;

/** The one name of a peer among all. */
export function peerKey(peer) {
  return peer.overlayId + "@" + (peer.namespace ?? "");
}

/** Where a path leads. */
export function pathText(path) {
  return path.via !== null ? "via " + shortId(path.via) : path.remote ?? "over the ring";
}

/** Remembers round trips. */
export function remember(epochMillis, peers) {
  const present = new Set();
  for (const peer of peers.slice(0, PEERS_MAX)) {
    const key = peerKey(peer);
    present.add(key);
    const past = trips.get(key) ?? [];
    past.push({ epochMillis, trip: peer.paths.find((path) => path.active)?.rttMillis ?? null });
    if (past.length > TRIPS_MAX) {
      past.shift();
    }
    trips.set(key, past);
  }
  [...trips.keys()].filter((key) => !present.has(key)).forEach((key) => trips.delete(key));
  if (shown !== null) {
    chart.show(trips.get(shown) ?? []);
  }
}

function row(label, text) {
  return [el("dt", {}, label), el("dd", {}, text)];
}

function pathRow(path) {
  return el("tr", {},
    el("th", { scope: "row" }, path.kind + (path.active ? " (active)" : "")),
    el("td", { "data-label": "Where" }, pathText(path)),
    el("td", { "data-label": "Round trip", class: "number" }, millis(path.rttMillis)),
    el("td", { "data-label": "Loss", class: "number" },
      path.lossRatio === null ? "\u2013" : (path.lossRatio * 100).toFixed(1) + "\u00a0%"),
    el("td", { "data-label": "MTU", class: "number" }, String(path.mtu)));
}

function table(label, head, rows) {
  const columns = head.map((text) => el("th", { scope: "col", class: NUMBERS.has(text) ? "number" : null }, text));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", {}, el("thead", {}, el("tr", {}, ...columns)), el("tbody", {}, ...rows)));
}

/** Opens the view of a peer. */
export async function openPeer(peer) {
  shown = peerKey(peer);
  opener = document.activeElement;
  byId("peer-title").textContent = peer.name ?? "Peer " + shortId(peer.overlayId);
  const trend = el("div");
  const past = el("div", {}, el("p", { class: "quiet" }, "Asking\u2026"));
  byId("peer-body").replaceChildren(
    el("dl", { class: "details" },
      ...row("Overlay ID", peer.overlayId),
      ...row("Ring", peer.namespace ?? "public"),
      ...row("Address", peer.virtualIp ?? "\u2013"),
      ...row("Linked as", peer.purposes.join(", ") || "\u2013"),
      ...row("Why this path", peer.reason ?? "\u2013"),
      ...row("Keys agreed", span(peer.handshakeAgeSeconds) + " ago"),
      ...row("Sent, received", bytes(peer.sentBytes) + ", " + bytes(peer.receivedBytes))),
    el("h3", {}, "Round trip"), trend,
    el("h3", {}, "Paths"), table("Paths", ["Kind", "Where", "Round trip", "Loss", "MTU"], peer.paths.map(pathRow)),
    el("h3", {}, "What carried its traffic"), past);
  chart = new Chart(trend, "Round trip to this peer",
    [{ name: "round trip", style: "direct", value: (point) => point.trip }], millis, 1);
  chart.show(trips.get(shown) ?? []);
  byId("peer-dialog").showModal();
  try {
    const place = peer.namespace === null ? "" : "&namespace=" + encodeURIComponent(peer.namespace);
    const { changes } = await get("/v1/paths?peer=" + peer.overlayId + place);
    past.replaceChildren(table("Past paths", ["Since", "Path", "Why"], changes.reverse().map((change) => el("tr", {},
      el("th", { scope: "row" }, new Date(change.epochMillis).toLocaleTimeString()),
      el("td", { "data-label": "Path" }, change.kind === null ? "none" : change.kind + " " + pathText(change)),
      el("td", { "data-label": "Why" }, change.reason ?? "\u2013")))));
  } catch (failure) {
    past.replaceChildren(el("p", {}, failure.message));
  }
}

/** To be called once. */
export function preparePeer() {
  const dialog = byId("peer-dialog");
  byId("peer-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    shown = null;
    if (opener !== null && opener.isConnected) {
      opener.focus();
    }
  });
}
