// Narrowing: facets with counts, availability, and where the customer is.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { number, placeName, say, t, valueName } from "./i18n.js";
import { go, place, query, setPlace, toggleFilter } from "./route.js";
import { announce } from "./sheet.js";

const SHOWN = 8;
const CITIES = [
  ["Beijing", "北京", 39.904, 116.407], ["Shanghai", "上海", 31.230, 121.474], ["Guangzhou", "广州", 23.129, 113.264],
  ["Shenzhen", "深圳", 22.543, 114.058], ["Chengdu", "成都", 30.573, 104.066], ["Hangzhou", "杭州", 30.274, 120.155],
  ["Wuhan", "武汉", 30.593, 114.305], ["Xi'an", "西安", 34.342, 108.940], ["Chongqing", "重庆", 29.563, 106.551],
  ["Nanjing", "南京", 32.060, 118.797], ["Tianjin", "天津", 39.125, 117.190], ["Shenyang", "沈阳", 41.805, 123.431],
];

function label(field, { value, label: text }) {
  if (field === "position") return placeName(value);
  if (field === "price" && (!text || text === value)) return value.replace("..", " – ");
  return say(text) || valueName(value);
}

const names = new Map();

/** What a filter value is called, as far as facets have shown it. */
const nameOf = (field, value) => names.get(`${field}=${value}`) ?? (field === "position" ? placeName(value) : valueName(value));

function option(field, entry) {
  const text = label(field, entry);
  names.set(`${field}=${entry.value}`, text);
  const box = h("input", { type: "checkbox", checked: entry.selected, on: { change: () => toggleFilter(field, entry.value) } });
  return h("li", null, h("label", null, box, h("span", { class: "name" }, text), h("span", { class: "n" }, number(entry.count))));
}

function facet(field, entries) {
  if (!entries?.length) return null;
  const chosen = entries.filter((entry) => entry.selected);
  const ordered = field === "price" ? entries : [...chosen, ...entries.filter((entry) => !entry.selected)];
  const first = ordered.slice(0, SHOWN);
  const rest = ordered.slice(SHOWN);
  return h(
    "fieldset",
    { class: "facet" },
    h("legend", null, t(`facet.${field}`)),
    h("ul", null, first.map((entry) => option(field, entry))),
    rest.length
      ? h("details", null, h("summary", null, t("facet.more", { n: rest.length })), h("ul", null, rest.map((entry) => option(field, entry))))
      : null,
  );
}

function availabilityFilter() {
  const now = query.filters.available?.[0] ?? "";
  const choose = (value) => {
    const filters = { ...query.filters, available: [value] };
    if (!value) delete filters.available;
    go({ filters });
  };
  const radio = (value) =>
    h("li", null, h("label", null, h("input", { type: "radio", name: "available", checked: now === value, on: { change: () => choose(value) } }), h("span", { class: "name" }, t(`available.${value}`))));
  return h("fieldset", { class: "facet" }, h("legend", null, t("available")), h("ul", null, ["", "online", "any"].map(radio)));
}

function locate(select) {
  const refuse = () => {
    announce(t("place.denied"));
    select.value = "";
    select.setCustomValidity(t("place.denied"));
    select.reportValidity();
  };
  if (!navigator.geolocation) return refuse();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => moveTo({ name: "here", lat: Math.round(coords.latitude * 1000) / 1000, lon: Math.round(coords.longitude * 1000) / 1000 }),
    refuse,
    { timeout: 8000, maximumAge: 600000 },
  );
}

function moveTo(next) {
  setPlace(next);
  go(next === null && query.sort === "distance" ? { sort: "relevance" } : {});
}

/** The choice of a place: a city, or what the browser says. */
export function placeChoice() {
  const now = place()?.name ?? "";
  const choose = ({ target }) => {
    target.setCustomValidity("");
    if (target.value === "here") return locate(target);
    const city = CITIES.find(([name]) => name === target.value);
    moveTo(city ? { name: city[0], lat: city[2], lon: city[3] } : null);
  };
  const choice = (value, text) => h("option", { value, selected: now === value }, text);
  return h(
    "label",
    { class: "pick" },
    h("span", null, t("place")),
    h("select", { id: "place", on: { change: choose } }, choice("", t("place.none")), choice("here", t("place.here")), CITIES.map(([en, zh]) => choice(en, say({ en, zh })))),
  );
}

/** The side column. */
export function facets(answer) {
  const fields = Object.keys(answer.facets ?? {});
  return h("div", { class: "facets" }, availabilityFilter(), fields.map((field) => facet(field, answer.facets[field])));
}

/** The filters in force, each with its way out. */
export function chosenFilters() {
  const chosen = Object.entries(query.filters).flatMap(([field, values]) => values.map((value) => [field, value]));
  if (!chosen.length) return null;
  const chip = ([field, value]) => {
    const text = field === "available" ? t(`available.${value}`) : nameOf(field, value);
    return h(
      "button",
      { class: "chip on", type: "button", "aria-label": t("facet.remove", { name: text }), on: { click: () => toggleFilter(field, value) } },
      text,
      icon("cross"),
    );
  };
  return h("div", { class: "chips" }, chosen.map(chip), chosen.length > 1 ? h("button", { class: "link", type: "button", on: { click: () => go({ filters: {} }) } }, t("results.clear")) : null);
}

/** How many filters are in force. */
export const filterCount = () => Object.values(query.filters).flat().length;

/** Filter names that only the service knows (a category tile's), so that their chips read well. */
export const learn = (field, value, text) => names.set(`${field}=${value}`, text);
