/** The ring as this node sees it: itself, its neighbours, and whom it has links with. */

import { el, say, shape, shortId } from "./dom.js";
import { Labels } from "./labels.js";

const SIZE = 420;
const MIDDLE = SIZE / 2;
const RADIUS = 150;
/** As much of an ID as a number holds exactly. */
const DIGITS = 12;
const KINDS = [
  ["near", "near"], ["far", "far"], ["chota", "on demand"], ["relayed", "over a relay"], ["other", "other"]
];

function place(id, radius) {
  const angle = 2 * Math.PI * parseInt(id.slice(0, DIGITS), 16) / 16 ** DIGITS;
  return { x: MIDDLE + radius * Math.sin(angle), y: MIDDLE - radius * Math.cos(angle) };
}

function active(peer) {
  return peer.paths.find((path) => path.active) ?? null;
}

/** Whether what goes to this peer goes over another node. */
export function isRelayed(peer) {
  const path = active(peer);
  return path !== null && (path.via !== null || path.kind === "ring");
}

function kind(peer) {
  if (isRelayed(peer)) {
    return "relayed";
  }
  return ["near", "far", "chota"].find((each) => peer.purposes.includes(each)) ?? "other";
}

function link(from, to) {
  const pull = 0.35;
  const x = MIDDLE + ((from.x + to.x) / 2 - MIDDLE) * pull;
  const y = MIDDLE + ((from.y + to.y) / 2 - MIDDLE) * pull;
  return "M" + from.x.toFixed(1) + " " + from.y.toFixed(1) + "Q" + x.toFixed(1) + " " + y.toFixed(1) + " "
    + to.x.toFixed(1) + " " + to.y.toFixed(1);
}

/** Draws one ring; ring: {id, name, size, successors, predecessors}, peers: those in it. */
export function drawRing(parent, ring, peers, onPeer) {
  if (!ring.id) {
    parent.replaceChildren(el("p", { class: "quiet" }, "Not in this ring yet."));
    return;
  }
  const own = place(ring.id, RADIUS);
  const known = new Map(peers.map((peer) => [peer.overlayId, peer]));
  const counts = new Map();
  const links = [];
  const dots = [];
  const labels = new Labels(SIZE);
  labels.add(own.x, own.y, "this node", MIDDLE);
  for (const peer of peers) {
    const at = place(peer.overlayId, RADIUS);
    const style = kind(peer);
    counts.set(style, (counts.get(style) ?? 0) + 1);
    links.push(shape("path", { class: "link " + style, d: link(own, at) }));
    const title = shape("title", {}, (peer.name ?? shortId(peer.overlayId)) + ": " + (peer.reason ?? "no path yet"));
    dots.push(shape("circle", { class: "dot " + style, cx: at.x, cy: at.y, r: 5.5, click: () => onPeer(peer) }, title));
    labels.add(at.x, at.y, peer.name ?? shortId(peer.overlayId), MIDDLE);
  }
  for (const id of new Set([...ring.successors, ...ring.predecessors])) {
    if (!known.has(id)) {
      const at = place(id, RADIUS);
      dots.push(shape("circle", { class: "dot unlinked", cx: at.x, cy: at.y, r: 4.5 },
        shape("title", {}, shortId(id))));
    }
  }
  const told = KINDS.filter(([style]) => counts.has(style)).map(([style, name]) => counts.get(style) + " " + name);
  parent.replaceChildren(
    shape("svg", {
      class: "round", viewBox: "0 0 " + SIZE + " " + SIZE, role: "img",
      "aria-label": "Ring " + ring.name + ", about " + ring.size + " members; links: " + (told.join(", ") || "none")
    },
      shape("circle", { class: "grid", cx: MIDDLE, cy: MIDDLE, r: RADIUS }), ...links, ...dots,
      shape("circle", { class: "dot own", cx: own.x, cy: own.y, r: 8 }, shape("title", {}, "this node")),
      ...labels.texts),
    legend(counts));
}

function legend(counts) {
  const list = el("ul", { class: "legend" });
  for (const [style, name] of KINDS) {
    if (counts.has(style)) {
      const item = el("li", {}, shape("svg", { viewBox: "0 0 20 8", "aria-hidden": "true" },
        shape("path", { class: "link " + style, d: "M0 4H20" })), el("span"));
      say(item.lastChild, name + " " + counts.get(style));
      list.append(item);
    }
  }
  return list;
}
