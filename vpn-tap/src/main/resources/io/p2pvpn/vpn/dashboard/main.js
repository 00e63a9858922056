/** Puts the page to work. */

import { follow, get, Locked, takeToken } from "./api.js";
import { Chart } from "./charts.js";
import { bitRate, byId, millis, say } from "./dom.js";
import { preparePeer, remember } from "./peer.js";
import { preparePeople, setNamespaces } from "./people.js";
import { prepareViews, show } from "./views.js";

const POINTS_MAX = 900;

function lock() {
  byId("locked").hidden = false;
  byId("open").hidden = true;
  say(byId("live"), "");
}

async function run() {
  const traffic = new Chart(byId("traffic-chart"), "Throughput", [
    { name: "sent", style: "sent", value: (point) => point.sentBitsPerSecond },
    { name: "received", style: "received", value: (point) => point.receivedBitsPerSecond }
  ], bitRate, 1000);
  const latency = new Chart(byId("latency-chart"), "Median round trip", [
    { name: "direct", style: "direct", value: (point) => point.directMillis },
    { name: "over others", style: "relayed-trip", value: (point) => point.relayedMillis }
  ], millis, 1);
  const { points } = await get("/v1/history");
  prepareViews();
  preparePeer();
  preparePeople();
  await follow((look) => {
    if (points.length === 0 || points[points.length - 1].epochMillis < look.now.epochMillis) {
      points.push(look.now);
    }
    points.splice(0, points.length - POINTS_MAX);
    say(byId("live"), "live");
    remember(look.now.epochMillis, look.peers);
    setNamespaces(look.status.namespaces);
    show(look);
    traffic.show(points);
    latency.show(points);
  }, () => say(byId("live"), "The node is not heard; trying again."));
}

async function begin() {
  takeToken();
  try {
    await run();
  } catch (failure) {
    if (!(failure instanceof Locked)) {
      say(byId("said"), "This page broke: " + failure.message);
    }
    lock();
  }
}

// Another link in the same tab does not load the page again by itself.
window.addEventListener("hashchange", () => takeToken() && location.reload());
begin();
