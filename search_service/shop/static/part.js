// A part looked at closely, in the dialog.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { asked, badge, places, question, reasons } from "./fit.js";
import { attributeName, lang, say, t, valueName } from "./i18n.js";
import { addToCart } from "./cart.js";
import { availability, picture, price, shelf } from "./card.js";
import * as garage from "./garage.js";
import { personal, user } from "./route.js";
import { closeSheet, openSheet } from "./sheet.js";
import { sessionId } from "./store.js";

const path = (item, rest = "") => `/v1/parts/${encodeURIComponent(item.part_id)}${rest}`;

function vehicleRow({ make, model, years, conditions }) {
  const span = years?.some(Boolean) ? (years[0] === years[1] ? `${years[0]}` : `${years[0] ?? ""}–${years[1] ?? ""}`) : "";
  const narrowed = (conditions ?? []).map(({ attribute, asks }) => (asks.note === undefined ? `${attributeName(attribute)} ${asked(asks)}` : asked(asks)));
  return h("li", null, h("b", null, [make, model].filter(Boolean).join(" ") || "*"), ` ${span}`, narrowed.length ? h("small", null, ` · ${narrowed.join(", ")}`) : null);
}

function vehicles({ items, total }) {
  if (!items?.length) return null;
  const rest = total - items.length;
  return h("section", null, h("h3", null, t("part.vehicles")), h("ul", { class: "plain" }, items.map(vehicleRow), rest > 0 ? h("li", { class: "muted" }, `+ ${rest}`) : null));
}

const numberRow = ({ brand, number, kind }) =>
  h("li", null, h("span", { class: "number" }, number), ` ${brand}`, h("small", null, ` · ${t(`number.${kind}`)}`));

const numbers = ({ items }) =>
  items?.length ? h("section", null, h("h3", null, t("part.numbers")), h("ul", { class: "plain" }, items.slice(0, 12).map(numberRow))) : null;

function details({ part }) {
  const rows = Object.entries(part.attributes ?? {}).filter(([, value]) => value !== null && typeof value !== "object");
  const text = say(part.description);
  if (!rows.length && !text) return null;
  return h(
    "section",
    null,
    h("h3", null, t("part.details")),
    text ? h("p", null, text) : null,
    rows.length ? h("dl", null, rows.map(([name, value]) => h("div", null, h("dt", null, attributeName(name)), h("dd", null, valueName(value))))) : null,
  );
}

const recommended = (kind, item) =>
  get("/v1/recommendations", {
    kind, part_id: item.part_id, size: 8, lang: lang(), session_id: sessionId, user_id: user(), personalised: personal() ? null : 0, ...garage.addressParams(),
  });

const SECTIONS = [
  [(item) => get(path(item)), details],
  [(item) => get(path(item, "/vehicles")), vehicles],
  [(item) => get(path(item, "/interchange")), numbers],
  [(item) => recommended("bought_together", item), (answer) => shelf(t("part.together"), answer)],
  [(item) => recommended("similar", item), (answer) => shelf(t("part.similar"), answer)],
];

function section([ask, draw], item) {
  const slot = h("div");
  // A section that cannot be had is left out: the dialog is complete without it.
  ask(item).then((answer) => slot.append(draw(answer) ?? ""), () => slot.remove());
  return slot;
}

/** Show a part; `changed` is called when an answer changed the vehicle. */
export function openPart(item, shown, changed = null) {
  const answered = () => {
    closeSheet();
    changed();
  };
  const asked = changed && item.fit?.verdict === "needs_info" ? item.fit.questions?.[0] : null;
  openSheet(
    item.title,
    h(
      "div",
      { class: "part" },
      picture(item),
      h(
        "div",
        null,
        h("p", { class: "facts" }, [item.brand, item.part_number, ...places(item.fit, item.position)].map((fact) => h("span", null, fact))),
        h("div", { class: "verdict" }, badge(item.fit)),
        price(item),
        availability(item),
        h("button", { class: "button", type: "button", on: { click: () => addToCart(item, shown) } }, t("cart.add")),
      ),
    ),
    asked ? question(asked, answered, true) : null,
    reasons(item.fit, true),
    SECTIONS.map((one) => section(one, item)),
  );
  $("sheet").scrollTop = 0;
}
