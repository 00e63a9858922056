/** Making and changing elements. Text is always set as text: names come from other people's hosts. */

const SVG = "http://www.w3.org/2000/svg";

/** The element of that id. */
export function byId(id) {
  return document.getElementById(id);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      node.addEventListener(name, value);
    } else if (value !== null && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A new HTML element; an attribute that is a function listens to the event of that name. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** A new SVG element. */
export function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Sets the text of a node, if it is another one: what does not change is not read out again. */
export function say(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/**
 * Has a parent's children show these items in order, by key: a child that stays is changed, never made anew, so that
 * the keyboard's focus stays where it is. Items of one key are told apart by their order.
 */
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const seen = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = keyOf(item);
    const times = seen.get(name) ?? 0;
    const key = name + "\u0000" + times;
    seen.set(name, times + 1);
    let child = old.get(key);
    old.delete(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (child === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  old.forEach((child) => child.remove());
}

/** Sets the cells of a row that was made of cells with labels. */
export function cell(row, index, text) {
  const node = row.children[index];
  say(node, text);
  node.classList.toggle("empty", text === "");
}

/** 12.3 kB */
export function bytes(count) {
  return scaled(count, 1000, ["B", "kB", "MB", "GB", "TB"]);
}

/** 12.3 Mbit/s */
export function bitRate(bitsPerSecond) {
  return scaled(bitsPerSecond, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]);
}

function scaled(value, step, units) {
  let unit = 0;
  let left = value;
  while (left >= step && unit < units.length - 1) {
    left /= step;
    unit++;
  }
  return (unit === 0 || left >= 100 ? left.toFixed(0) : left.toPrecision(3)) + "\u00a0" + units[unit];
}

/** 12.3 ms, or a dash */
export function millis(value) {
  if (value === null || value === undefined) {
    return "\u2013";
  }
  return (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)) + "\u00a0ms";
}

/** 3 min */
export function span(seconds) {
  if (seconds < 120) {
    return seconds + "\u00a0s";
  }
  if (seconds < 7200) {
    return Math.floor(seconds / 60) + "\u00a0min";
  }
  return seconds < 172800 ? Math.floor(seconds / 3600) + "\u00a0h" : Math.floor(seconds / 86400) + "\u00a0days";
}

/** The beginning of an overlay ID. */
export function shortId(id) {
  return id.slice(0, 8);
}
