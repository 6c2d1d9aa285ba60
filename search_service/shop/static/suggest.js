// Suggestions under the search box: a list box driven by keyboard, mouse or touch.

import { get } from "./api.js";
import { $, fill, h } from "./dom.js";
import { badge } from "./fit.js";
import { lang, number, say, t } from "./i18n.js";
import * as garage from "./garage.js";
import { learn } from "./facets.js";
import { ask } from "./route.js";
import { looksLikeVin } from "./vehicle.js";

const WAIT_MS = 120;
let timer = null;
let request = null;
let chosen = -1;
let vehicleChosen = () => undefined;

const options = () => [...$("suggestions").querySelectorAll("[role=option]")];

function close() {
  clearTimeout(timer);
  request?.abort();
  chosen = -1;
  $("suggestions").hidden = true;
  $("q").setAttribute("aria-expanded", "false");
  $("q").removeAttribute("aria-activedescendant");
}

function option(act, ...content) {
  const element = h("div", { role: "option", "aria-selected": "false" }, content);
  // Before the field loses the focus, which would close the list.
  element.addEventListener("pointerdown", (event) => event.preventDefault());
  element.addEventListener("click", () => {
    close();
    act();
  });
  return element;
}

function search(text, filters) {
  $("q").value = text;
  ask(text, filters);
}

const GROUPS = {
  part_types: (one) => {
    learn("part_type", one.id, say(one.name));
    const matched = one.matched && one.matched !== say(one.name) ? h("small", null, say(one.matched)) : null;
    return option(() => search(say(one.name)), h("span", null, say(one.name), " ", matched), h("span", { class: "n" }, number(one.count)));
  },
  queries: (one) => option(() => search(one.text), h("span", null, one.text), h("span", { class: "n" }, number(one.count))),
  vehicles: (one) =>
    option(() => {
      garage.add(one.params, { [lang()]: one.text });
      $("q").value = "";
      vehicleChosen();
    }, h("span", null, one.text), h("span", { class: "n" }, t("vehicle.rows", { n: one.vehicles }))),
  parts: (one) => option(() => search(one.part_number), h("span", null, one.title, " ", h("small", null, `${one.brand} ${one.part_number}`)), badge(one.fit)),
};

function draw(answer) {
  const groups = Object.keys(GROUPS).filter((group) => answer[group]?.length);
  const sections = groups.map((group) => h("div", { role: "group", "aria-label": t(`suggest.${group}`) }, h("p", { "aria-hidden": "true" }, t(`suggest.${group}`)), answer[group].map(GROUPS[group])));
  fill($("suggestions"), sections);
  options().forEach((element, index) => (element.id = `suggestion-${index}`));
  chosen = -1;
  $("suggestions").hidden = !groups.length;
  $("q").setAttribute("aria-expanded", String(groups.length > 0));
}

async function load() {
  const text = $("q").value.trim();
  request?.abort();
  if (!text || looksLikeVin(text)) return close();
  request = new AbortController();
  try {
    draw(await get("/v1/suggest", { q: text, size: 5, lang: lang(), ...garage.addressParams() }, request.signal));
  } catch (error) {
    if (error.name !== "AbortError") close(); // suggestions are an offer; the search itself will say what is wrong
  }
}

function mark(next) {
  const all = options();
  if (!all.length) return;
  chosen = (next + all.length + 1) % (all.length + 1);
  all.forEach((element, index) => element.setAttribute("aria-selected", String(index === chosen)));
  const current = all[chosen];
  if (current) {
    $("q").setAttribute("aria-activedescendant", current.id);
    current.scrollIntoView({ block: "nearest" });
  } else $("q").removeAttribute("aria-activedescendant");
}

function key(event) {
  const shown = !$("suggestions").hidden;
  if (event.key === "Escape" && shown) {
    event.preventDefault();
    close();
  } else if (event.key === "ArrowDown" && shown) {
    event.preventDefault();
    mark(chosen + 1);
  } else if (event.key === "ArrowUp" && shown) {
    event.preventDefault();
    mark(chosen < 0 ? options().length - 1 : chosen - 1);
  } else if (event.key === "Enter" && shown && options()[chosen]) {
    event.preventDefault();
    options()[chosen].click();
  }
}

/** Bring the list to life; `onVehicle` is called when a vehicle was chosen from it. */
export function prepareSuggestions(onVehicle) {
  vehicleChosen = onVehicle;
  $("q").addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(load, WAIT_MS); // not between the keys of an unfinished Chinese word
  });
  $("q").addEventListener("compositionend", () => (timer = setTimeout(load, WAIT_MS)));
  $("q").addEventListener("keydown", key);
  $("q").addEventListener("blur", close);
}

export const closeSuggestions = close;
