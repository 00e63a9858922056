/** Lines over the last minutes. */

import { el, say, shape } from "./dom.js";

const WIDTH_MIN = 240;
const HEIGHT = 210;
const LEFT = 84;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 24;
const SPAN_MILLIS = 300000;
/** A hole in the line is one, not a straight way across. */
const GAP_MILLIS = 15000;
const MARKS = 4;

/** A number with four round parts. */
function nice(most) {
  const decade = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 8, 10].map((factor) => factor * decade).find((limit) => limit >= most);
}

/** A chart in a place of the page. Series: {name, style, value(point)}; text(value) says a value; the axis is no
 *  shorter than least. */
export class Chart {
  constructor(place, label, series, text, least) {
    this.series = series;
    this.text = text;
    this.label = label;
    this.points = [];
    this.least = least;
    this.most = least;
    this.width = 560;
    this.at = null;
    this.grid = shape("g");
    this.lines = series.map((each) => shape("path", { class: "series " + each.style }));
    this.cursor = shape("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
    this.picture = shape("svg", {
      class: "chart", role: "img", tabindex: "0", "aria-label": label,
      pointermove: (event) => this.point(event), pointerleave: () => this.choose(null),
      keydown: (event) => this.key(event), blur: () => this.choose(null)
    }, this.grid, ...this.lines, this.cursor);
    this.when = el("li", { class: "quiet" });
    this.values = series.map(() => el("span", { class: "now" }));
    const legend = el("ul", { class: "legend" }, ...series.map((each, i) => el("li", {},
      shape("svg", { viewBox: "0 0 20 8", "aria-hidden": "true" },
        shape("path", { class: "series " + each.style, d: "M0 4H20" })),
      each.name + " ", this.values[i])), this.when);
    place.replaceChildren(this.picture, legend);
    new ResizeObserver(() => this.resize()).observe(place);
    this.resize();
  }

  /** Text keeps its size, whatever the width. */
  resize() {
    this.width = Math.max(WIDTH_MIN, this.picture.parentElement.clientWidth);
    this.picture.setAttribute("viewBox", "0 0 " + this.width + " " + HEIGHT);
    this.draw();
  }

  /** Shows these, oldest first. */
  show(points) {
    this.points = points;
    this.draw();
  }

  x(point) {
    const end = this.points[this.points.length - 1].epochMillis;
    return LEFT + (this.width - LEFT - RIGHT) * (1 - (end - point.epochMillis) / SPAN_MILLIS);
  }

  y(value) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(1, value / this.most);
  }

  seen() {
    const end = this.points.length === 0 ? 0 : this.points[this.points.length - 1].epochMillis;
    return this.points.filter((point) => end - point.epochMillis <= SPAN_MILLIS);
  }

  draw() {
    const points = this.seen();
    let most = this.least;
    for (const point of points) {
      for (const each of this.series) {
        most = Math.max(most, each.value(point) ?? 0);
      }
    }
    this.most = nice(most);
    this.axes();
    this.series.forEach((each, i) => this.lines[i].setAttribute("d", this.path(points, each)));
    this.tell();
  }

  axes() {
    const parts = [];
    for (let i = 0; i <= MARKS; i++) {
      const value = this.most * i / MARKS;
      parts.push(shape("path", { class: "grid", d: "M" + LEFT + " " + this.y(value) + "H" + (this.width - RIGHT) }),
        shape("text", { x: LEFT - 8, y: this.y(value) + 4, "text-anchor": "end" }, i === 0 ? "0" : this.text(value)));
    }
    for (let minute = 0; minute <= 5; minute++) {
      const x = this.width - RIGHT - (this.width - LEFT - RIGHT) * minute / 5;
      parts.push(shape("text", { x, y: HEIGHT - 6, "text-anchor": minute === 0 ? "end" : "middle" },
        minute === 0 ? "now" : "\u2212" + minute + " min"));
    }
    this.grid.replaceChildren(...parts);
  }

  path(points, each) {
    let path = "";
    let last = null;
    for (const point of points) {
      const value = each.value(point);
      if (value === null || value === undefined) {
        last = null;
        continue;
      }
      const joined = last !== null && point.epochMillis - last < GAP_MILLIS;
      path += (joined ? "L" : "M") + this.x(point).toFixed(1) + " " + this.y(value).toFixed(1);
      last = point.epochMillis;
    }
    return path;
  }

  point(event) {
    const box = this.picture.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.width / box.width;
    const points = this.seen();
    let best = null;
    points.forEach((point, i) => {
      if (best === null || Math.abs(this.x(point) - x) < Math.abs(this.x(points[best]) - x)) {
        best = i;
      }
    });
    this.choose(best === null ? null : points[best].epochMillis);
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
    const points = this.seen();
    if (step === undefined || points.length === 0) {
      return;
    }
    event.preventDefault();
    const now = points.findIndex((point) => point.epochMillis === this.at);
    const next = (now < 0 ? points.length - 1 : now) + step;
    this.choose(points[Math.max(0, Math.min(points.length - 1, next))].epochMillis);
  }

  choose(epochMillis) {
    this.at = epochMillis;
    this.tell();
  }

  /** The values under the cursor, or the newest. */
  tell() {
    const points = this.seen();
    const chosen = points.find((point) => point.epochMillis === this.at);
    const point = chosen ?? points[points.length - 1];
    this.cursor.setAttribute("visibility", chosen ? "visible" : "hidden");
    if (chosen) {
      this.cursor.setAttribute("x1", this.x(chosen));
      this.cursor.setAttribute("x2", this.x(chosen));
    }
    const told = this.series.map((each, i) => {
      const value = point === undefined ? null : each.value(point);
      const text = value === null || value === undefined ? "\u2013" : this.text(value);
      say(this.values[i], text);
      return each.name + " " + text;
    });
    say(this.when, chosen ? "at " + new Date(chosen.epochMillis).toLocaleTimeString() : "");
    if (chosen || this.picture !== document.activeElement) {
      this.picture.setAttribute("aria-label", this.label + ": " + told.join(", "));
    }
  }
}
