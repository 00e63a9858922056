"use strict";
/* Draws the ring on a canvas and lets people walk around in it. Names are only ever set as text. */

const data = JSON.parse(document.getElementById("data").textContent);
const WORDS = 6;
const ZOOM_MAX = 4000;
const FOUND_MAX = 20;
/** Room for names around the ring. */
const NAME_PIXELS = 85;
/** Drawing of links between two frames, and in one go: a path of very many takes longer than many of some. */
const LINKS_IN_FRAME = 1500;
const LINKS_IN_PATH = 100;
/** So long nobody must have moved before links are drawn anew. */
const REST_MILLIS = 120;
const TURN = 2 * Math.PI;
const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);
const canvas = byId("picture");
const pen = canvas.getContext("2d");
const nodes = data.nodes.map(([id, name, faulty]) => {
  const turn = parseInt(id.slice(0, 12), 16) / 16 ** 12;
  return { id, name, faulty, turn, x: Math.sin(TURN * turn) * data.radius, y: -Math.cos(TURN * turn) * data.radius };
});
const looks = new Map();
const hidden = new Set();
/** The last whole picture of the links, and the one that is being drawn, each with the view that it is of. */
let shot = null;
let work = null;
let view = { scale: 1, x: 0, y: 0 };
let wholeScale = 1;
let movedAt = -REST_MILLIS;
let chosen = -1;
let hovered = -1;
let waiting = false;

/** Each link once, with its way: from, bend, to. Links of one look stand together. */
const links = [];
nodes.forEach((node) => { node.links = []; });
for (let i = 0; i < data.links.length; i += WORDS) {
  const [one, other, kind, trip, step, faulty] = data.links.slice(i, i + WORDS);
  const look = faulty + " " + kind + " " + step;
  looks.set(look, { kind, step, faulty, count: (looks.get(look)?.count ?? 0) + 1 });
  links.push({ one, other, kind, trip, step, faulty, look, bend: bend(nodes[one], nodes[other], kind) });
}
links.sort((one, other) => (one.look < other.look ? -1 : one.look > other.look ? 1 : 0));
links.forEach((link) => [link.one, link.other].forEach((end) => nodes[end].links.push(link)));

function bend(one, other, kind) {
  const apart = Math.abs(one.turn - other.turn);
  const gap = Math.min(apart, 1 - apart);
  if (data.kinds[kind][0] === "near" && gap <= 0.06) {
    const turn = (one.turn + other.turn) / 2 + (apart > 0.5 ? 0.5 : 0);
    // In proportion to the gap, so that neighbours look alike at every zoom.
    const radius = data.radius * (1 + gap * gap * 12 + gap * 0.9);
    return { x: Math.sin(TURN * turn) * radius, y: -Math.cos(TURN * turn) * radius };
  }
  return { x: (one.x + other.x) * 0.175, y: (one.y + other.y) * 0.175 };
}

function trace(path, link) {
  path.moveTo(nodes[link.one].x, nodes[link.one].y);
  path.quadraticCurveTo(link.bend.x, link.bend.y, nodes[link.other].x, nodes[link.other].y);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function linkColour(link) {
  return link.faulty ? colour("fault") : colour(link.step >= 0 ? "t" + link.step : data.kinds[link.kind][0]);
}

function fit() {
  const side = Math.min(canvas.clientWidth, canvas.clientHeight);
  wholeScale = Math.max(side / 2, side - 2 * NAME_PIXELS) / (2 * data.radius);
  view = { scale: wholeScale, x: 0, y: 0 };
  later();
}

/** Whoever looks at the whole ring goes on doing so. */
function onResize() {
  if (view.x === 0 && view.y === 0 && view.scale === wholeScale) {
    fit();
  } else {
    later();
  }
}

function later() {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(frame);
  }
}

/** What was drawn so far does not hold any more: other links are shown, or other colours. */
function again() {
  work = null;
  shot = null;
  later();
}

function sheet(ratio) {
  const made = document.createElement("canvas");
  made.width = canvas.width;
  made.height = canvas.height;
  const context = made.getContext("2d");
  const zoomed = view.scale * ratio;
  context.setTransform(zoomed, 0, 0, zoomed, made.width / 2 - view.x * zoomed, made.height / 2 - view.y * zoomed);
  context.globalAlpha = links.length > 2000 ? 0.4 : 0.8;
  return { canvas: made, context, view: { ...view }, next: 0 };
}

