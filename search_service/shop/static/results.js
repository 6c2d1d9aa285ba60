// The result of a search: what was understood, the question, the bands, what is not shown, more.

import { h, webAddress } from "./dom.js";
import { card } from "./card.js";
import { chosenFilters, facets, filterCount, learn, placeChoice } from "./facets.js";
import { question } from "./fit.js";
import { icon } from "./icons.js";
import { known, number, placeName, say, t } from "./i18n.js";
import * as garage from "./garage.js";
import { ask, go, query } from "./route.js";

const BANDS = ["fits", "universal", "needs_info", "no_data", "does_not_fit"];
/** A vehicle that was read from the text, as people say it. */
function named(read) {
  return [read?.make, read?.model, read?.year].flat().filter(Boolean).join(" ");
}

const SORTS = ["relevance", "price_asc", "price_desc", "newest", "distance"];

function pick(name, values, now, words, change, off = []) {
  const choice = (value) => h("option", { value, selected: value === now, disabled: off.includes(value) }, t(`${words}.${value}`));
  return h("label", { class: "pick" }, h("span", null, t(`results.${name}`)), h("select", { id: name, on: { change: ({ target }) => change(target.value) } }, values.map(choice)));
}

function controls(answer, placed) {
  return h(
    "div",
    { class: "controls" },
    placeChoice(),
    answer.vehicle ? pick("show", ["default", "strict", "all"], query.fitment, "mode", (fitment) => go({ fitment })) : null,
    pick("sort", SORTS, query.sort, "sort", (sort) => go({ sort }), placed ? [] : ["distance"]),
  );
}

const chip = (text, act, mark = null) => h("button", { class: "chip", type: "button", on: { click: act } }, text, mark);

function ignorable(text, what) {
  const act = () => go({ ignore: [...new Set([...query.ignore, what])] });
  return h("button", { class: "chip", type: "button", "aria-label": t("text.ignore", { name: text }), on: { click: act } }, text, icon("cross"));
}

function understood({ understood: read, vehicle }) {
  if (!query.q) return null;
  const named = read.vehicle && Object.entries(read.vehicle).filter(([name]) => known(`attr.${name}`)).map(([, value]) => value).flat().join(" ");
  const chips = [
    ...(read.part_types ?? []).map((type) => ignorable(say(type.name), "part_type")),
    ...(read.positions?.length ? [ignorable(read.positions.map(placeName).join(" / "), "position")] : []),
    ...(named && vehicle ? [ignorable(named, "vehicle")] : []),
    ...(read.brand ? [h("span", { class: "chip still" }, say(read.brand?.name ?? read.brand))] : []),
    ...(read.part_number ? [h("span", { class: "chip still number" }, say(read.part_number?.number ?? read.part_number))] : []),
  ];
  return chips.length ? h("div", { class: "read" }, h("span", null, t("text.understood")), chips) : null;
}

function corrected({ understood: read }) {
  if (!read.corrections?.length) return null;
  const text = read.corrections.reduce((words, one) => words.replace(one.original, one.corrected), read.text);
  return h(
    "p",
    { class: "corrected" },
    `${t("text.corrected")} `,
    h("b", null, text),
    " · ",
    h("button", { class: "link", type: "button", on: { click: () => go({ verbatim: true }) } }, t("text.instead", { q: query.q })),
  );
}

const VEHICLE = /^(vehicle_id|make|model|year|engine|attr\..+)$/;

function use(parameters) {
  const changes = { filters: { ...query.filters }, ignore: [...query.ignore] };
  const vehicle = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (name.startsWith("filter.")) changes.filters[name.slice(7)] = [value].flat().map(String);
    else if (name === "q") changes.q = String(value);
    else if (name === "verbatim") changes.verbatim = String(value) === "1";
    else if (name === "ignore") changes.ignore.push(...[value].flat());
    else if (VEHICLE.test(name)) vehicle[name] = value;
  }
  if (changes.filters.part_type) changes.ignore.push("part_type");
  if (Object.keys(vehicle).length) garage.add(vehicle, null);
  changes.ignore = [...new Set(changes.ignore)];
  return go(changes);
}

function readings({ readings: others }) {
  if (!others?.length) return null;
  const words = (one) => [...(one.part_types ?? []).map((type) => say(type.name)), one.vehicle && Object.values(one.vehicle).flat().join(" ")].filter(Boolean).join(" · ");
  const choices = others.filter(words).map((one) => {
    for (const type of one.part_types ?? []) learn("part_type", type.id, say(type.name));
    return chip(words(one), () => use(one.use ?? {}));
  });
  return choices.length ? h("div", { class: "read" }, h("span", null, t("text.readings")), choices) : null;
}

function suggestions({ suggestions: others, understood: read }) {
  const offered = (others ?? []).filter(({ kind, text }) => kind === "related" || (text !== query.q && !read.corrections?.length));
  if (!offered.length) return null;
  const count = (total) => (total ? h("small", null, number(total)) : null);
  return h("div", { class: "read" }, h("span", null, t("text.suggestions")), offered.map((one) => chip(one.text, () => ask(one.text), count(one.total))));
}

function ignored() {
  if (!query.ignore.length && !query.verbatim) return null;
  const back = (what) => () => go({ ignore: query.ignore.filter((one) => one !== what) });
  const chips = query.ignore.map((what) => h("button", { class: "chip on", type: "button", on: { click: back(what) } }, t(`ignored.${what}`), icon("cross")));
  if (query.verbatim) chips.push(h("button", { class: "chip on", type: "button", on: { click: () => go({ verbatim: false }) } }, t("ignored.correction"), icon("cross")));
  return h("div", { class: "read" }, h("span", null, t("text.ignored")), chips);
}

