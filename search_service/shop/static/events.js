// What the customer does, as UBI events. Nothing is sent while personal order is switched off.

import { post } from "./api.js";
import { personal, user } from "./route.js";
import { clientId, sessionId } from "./store.js";

const waiting = [];
let timer = null;

function flush() {
  timer = null;
  const batch = waiting.splice(0, 200);
  if (!batch.length) return;
  // An event that gets lost costs nothing but a little knowledge; the page must not stumble over it.
  post("/v1/events", batch, undefined, { keepalive: batch.length <= 40 }).catch(() => undefined);
  if (waiting.length) timer = setTimeout(flush, 200);
}

/** Note one action on a part; `shown` is {query_id, text, ordinal} of the list it was done in. */
export function note(action, partId, shown, attributes = {}) {
  if (!personal()) return;
  waiting.push({
    application: "partfit-shop",
    action_name: action,
    query_id: shown?.query_id,
    client_id: clientId,
    session_id: sessionId,
    user_id: user() ?? undefined,
    timestamp: new Date().toISOString(),
    user_query: shown?.text || undefined,
    event_attributes: {
      object: { object_id: partId, object_id_type: "product", object_id_field: "part_id" },
      ...(shown?.ordinal ? { position: { ordinal: shown.ordinal } } : {}),
      ...attributes,
    },
  });
  if (action !== "impression") flush();
  else timer ??= setTimeout(flush, 1500);
}

const watched = new WeakMap();
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      observer.unobserve(entry.target);
      const { partId, shown } = watched.get(entry.target);
      note("impression", partId, shown);
    }
  },
  { threshold: 0.5 },
);

/** Send one impression when half of `element` has been on the screen. */
export function watch(element, partId, shown) {
  watched.set(element, { partId, shown });
  observer.observe(element);
}

window.addEventListener("pagehide", flush);
