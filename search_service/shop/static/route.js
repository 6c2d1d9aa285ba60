// What is being looked at, kept in the address, so that back, forward and sharing work. Vehicles are not part of it.

import { keep, kept } from "./store.js";

const blank = () => ({ q: "", filters: {}, sort: "relevance", fitment: "default", ignore: [], verbatim: false });
const VIN_INSIDE = /[A-Z0-9]{17}/i; // a text that may hold a VIN stays out of the address
const VEHICLE = /^(vehicle_id|make|model|year|engine|attr\..+)$/;

export let query = blank();
const listeners = [];

/** Call `listener` when something else is looked at. */
export const onChange = (listener) => listeners.push(listener);
const tell = () => listeners.forEach((listener) => listener());

/** Nothing asked: the front page. */
export const atHome = () => !query.q && !Object.keys(query.filters).length && query.sort === "relevance" && query.fitment === "default";

function address() {
  const search = new URLSearchParams();
  if (query.q && !VIN_INSIDE.test(query.q)) search.set("q", query.q);
  for (const [field, values] of Object.entries(query.filters)) values.forEach((value) => search.append(`filter.${field}`, value));
  if (query.sort !== "relevance") search.set("sort", query.sort);
  if (query.fitment !== "default") search.set("fitment", query.fitment);
  query.ignore.forEach((what) => search.append("ignore", what));
  if (query.verbatim) search.set("verbatim", "1");
  const text = search.toString();
  return text ? `/?${text}` : "/";
}

/** Look at something else: `changes` over what is looked at now. */
export function go(changes) {
  query = { ...query, ...changes };
  history.pushState(null, "", address());
  tell();
}

/** A new text: everything that belonged to the old one goes, the way of showing stays. */
export const ask = (q, filters = {}) => go({ ...blank(), sort: query.sort, fitment: query.fitment, q, filters });

export const home = () => go(blank());

export function toggleFilter(field, value, single = false) {
  const now = query.filters[field] ?? [];
  const next = now.includes(value) ? now.filter((one) => one !== value) : single ? [value] : [...now, value];
  const filters = { ...query.filters, [field]: next };
  if (!next.length) delete filters[field];
  go({ filters });
}

/**
 * Take over the address: {vehicle, vin, lang} of it are returned, and taken out of it.
 *
 * A VIN stands behind the "#", which browsers keep to themselves: it reaches no server's log.
 */
export function readAddress() {
  const search = new URLSearchParams(location.search);
  query = blank();
  query.q = (search.get("q") ?? "").slice(0, 256);
  query.sort = search.get("sort") ?? query.sort;
  query.fitment = search.get("fitment") ?? query.fitment;
  query.ignore = search.getAll("ignore");
  query.verbatim = search.get("verbatim") === "1";
  const vehicle = {};
  for (const [name, value] of search) {
    if (name.startsWith("filter.")) (query.filters[name.slice(7)] ??= []).push(value);
    if (VEHICLE.test(name)) vehicle[name] = value;
  }
  if (search.get("user")) keep("user", search.get("user"));
  const vin = new URLSearchParams(location.hash.slice(1)).get("vin");
  const lang = search.get("lang");
  if (Object.keys(vehicle).length || vin || lang) history.replaceState(null, "", address());
  return { vehicle, vin, lang };
}

window.addEventListener("popstate", () => {
  readAddress();
  tell();
});

/** Where the customer is: {name} or {lat, lon}, or null. */
export const place = () => kept("place");
export const setPlace = (value) => keep("place", value);

export const personal = () => kept("personal", true);
export const setPersonal = (value) => keep("personal", value);
export const user = () => kept("user");
