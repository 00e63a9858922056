/** Talking to the daemon. The secret goes along in a header, from this page's memory and nowhere else. */

const KEY = "p2pvpn-token";
const TOKEN = /^#([A-Za-z0-9_-]{43})$/;
const PAUSE_MILLIS = 2000;
/** More than a look is ever long. */
const EVENT_CHARS_MAX = 32 * 1024 * 1024;

/** The link is not, or no longer, valid. */
export class Locked extends Error {}

/** Takes the secret out of the address, so that it is neither seen nor kept there. True if there was one. */
export function takeToken() {
  const found = TOKEN.exec(location.hash);
  if (found) {
    sessionStorage.setItem(KEY, found[1]);
    history.replaceState(null, "", location.pathname);
  }
  return found !== null;
}

function headers() {
  const token = sessionStorage.getItem(KEY);
  if (token === null) {
    throw new Locked();
  }
  return { "X-P2pvpn-Token": token };
}

async function answer(response) {
  if (response.status === 401) {
    sessionStorage.removeItem(KEY);
    throw new Locked();
  }
  if (!response.ok) {
    throw new Error((await response.text()).trim());
  }
  return response;
}

function send(path, options) {
  return fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", ...options });
}

/** A document. */
export async function get(path) {
  return (await answer(await send(path, { headers: headers() }))).json();
}

/** Has something done. */
export async function post(path, document) {
  const body = JSON.stringify(document);
  return (await answer(await send(path, { method: "POST", headers: headers(), body }))).json();
}

/** Calls back for every look at the node, and again after every loss, until the page is locked. */
export async function follow(onLook, onLoss) {
  for (;;) {
    try {
      const response = await answer(await send("/v1/events", { headers: headers() }));
      await read(response.body.getReader(), onLook);
    } catch (failure) {
      if (failure instanceof Locked) {
        throw failure;
      }
      onLoss();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
    }
  }
}

async function read(reader, onLook) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    text += decoder.decode(value, { stream: true });
    if (text.length > EVENT_CHARS_MAX) {
      throw new Error("too long");
    }
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      if (event.startsWith("data: ")) {
        onLook(JSON.parse(event.slice(6)));
      }
    }
  }
}