function sameView(one) {
  return one !== null && one.canvas.width === canvas.width && one.canvas.height === canvas.height
    && one.view.x === view.x && one.view.y === view.y && one.view.scale === view.scale;
}

/** While somebody moves, the last picture moves; the links are drawn anew, some in each frame, once they rest. */
function frame() {
  waiting = false;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  if (!sameView(shot)) {
    if (!sameView(work)) {
      work = sheet(ratio);
      movedAt = performance.now();
    }
    if (shot === null || performance.now() - movedAt > REST_MILLIS) {
      drawSome(ratio);
    }
    if (work !== null) {
      later();
    }
  }
  show(ratio);
  performance.mark("drawn");
}

function drawSome(ratio) {
  const left = view.x - canvas.width / ratio / 2 / view.scale;
  const right = view.x + canvas.width / ratio / 2 / view.scale;
  const top = view.y - canvas.height / ratio / 2 / view.scale;
  const bottom = view.y + canvas.height / ratio / 2 / view.scale;
  let drawn = 0;
  let path = new Path2D();
  let inPath = 0;
  while (work.next < links.length && drawn < LINKS_IN_FRAME) {
    const link = links[work.next];
    const one = nodes[link.one];
    const other = nodes[link.other];
    const seen = !hidden.has(link.kind)
      && Math.max(one.x, other.x, link.bend.x) >= left && Math.min(one.x, other.x, link.bend.x) <= right
      && Math.max(one.y, other.y, link.bend.y) >= top && Math.min(one.y, other.y, link.bend.y) <= bottom;
    if (seen) {
      trace(path, link);
      inPath++;
      drawn++;
    }
    work.next++;
    const ends = work.next === links.length || links[work.next].look !== link.look || drawn === LINKS_IN_FRAME;
    if (inPath > 0 && (ends || inPath === LINKS_IN_PATH)) {
      stroke(work.context, link, path, link.faulty ? 3 : 1);
      path = new Path2D();
      inPath = 0;
    }
  }
  if (work.next === links.length) {
    shot = work;
    work = null;
  }
}

function show(ratio) {
  const width = canvas.width / ratio;
  const height = canvas.height / ratio;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalAlpha = 1;
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.globalAlpha = chosen >= 0 ? 0.25 : 1;
  const last = shot ?? work;
  if (last !== null) {
    const factor = view.scale / last.view.scale;
    pen.setTransform(factor, 0, 0, factor,
      canvas.width / 2 * (1 - factor) - (view.x - last.view.x) * view.scale * ratio,
      canvas.height / 2 * (1 - factor) - (view.y - last.view.y) * view.scale * ratio);
    pen.drawImage(last.canvas, 0, 0);
  }
  pen.globalAlpha = 1;
  if (chosen >= 0) {
    const zoomed = view.scale * ratio;
    pen.setTransform(zoomed, 0, 0, zoomed, canvas.width / 2 - view.x * zoomed, canvas.height / 2 - view.y * zoomed);
    nodes[chosen].links.filter((link) => !hidden.has(link.kind)).forEach((link) => {
      const path = new Path2D();
      trace(path, link);
      stroke(pen, link, path, 2.5);
    });
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.setLineDash([]);
  dots(width, height);
}

function stroke(context, link, path, width) {
  context.strokeStyle = linkColour(link);
  context.lineWidth = width / view.scale;
  context.setLineDash(data.kinds[link.kind][2].map((part) => part / view.scale));
  context.stroke(path);
}

function dots(width, height) {
  const size = Math.max(1.6, Math.min(6, TURN * data.radius * view.scale / nodes.length * 0.35));
  const ink = colour("ink");
  const fault = colour("fault");
  const accent = colour("accent");
  let named = -Infinity;
  pen.font = "13px system-ui, sans-serif";
  nodes.forEach((node, i) => {
    const x = width / 2 + (node.x - view.x) * view.scale;
    const y = height / 2 + (node.y - view.y) * view.scale;
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) {
      return;
    }
    const marked = i === chosen || i === hovered;
    pen.fillStyle = marked ? accent : node.faulty ? fault : ink;
    pen.beginPath();
    pen.arc(x, y, marked || node.faulty ? size + 3 : size, 0, TURN);
    pen.fill();
    const along = node.turn * TURN * data.radius * view.scale;
    if (marked || along - named > 15) {
      named = along;
      pen.fillStyle = marked ? accent : ink;
      name(node, x, y);
    }
  });
}

