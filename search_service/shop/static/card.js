// One part of a list.

import { h, webAddress } from "./dom.js";
import { badge, places, question, reasons } from "./fit.js";
import { icon, partDrawing } from "./icons.js";
import { money, number, say, t } from "./i18n.js";
import { addToCart, priceNow } from "./cart.js";
import { note, watch } from "./events.js";
import { openPart } from "./part.js";

const FEW = 3;
const ANSWERS = 6; // more would drown the card: the dialog has them all

/** The picture of a part, or a drawing of its kind. */
export function picture(item) {
  const address = webAddress(item.image);
  const drawn = partDrawing(item.part_type?.name?.en ?? item.part_type?.id);
  if (!address) return h("div", { class: "picture" }, drawn);
  const image = h("img", { src: address, alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(drawn));
  return h("div", { class: "picture" }, image);
}

export function price(item) {
  const now = priceNow(item);
  const lowered = item.promotion?.price_after && item.price && item.promotion.price_after.amount < item.price.amount;
  return h(
    "div",
    { class: "cost" },
    h("span", { class: "price" }, money(now) || t("price.none")),
    lowered ? h("s", null, h("span", { class: "unseen" }, t("price.was", { price: "" })), money(item.price)) : null,
    item.promotion ? h("span", { class: "promotion" }, say(item.promotion.label) || item.promotion.kind) : null,
  );
}

function online(count) {
  if (count === null || count === undefined) return h("li", { class: "muted" }, t("stock.unknown"));
  if (count <= 0) return h("li", { class: "muted" }, t("stock.none"));
  return h("li", { class: "good" }, count <= FEW ? t("stock.few", { n: count }) : t("stock.online"));
}

function nearest(store) {
  const facts = [
    store.distance_km === null || store.distance_km === undefined ? null : t("stock.distance", { n: number(Math.round(store.distance_km * 10) / 10) }),
    store.install ? t("stock.install") : null,
  ].filter(Boolean);
  return h("li", null, icon("pin"), t("stock.store", { n: store.quantity, store: say(store.name) || t("stock.unnamed", { id: store.store_id }) }), facts.length ? ` · ${facts.join(" · ")}` : null);
}

/** Where the part can be had: the web warehouse, and the nearest store that has it. */
export function availability({ availability: held }) {
  if (!held) return null;
  const store = held.stores?.find((one) => one.quantity > 0);
  return h("ul", { class: "stock" }, online(held.online), store ? nearest(store) : null);
}

/** The question to put on a card: its first that the page does not ask already, if its answers are few. */
function ownQuestion({ fit }, asked) {
  if (fit?.verdict !== "needs_info") return null;
  const [first] = fit.questions ?? [];
  return first && first.attribute !== asked && first.options.length <= ANSWERS ? first : null;
}

/**
 * A card. `shown` is {query_id, text, ordinal}; `changed` is called when an answer changed the vehicle; `pageAsks` is the
 * attribute of the question that stands above the list.
 */
export function card(item, shown, changed, pageAsks = null) {
  const open = () => {
    note("click", item.part_id, shown);
    openPart(item, shown, changed);
  };
  const asked = ownQuestion(item, pageAsks);
  const facts = [item.brand, item.part_number, ...places(item.fit, item.position)];
  const element = h(
    "article",
    { class: "card", data: { part: item.part_id, verdict: item.fit?.verdict ?? "" } },
    h("div", { class: "art", on: { click: open } }, picture(item)),
    h(
      "div",
      { class: "what" },
      h("h3", null, h("button", { class: "title", type: "button", on: { click: open } }, item.title)),
      h("p", { class: "facts" }, facts.map((fact, index) => h("span", { class: index === 1 ? "number" : null }, fact))),
      item.because?.length ? h("p", { class: "because" }, say(item.because[0].text)) : null,
      h("div", { class: "verdict" }, badge(item.fit)),
      asked ? question(asked, changed, true) : null,
      reasons(item.fit),
    ),
    h(
      "div",
      { class: "buy" },
      price(item),
      availability(item),
      h("button", { class: "button", type: "button", on: { click: () => addToCart(item, shown) } }, t("cart.add"), h("span", { class: "unseen" }, ` ${item.title}`)),
    ),
  );
  watch(element, item.part_id, shown);
  return element;
}

/** A row of small cards, for recommendations. */
export function shelf(title, answer, items = answer.items) {
  if (!items?.length) return null;
  const tile = (item, index) => {
    const shown = { query_id: answer.query_id, text: "", ordinal: index + 1 };
    const open = () => {
      note("click", item.part_id, shown);
      openPart(item, shown);
    };
    const element = h(
      "li",
      null,
      h(
        "button",
        { class: "tile", type: "button", on: { click: open } },
        picture(item),
        h("b", null, item.title),
        h("small", null, `${item.brand} · ${item.part_number}`),
        item.because?.length ? h("small", { class: "because" }, say(item.because[0].text)) : null,
        h("span", { class: "price" }, money(priceNow(item)) || t("price.none")),
        badge(item.fit),
      ),
    );
    watch(element, item.part_id, shown);
    return element;
  };
  return h("section", { class: "shelf" }, h("h2", null, title), h("ul", null, items.map(tile)));
}