const relaxed = ({ relaxed: steps }) =>
  steps?.length ? h("div", { class: "notice" }, h("b", null, t("relaxed")), steps.map((step) => h("p", null, say(step.text) || `${step.step}: ${step.what}`))) : null;

function banner(one) {
  const address = webAddress(one.link);
  const text = say(one.text);
  return text ? h("p", { class: "banner" }, address ? h("a", { href: address }, text) : text) : null;
}

function heading({ total }) {
  const count = total === 1 ? t("results.one") : t("results.count", { n: number(total) });
  return h("h1", null, count, query.q ? h("span", null, ` ${t("results.for", { q: query.q })}`) : null);
}

function hidden({ excluded, vehicle }) {
  if (!vehicle || !excluded) return null;
  const kinds = Object.entries(excluded).filter(([, count]) => count > 0);
  if (!kinds.length) {
    return query.fitment === "default" ? null : h("p", { class: "hidden" }, h("button", { class: "link", type: "button", on: { click: () => go({ fitment: "default" }) } }, t("results.hide")));
  }
  const counts = kinds.map(([kind, count]) => t(`results.hidden.${kind}`, { n: number(count) })).join(t("results.hidden") === "Not shown:" ? ", " : "、");
  return h("p", { class: "hidden" }, `${t("results.hidden")} ${counts}. `, h("button", { class: "link", type: "button", on: { click: () => go({ fitment: "all" }) } }, t("results.showAll")));
}

/** Bands with their headings; the list goes on over pages, so headings are made once. */
export class BandList {
  constructor(answer, changed) {
    this.answer = answer;
    this.changed = changed;
    this.count = 0;
    this.lists = new Map();
    this.element = h("div", { class: "bands" });
    this.add(answer);
  }

  #list(verdict) {
    if (this.lists.has(verdict)) return this.lists.get(verdict);
    const list = h("div", { class: "cards" });
    const vehicle = garage.active();
    const name = vehicle ? garage.name(vehicle) : named(this.answer.understood?.vehicle);
    const title = BANDS.includes(verdict) ? t(`band.${verdict}`, { name: name || t("vehicle.any") }) : null;
    const total = this.answer.bands?.[verdict];
    const head = title ? h("h2", null, title, total === undefined ? null : h("span", { class: "n" }, number(total))) : null;
    this.element.append(h("section", { class: `band ${verdict}` }, head, list));
    this.lists.set(verdict, list);
    return list;
  }

  /** Append a page; returns the first new card. */
  add(page) {
    let first = null;
    for (const item of page.items) {
      this.count += 1;
      const shown = { query_id: page.query_id, text: page.understood?.text, ordinal: this.count };
      const element = card(item, shown, this.changed, this.answer.vehicle?.question?.attribute);
      first ??= element;
      this.#list(item.fit?.verdict ?? "none").append(element);
    }
    return first;
  }
}

function nothing(answer) {
  const hiddenHere = Object.values(answer.excluded ?? {}).some((count) => count > 0);
  return h(
    "div",
    { class: "nothing" },
    h("h2", null, t(hiddenHere && answer.vehicle ? "results.noneFits" : "results.none")),
    h("p", null, t("results.noneHint")),
  );
}

function apart({ apart: sections, query_id: queryId, understood: read }, changed) {
  return (sections ?? []).filter(({ items }) => items?.length).map(({ kind, total, items }) =>
    h(
      "section",
      { class: "band apart" },
      h("h2", null, known(`apart.${kind}`) ? t(`apart.${kind}`) : kind, h("span", { class: "n" }, number(total))),
      h("div", { class: "cards" }, items.map((item, index) => card(item, { query_id: queryId, text: read?.text, ordinal: index + 1 }, changed))),
    ),
  );
}

function more(bands, answer, nextPage) {
  if (!answer.cursor) return null;
  let cursor = answer.cursor;
  const button = h("button", { class: "button wide ghost", type: "button", id: "more" }, t("results.more"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const page = await nextPage(cursor);
    button.disabled = false;
    if (!page) return;
    const first = bands.add(page);
    first?.querySelector(".title")?.focus({ preventScroll: true });
    cursor = page.cursor;
    if (!cursor) button.remove();
  });
  return button;
}

function side(answer) {
  const count = filterCount();
  const panel = h("aside", { id: "filters", class: "side", "aria-label": t("results.filters") }, facets(answer));
  const toggle = h("button", { class: "button ghost filters", type: "button", "aria-expanded": "false", "aria-controls": "filters" }, icon("filter"), t("results.filters"), count ? ` (${count})` : null);
  toggle.addEventListener("click", () => toggle.setAttribute("aria-expanded", String(panel.classList.toggle("open"))));
  return [toggle, panel];
}

/** The whole view. `nextPage(cursor)` gives the next answer or null; `changed` is called when an answer changed the vehicle. */
export function results(answer, { placed, nextPage, changed }) {
  const bands = new BandList(answer, changed);
  const [toggle, panel] = side(answer);
  const asked = answer.vehicle?.question;
  return h(
    "div",
    { class: "results" },
    h("div", { class: "head" }, heading(answer), corrected(answer), understood(answer), readings(answer), ignored(), chosenFilters(), h("div", { class: "row" }, toggle, controls(answer, placed))),
    panel,
    h(
      "div",
      { class: "list" },
      (answer.banners ?? []).map(banner),
      relaxed(answer),
      asked ? h("div", { class: "ask" }, h("p", { class: "eyebrow" }, t("question.title")), question(asked, changed)) : null,
      answer.items.length ? bands.element : nothing(answer),
      more(bands, answer, nextPage),
      hidden(answer),
      apart(answer, changed),
      suggestions(answer),
    ),
  );
}