/** Outward from its node, never upside down. */
function name(node, x, y) {
  const left = node.turn > 0.5;
  pen.save();
  pen.translate(x, y);
  pen.rotate(TURN * (node.turn - (left ? 0.75 : 0.25)));
  pen.textAlign = left ? "right" : "left";
  pen.fillText((node.name || node.id.slice(0, 8)).slice(0, 24), left ? -13 : 13, 4);
  pen.restore();
}

/* ------------------------------------------------------------------------- moving */

function zoom(factor, x, y) {
  const scale = Math.max(0.05, Math.min(ZOOM_MAX, view.scale * factor));
  view.x += x / view.scale - x / scale;
  view.y += y / view.scale - y / scale;
  view.scale = scale;
  later();
}

function fromMiddle(event) {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
}

function nearest(event) {
  const at = fromMiddle(event);
  const x = view.x + at.x / view.scale;
  const y = view.y + at.y / view.scale;
  const turn = (Math.atan2(x, -y) / TURN + 1) % 1;
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if (nodes[half].turn < turn) {
      low = half + 1;
    } else {
      high = half;
    }
  }
  const near = [low - 1, low].map((i) => (i + nodes.length) % nodes.length);
  const far = (i) => Math.hypot(nodes[i].x - x, nodes[i].y - y) * view.scale;
  const best = nodes.length === 0 ? -1 : far(near[0]) < far(near[1]) ? near[0] : near[1];
  return best >= 0 && far(best) < 14 ? best : -1;
}

const pointers = new Map();
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, moved: 0 });
});
canvas.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) {
    hover(nearest(event));
    return;
  }
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  if (others.length > 0) {
    const was = Math.hypot(before.x - others[0].x, before.y - others[0].y);
    const is = Math.hypot(event.clientX - others[0].x, event.clientY - others[0].y);
    const at = fromMiddle(event);
    zoom(was > 0 ? is / was : 1, at.x, at.y);
  } else {
    view.x -= (event.clientX - before.x) / view.scale;
    view.y -= (event.clientY - before.y) / view.scale;
    later();
  }
  before.moved += Math.abs(event.clientX - before.x) + Math.abs(event.clientY - before.y);
  before.x = event.clientX;
  before.y = event.clientY;
});
canvas.addEventListener("pointerup", (event) => {
  const before = pointers.get(event.pointerId);
  pointers.delete(event.pointerId);
  if (before && before.moved < 6) {
    choose(nearest(event), false);
  }
});
canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const at = fromMiddle(event);
  zoom(Math.exp(-event.deltaY * 0.0016), at.x, at.y);
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const step = 60 / view.scale;
  const next = chosen < 0 ? 0 : chosen;
  const count = Math.max(1, nodes.length);
  const done = {
    ArrowLeft: () => { view.x -= step; }, ArrowRight: () => { view.x += step; },
    ArrowUp: () => { view.y -= step; }, ArrowDown: () => { view.y += step; },
    "+": () => zoom(1.4, 0, 0), "=": () => zoom(1.4, 0, 0), "-": () => zoom(1 / 1.4, 0, 0), 0: fit,
    n: () => choose((next + (chosen < 0 ? 0 : 1)) % count, true), p: () => choose((next + count - 1) % count, true),
    Escape: () => choose(-1, false)
  }[event.key];
  if (done && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    done();
    later();
  }
});

/* ---------------------------------------------------------------------- the side */

function hover(i) {
  if (i !== hovered) {
    hovered = i;
    byId("hint").hidden = i < 0;
    byId("hint").textContent = i < 0 ? "" : (nodes[i].name || "no name") + " " + nodes[i].id.slice(0, 8);
    later();
  }
}

