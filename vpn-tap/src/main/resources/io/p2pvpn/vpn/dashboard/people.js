/** Members, and who waits to be one. */

import { get, Locked, post } from "./api.js";
import { byId, cell, el, keyed, say, shortId, span } from "./dom.js";

const AGAIN_MILLIS = 60000;
const REQUESTS_AGAIN_MILLIS = 10000;
const SAID_MILLIS = 8000;

let namespaces = [];
let known = "";
let saidTimer = 0;

/** Says something that just happened. */
export function announce(text) {
  clearTimeout(saidTimer);
  byId("said").textContent = text;
  saidTimer = setTimeout(() => { byId("said").textContent = ""; }, SAID_MILLIS);
}

/** Asks before something that cannot be taken back; resolves to whether it is meant. */
function ask(title, text, yes, danger) {
  const dialog = byId("ask-dialog");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  byId("ask-yes").classList.toggle("danger", danger);
  const opener = document.activeElement;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (opener.isConnected) {
        opener.focus();
      }
      resolve(dialog.returnValue === "yes");
    }, { once: true });
  });
}

async function decide(operation, namespace, target, done) {
  try {
    const { name } = await post("/v1/decide", { operation, namespace, target });
    announce(name + " " + done + " " + namespace);
  } catch (failure) {
    announce(failure.message || "This page is locked.");
  }
  await Promise.all([showRequests(), showMembers()]);
}

async function approve(request) {
  if (await ask("Let " + request.name + " into " + request.namespace + "?",
    "Its screen has to show the code " + request.fingerprint + ". If it shows another one, somebody else asks.",
    "The code is the same: approve", false)) {
    await decide("APPROVE", request.namespace, request.fingerprint, "is let into");
  }
}

async function deny(request) {
  if (await ask("Send " + request.name + " away?", "It may ask again.", "Deny", true)) {
    await decide("DENY", request.namespace, request.fingerprint, "is sent away from");
  }
}

async function revoke(member, namespace) {
  if (await ask("Put " + member.name + " out of " + namespace + "?",
    "It loses the network at once and for good, and so does whom it let in as an administrator.",
    "Put it out", true)) {
    await decide("REVOKE", namespace, member.overlayId, "is no member any more of");
  }
}

function requestRow(request) {
  return el("tr", {}, el("th", { scope: "row" }), el("td", { "data-label": "Code", class: "mono" }),
    el("td", { "data-label": "Namespace" }), el("td", { "data-label": "Waits" }),
    el("td", { class: "decide" },
      el("button", {
        type: "button", "aria-label": "Approve " + request.name, click: () => approve(request)
      }, "Approve"), " ", el("button", {
        type: "button", class: "danger", "aria-label": "Deny " + request.name, click: () => deny(request)
      }, "Deny")));
}

async function showRequests() {
  const { requests } = await get("/v1/requests");
  byId("requests").hidden = requests.length === 0;
  keyed(byId("request-rows"), requests, (each) => each.namespace + each.fingerprint, requestRow, (row, each) => {
    cell(row, 0, each.name);
    cell(row, 1, each.fingerprint);
    cell(row, 2, each.namespace);
    cell(row, 3, span(each.waitingSeconds));
  });
}

function memberRow(member, namespace) {
  const own = member.overlayId === namespace.overlayId;
  const may = namespace.role === "admin" && !own;
  return el("tr", {}, el("th", { scope: "row" }), el("td", { "data-label": "Address" }),
    el("td", { "data-label": "Role" }), el("td", { "data-label": "State" }, el("span", { class: "badge" })),
    el("td", { "data-label": "Until" }),
    el("td", {}, may ? el("button", {
      type: "button", class: "danger", "aria-label": "Put " + member.name + " out",
      click: () => revoke(member, namespace.name)
    }, "Put out") : own ? el("span", { class: "quiet" }, "this node") : ""));
}

function updateMember(row, member) {
  cell(row, 0, member.name || shortId(member.overlayId));
  cell(row, 1, member.virtualIp ?? "");
  cell(row, 2, member.role);
  const state = row.children[3].firstChild;
  say(state, member.online ? "online" : "silent");
  state.classList.toggle("good", member.online);
  cell(row, 4, member.expires === null ? "" : new Date(member.expires).toLocaleDateString());
}

function section(namespace) {
  return el("div", {}, el("h3", {}, namespace.name), el("p", { class: "quiet" }),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Members of " + namespace.name },
      el("table", {}, el("thead", {}, el("tr", {}, ...["Name", "Address", "Role", "State", "Certificate until", ""]
        .map((text) => (text === "" ? el("td", {}) : el("th", { scope: "col" }, text))))), el("tbody"))));
}

async function showMembers() {
  byId("members-again").disabled = true;
  keyed(byId("namespaces"), namespaces, (each) => each.name, section, () => {});
  const asked = namespaces;
  const places = [...byId("namespaces").children];
  for (const namespace of asked) {
    const place = places[asked.indexOf(namespace)];
    const note = place.children[1];
    try {
      const { members } = await get("/v1/members?namespace=" + encodeURIComponent(namespace.name));
      const online = members.filter((each) => each.online).length;
      say(note, online + " of " + members.length + " known members answered.");
      const keyOf = (each) => each.overlayId + namespace.role;
      keyed(place.querySelector("tbody"), members, keyOf, (each) => memberRow(each, namespace),
        updateMember);
    } catch (failure) {
      say(note, failure instanceof Locked ? "" : failure.message);
    }
  }
  byId("members-again").disabled = false;
}

/** Takes in which namespaces there are now; members are asked for when that changes. */
export function setNamespaces(list) {
  const now = JSON.stringify(list.map((each) => [each.name, each.state, each.role]));
  namespaces = list;
  if (now !== known) {
    known = now;
    showMembers();
  }
}

function quietly(task) {
  return () => {
    if (!document.hidden) {
      task().catch(() => {});
    }
  };
}

/** To be called once. */
export function preparePeople() {
  byId("ask-no").addEventListener("click", () => byId("ask-dialog").close("no"));
  byId("ask-yes").addEventListener("click", () => byId("ask-dialog").close("yes"));
  byId("members-again").addEventListener("click", quietly(showMembers));
  setInterval(quietly(showMembers), AGAIN_MILLIS);
  setInterval(quietly(showRequests), REQUESTS_AGAIN_MILLIS);
  quietly(showRequests)();
}
