// The front page: what there is, and what others or this customer need.

import { get } from "./api.js";
import { h } from "./dom.js";
import { shelf } from "./card.js";
import { learn } from "./facets.js";
import { partDrawing } from "./icons.js";
import { lang, number, t } from "./i18n.js";
import * as garage from "./garage.js";
import { go, personal, user } from "./route.js";
import { sessionId } from "./store.js";

const TILES = 12;

const recommended = (kind) =>
  get("/v1/recommendations", {
    kind, size: 8, lang: lang(), session_id: sessionId, user_id: user(), personalised: personal() ? null : 0,
    ...(kind === "for_vehicle" ? garage.addressParams() : {}),
  });

async function shelves() {
  const vehicle = garage.active();
  const wanted = [
    vehicle && ["for_vehicle", t("home.for_vehicle", { name: garage.name(vehicle) })],
    ["popular", t("home.popular")],
    personal() && ["for_you", t("home.for_you")],
  ].filter(Boolean);
  const answers = await Promise.allSettled(wanted.map(([kind]) => recommended(kind)));
  const seen = new Set();
  return answers.map((answer, index) => {
    if (answer.status !== "fulfilled") return null;
    const parts = answer.value.items.map((item) => item.part_id).join();
    if (seen.has(parts)) return null; // nothing is known of the customer yet, so "for you" is what is popular
    seen.add(parts);
    return shelf(wanted[index][1], answer.value);
  });
}

function depth(items) {
  const roots = items.filter((item) => item.parent === null);
  // A tree with a single root shows what is under it.
  return roots.length === 1 ? items.filter((item) => item.parent === roots[0].id) : roots;
}

function tile(item, hasChildren, english) {
  const field = hasChildren ? "category" : "part_type";
  learn(field, item.id, item.name);
  const open = () => go({ filters: { [field]: [item.id] } });
  return h("li", null, h("button", { class: "kind", type: "button", on: { click: open } }, partDrawing(english ?? item.name), h("b", null, item.name), h("small", null, t("home.parts", { n: number(item.parts) }))));
}

async function kinds() {
  const { items } = await get("/v1/part-types", { lang: lang(), ...garage.addressParams() });
  const parents = new Set(items.map((item) => item.parent));
  const shown = depth(items).filter((item) => item.parts > 0).sort((a, b) => b.parts - a.parts).slice(0, TILES);
  if (!shown.length) return null;
  return h("section", null, h("h2", null, t("home.browse")), h("ul", { class: "kinds" }, shown.map((item) => tile(item, parents.has(item.id), item.id.replaceAll(/[_-]/g, " ")))));
}

/** The front page, with whatever of it can be had. */
export async function home() {
  const [browse, rows] = await Promise.allSettled([kinds(), shelves()]);
  if (browse.status === "rejected") throw browse.reason;
  return h("div", { class: "home" }, browse.value, rows.status === "fulfilled" ? rows.value : null);
}
