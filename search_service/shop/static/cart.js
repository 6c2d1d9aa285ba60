// A small cart in the browser, so that the demo shop sends the events a real one would.

import { $, fill, h } from "./dom.js";
import { badge } from "./fit.js";
import { icon } from "./icons.js";
import { money, say, t } from "./i18n.js";
import { note } from "./events.js";
import { announce, openSheet } from "./sheet.js";
import { keep, kept } from "./store.js";

const lines = () => kept("cart", []);

/** What a part costs now: the promotion's price if it has one. */
export const priceNow = (item) => item.promotion?.price_after ?? item.price;

/** The button in the header. */
export function drawCart() {
  const count = lines().length;
  const label = `${t("cart")} (${count})`;
  fill($("cart"), icon("bag"), h("span", { class: "unseen" }, label), count ? h("span", { class: "count", "aria-hidden": "true" }, count) : null);
}

export function addToCart(item, shown) {
  const { part_id, title, brand, part_number, fit } = item;
  keep("cart", [...lines(), { part_id, title, brand, part_number, price: priceNow(item), verdict: fit?.verdict ?? null, shown }]);
  note("add_to_cart", part_id, shown);
  drawCart();
  announce(t("cart.added", { name: title }));
}

function removeLine(index) {
  keep("cart", lines().filter((_, at) => at !== index));
  drawCart();
  showCart();
}

function buy() {
  for (const line of lines()) note("purchase", line.part_id, line.shown);
  keep("cart", []);
  drawCart();
  openSheet(t("cart"), h("p", { class: "thanks" }, t("cart.bought")));
}

function total() {
  const sums = new Map();
  for (const { price } of lines()) if (price) sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount);
  return [...sums].map(([currency, amount]) => money({ amount, currency })).join(" + ");
}

const row = (line, index) =>
  h(
    "li",
    null,
    h("div", null, h("b", null, line.title), h("small", null, `${line.brand} ${line.part_number}`), line.verdict ? badge(line) : h("small", null, t("cart.unchecked"))),
    h("span", { class: "price" }, money(line.price) || t("price.none")),
    h("button", { class: "quiet", type: "button", "aria-label": t("cart.remove", { name: line.title }), on: { click: () => removeLine(index) } }, icon("cross")),
  );

export function showCart() {
  if (!lines().length) return openSheet(t("cart"), h("p", null, t("cart.empty")));
  openSheet(
    t("cart"),
    h("ul", { class: "lines" }, lines().map(row)),
    h("p", { class: "sum" }, h("span", null, t("cart.total")), h("b", null, total())),
    h("button", { class: "button wide", type: "button", on: { click: buy } }, say(t("cart.buy"))),
  );
}
