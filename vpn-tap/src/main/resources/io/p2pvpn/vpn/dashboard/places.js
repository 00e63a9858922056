/** Where nodes stand in the space of round trips, seen from this one. */

import { el, millis, shape, shortId } from "./dom.js";
import { Labels } from "./labels.js";
import { isRelayed } from "./ring.js";

const SIZE = 420;
const MIDDLE = SIZE / 2;
const RADIUS = 165;
const ROUNDS = 40;

/** The two directions in which points differ most, by power iteration on their covariance. */
function axes(points, dimensions) {
  const found = [];
  const left = points.map((point) => [...point]);
  for (let axis = 0; axis < 2; axis++) {
    let direction = Array.from({ length: dimensions }, (unused, i) => (i === axis ? 1 : 0.3));
    for (let round = 0; round < ROUNDS; round++) {
      const next = new Array(dimensions).fill(0);
      for (const point of left) {
        const along = point.reduce((sum, part, i) => sum + part * direction[i], 0);
        point.forEach((part, i) => { next[i] += along * part; });
      }
      const length = Math.hypot(...next);
      direction = length > 1e-9 ? next.map((part) => part / length) : direction;
    }
    found.push(direction);
    for (const point of left) {
      const along = point.reduce((sum, part, i) => sum + part * direction[i], 0);
      point.forEach((part, i) => { point[i] = part - along * direction[i]; });
    }
  }
  return found;
}

function step(most) {
  const decade = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * decade).find((each) => each * 3 >= most);
}

/** Predicted round trip between two places. */
function trip(one, other) {
  const apart = one.coreMillis.map((part, i) => part - (other.coreMillis[i] ?? 0));
  return Math.hypot(...apart) + one.heightMillis + other.heightMillis;
}

/** Draws the places of one ring's peers. */
export function drawPlaces(parent, own, places, peers) {
  if (!own || places.length === 0) {
    parent.replaceChildren(el("p", { class: "quiet" }, "No peer has told its place yet."));
    return;
  }
  const names = new Map(peers.map((peer) => [peer.overlayId, peer]));
  const cores = places.map((each) => own.coreMillis.map((part, i) => (each.coreMillis[i] ?? 0) - part));
  const [right, up] = axes(cores, own.coreMillis.length);
  const flat = places.map((each, i) => {
    const x = cores[i].reduce((sum, part, k) => sum + part * right[k], 0);
    const y = cores[i].reduce((sum, part, k) => sum + part * up[k], 0);
    const length = Math.hypot(x, y);
    const distance = trip(own, each);
    // Heights have no direction: they stretch the way out, so that the circles are right.
    const factor = length > 1e-9 ? distance / length : 0;
    const angle = 2 * Math.PI * parseInt(each.overlayId.slice(0, 4), 16) / 65536;
    return factor > 0 ? { x: x * factor, y: y * factor, distance, each }
      : { x: distance * Math.cos(angle), y: distance * Math.sin(angle), distance, each };
  });
  const most = Math.max(0.1, ...flat.map((point) => point.distance));
  const scale = RADIUS / most;
  const parts = [];
  const labels = new Labels(SIZE);
  labels.add(MIDDLE, MIDDLE, "this node");
  for (let circle = step(most); circle <= most * 1.02; circle += step(most)) {
    const y = MIDDLE - circle * scale - 3;
    const text = +circle.toPrecision(2) + " ms";
    labels.block(MIDDLE, y, text);
    parts.push(shape("circle", { class: "grid", cx: MIDDLE, cy: MIDDLE, r: circle * scale }),
      shape("text", { x: MIDDLE, y, "text-anchor": "middle" }, text));
  }
  for (const point of flat) {
    const peer = names.get(point.each.overlayId);
    const name = peer?.name ?? shortId(point.each.overlayId);
    const x = MIDDLE + point.x * scale;
    const y = MIDDLE - point.y * scale;
    parts.push(shape("circle", { class: "dot" + (peer && isRelayed(peer) ? " relayed" : ""), cx: x, cy: y, r: 5.5 },
      shape("title", {}, name + ": " + millis(point.distance) + " predicted")));
    labels.add(x, y, name);
  }
  const nearest = flat.reduce((best, point) => (point.distance < best.distance ? point : best));
  parent.replaceChildren(shape("svg", {
    class: "round", viewBox: "0 0 " + SIZE + " " + SIZE, role: "img",
    "aria-label": flat.length + " nodes around this one, predicted round trips from " + millis(nearest.distance)
      + " to " + millis(most)
  }, ...parts, ...labels.texts,
    shape("circle", { class: "dot own", cx: MIDDLE, cy: MIDDLE, r: 8 }, shape("title", {}, "this node"))));
}