function make(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function button(i, text) {
  const made = make("button", text);
  made.type = "button";
  made.addEventListener("click", () => choose(i, true));
  const item = document.createElement("li");
  item.append(made);
  return item;
}

function choose(i, goThere) {
  chosen = i < nodes.length ? i : -1;
  const place = byId("chosen");
  byId("chosen-title").textContent = chosen < 0 ? "No node chosen" : nodes[chosen].name || nodes[chosen].id.slice(0, 8);
  place.replaceChildren();
  if (chosen >= 0) {
    place.append(make("p", nodes[chosen].id), make("p", nodes[chosen].faulty ? "Something is wrong with it." : ""));
    if (goThere) {
      view.x = nodes[chosen].x;
      view.y = nodes[chosen].y;
      view.scale = Math.max(view.scale, Math.min(ZOOM_MAX, nodes.length / (TURN * data.radius) * 30));
    }
    data.kinds.forEach(([, words], kind) => list(place, words, kind));
  }
  later();
}

function list(place, words, kind) {
  const items = nodes[chosen].links.filter((link) => link.kind === kind).map((link) => {
    const end = link.one === chosen ? link.other : link.one;
    return button(end, (nodes[end].name || nodes[end].id.slice(0, 8)) + (link.trip >= 0 ? ", " + link.trip + " ms" : "")
      + (link.faulty ? ", at fault" : ""));
  });
  if (items.length > 0) {
    const all = document.createElement("ul");
    all.append(...items);
    place.append(make("h3", words + ": " + items.length), all);
  }
}

function search() {
  const asked = byId("search").value.trim().toLowerCase();
  const found = [];
  for (let i = 0; asked !== "" && i < nodes.length && found.length < FOUND_MAX; i++) {
    if (nodes[i].name.toLowerCase().includes(asked) || nodes[i].id.startsWith(asked)) {
      found.push(button(i, (nodes[i].name || "no name") + " " + nodes[i].id.slice(0, 8)));
    }
  }
  byId("found").replaceChildren(...(asked !== "" && found.length === 0 ? [make("li", "No node fits.")] : found));
}

function sample(style, dashes) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 28 10");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M0 5H28");
  path.setAttribute("stroke", "var(--" + style + ")");
  path.setAttribute("stroke-width", "3");
  path.setAttribute("stroke-dasharray", dashes.join(" "));
  svg.append(path);
  return svg;
}

function legend() {
  const counts = new Map();
  const steps = new Map();
  for (const each of looks.values()) {
    counts.set(each.kind, (counts.get(each.kind) ?? 0) + each.count);
    steps.set(each.step, (steps.get(each.step) ?? 0) + each.count);
  }
  data.kinds.forEach(([style, words, dashes], kind) => {
    if (counts.has(kind)) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = true;
      box.addEventListener("change", () => {
        hidden[box.checked ? "delete" : "add"](kind);
        again();
      });
      label.append(box, sample(style, dashes), make("span", words + " " + counts.get(kind)));
      byId("kinds").append(label);
    }
  });
  data.steps.forEach((words, step) => {
    if (steps.has(step)) {
      const line = make("div", "");
      line.append(sample("t" + step, []), make("span", " " + words + ": " + steps.get(step)));
      byId("colours").append(line);
    }
  });
  const [unknown, tooMany] = data.notes;
  const ill = nodes.filter((node) => node.faulty).length;
  byId("facts").textContent = nodes.length + " nodes, " + links.length + " links"
    + (ill > 0 ? ", " + ill + " nodes at fault" : "")
    + (unknown > 0 ? "; " + unknown + " links to unknown nodes are not drawn" : "")
    + (tooMany > 0 ? "; " + tooMany + " links beyond the limit of a node are not drawn" : "");
}

byId("in").addEventListener("click", () => zoom(1.4, 0, 0));
byId("out").addEventListener("click", () => zoom(1 / 1.4, 0, 0));
byId("all").addEventListener("click", fit);
byId("search").addEventListener("input", search);
byId("search").addEventListener("keydown", (event) => {
  const first = byId("found").querySelector("button");
  if (event.key === "Enter" && first) {
    first.click();
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new ResizeObserver(onResize).observe(canvas);
legend();
fit();
