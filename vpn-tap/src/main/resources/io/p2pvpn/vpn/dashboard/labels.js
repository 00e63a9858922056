/** Names beside points, none over another: a name that finds no room is left out, and stands in the point's title. */

import { shape } from "./dom.js";

const HEIGHT = 14;
const LETTER = 6.6;
const CHARS_MAX = 14;
const GAP = 9;

function meet(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

/** The names in one square picture. */
export class Labels {
  constructor(size) {
    this.size = size;
    this.texts = [];
    this.boxes = [];
  }

  /** Keeps names off a text that stands in the picture already, centred. */
  block(x, y, text) {
    const half = text.length * LETTER / 2;
    this.boxes.push([x - half, y - HEIGHT + 3, x + half, y + 3]);
  }

  /** Adds a name at a point; with a middle, outward from there first. */
  add(x, y, name, middle) {
    const text = name.length > CHARS_MAX ? name.slice(0, CHARS_MAX - 1) + "\u2026" : name;
    const width = text.length * LETTER;
    const right = [x + GAP, y + 4, "start"];
    const left = [x - GAP, y + 4, "end"];
    const above = [x, y - GAP, "middle"];
    const below = [x, y + GAP + 10, "middle"];
    let sides = [right, left, above, below];
    if (middle !== undefined) {
      const upright = Math.abs(y - middle) > Math.abs(x - middle) * 2.5;
      const outward = x > middle ? right : left;
      sides = upright ? [y > middle ? below : above, outward] : [outward, y > middle ? below : above];
    }
    for (const [textX, textY, anchor] of sides) {
      const start = anchor === "start" ? textX : anchor === "end" ? textX - width : textX - width / 2;
      const box = [start, textY - HEIGHT + 3, start + width, textY + 3];
      const fits = box[0] >= 0 && box[2] <= this.size && box[1] >= 0 && box[3] <= this.size;
      if (fits && !this.boxes.some((other) => meet(box, other))) {
        const at = { x: textX.toFixed(1), y: textY.toFixed(1) };
        this.boxes.push(box);
        this.texts.push(shape("text", { class: "name", ...at, "text-anchor": anchor }, text));
        return;
      }
    }
  }
}
