// The demo shop: wires the parts of the page together. Everything it knows comes from the public interface.

import { Problem, post } from "./api.js";
import { drawCart, showCart } from "./cart.js";
import { $, fill, h, webAddress } from "./dom.js";
import * as garage from "./garage.js";
import { home } from "./home.js";
import { lang, number, say, setLang, t, translatePage } from "./i18n.js";
import { results } from "./results.js";
import { ask, atHome, home as goHome, onChange, personal, place, query, readAddress, setPersonal, user } from "./route.js";
import { announce, prepareSheet } from "./sheet.js";
import { clientId, sessionId } from "./store.js";
import { closeSuggestions, prepareSuggestions } from "./suggest.js";
import { drawVehicle, looksLikeVin, offerVin, prepareVehicle, relabel, showCandidates } from "./vehicle.js";

const PAGE = 24;
const LANGUAGES = ["en", "zh"];
const QUIET = new Set(["model"]); // only the order is less personal: said in the footer, not above the results
let request = null;

function body(cursor = null) {
  const where = place();
  const filters = Object.fromEntries(Object.entries(query.filters).map(([field, values]) => [`filter.${field}`, values]));
  return {
    q: query.q, lang: lang(), size: PAGE, sort: query.sort === "distance" && !where ? "relevance" : query.sort, fitment: query.fitment,
    ignore: query.ignore, ...(query.verbatim ? { verbatim: 1 } : {}), ...filters, ...garage.bodyParams(),
    ...(where ? { lat: where.lat, lon: where.lon } : {}),
    client_id: clientId, session_id: sessionId, ...(user() ? { user_id: user() } : {}), ...(personal() ? {} : { personalised: 0 }),
    ...(cursor ? { cursor } : {}),
  };
}

function explain(error) {
  const text = error.status === 0 ? t("error.offline") : [429, 503, 504].includes(error.status) ? t("error.busy") : error.message;
  const fields = error.errors?.map(({ field, message }) => h("li", null, h("code", null, field), ` ${message}`)) ?? [];
  return h(
    "div",
    { class: "failed", role: "alert" },
    h("h2", null, t("error.title")),
    h("p", null, text),
    fields.length ? h("ul", null, fields) : null,
    h("button", { class: "button", type: "button", on: { click: show } }, t("error.retry")),
    error.requestId ? h("small", null, error.requestId) : null,
  );
}

function messages(answer) {
  const notices = (answer.notices ?? []).map((notice) => h("p", { class: "notice", data: { code: notice.code } }, say(notice.text) || notice.code));
  const resting = (answer.degraded ?? []).filter((what) => !QUIET.has(what));
  fill($("messages"), resting.length ? h("p", { class: "notice", data: { code: "degraded" } }, t("degraded", { what: resting.join(", ") })) : null, notices);
}

function versions(answer) {
  const degraded = answer.degraded?.length ? `(${answer.degraded.join(", ")})` : null;
  $("versions").textContent = [answer.generation, answer.policy_version, answer.model_version, degraded].filter(Boolean).join(" · ");
}

async function nextPage(cursor) {
  try {
    const answer = await post("/v1/search", body(cursor));
    announce(t("results.count", { n: number(answer.items.length) }));
    return answer;
  } catch (error) {
    $("messages").append(explain(error));
    return null;
  }
}

async function search(signal) {
  const answer = await post("/v1/search", body(), signal);
  const elsewhere = webAddress(answer.redirect);
  if (elsewhere) return location.replace(elsewhere); // the merchandiser's rule; "back" leads past it
  messages(answer);
  versions(answer);
  showCandidates(answer.vehicle?.candidates ?? 0);
  fill($("view"), results(answer, { placed: Boolean(place()), nextPage, changed: vehicleChanged }));
  const fits = answer.bands?.fits;
  announce([t("results.count", { n: number(answer.total) }), fits ? `${t("fit.fits")}: ${number(fits)}` : ""].filter(Boolean).join(", "));
}

/** Show what the address and the vehicle say. */
async function show() {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  $("q").value = query.q;
  if (!$("view").hasChildNodes()) fill($("view"), h("div", { class: "skeleton", "aria-hidden": "true" }, [1, 2, 3].map(() => h("div"))));
  $("view").setAttribute("aria-busy", "true");
  const slow = setTimeout(() => announce(t("results.loading")), 400);
  try {
    if (atHome()) {
      const page = await home();
      if (signal.aborted) return;
      fill($("messages"));
      fill($("view"), page);
    } else await search(signal);
    $("view").removeAttribute("aria-busy");
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Problem)) console.error(error);
    fill($("messages"));
    fill($("view"), explain(error));
    $("view").removeAttribute("aria-busy");
  } finally {
    clearTimeout(slow);
  }
  document.title = query.q ? `${query.q} · PartFit` : "PartFit";
}

function vehicleChanged() {
  drawVehicle();
  show();
}

function drawAll() {
  translatePage();
  drawVehicle();
  drawCart();
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang()));
}

function nameVehicle() {
  const vehicle = garage.active();
  if (vehicle) relabel(vehicle).catch(() => undefined); // it keeps the name it has
}

function switchLanguage(next) {
  if (next === lang()) return;
  setLang(next);
  drawAll();
  nameVehicle();
  show();
}

function submit(event) {
  event.preventDefault();
  closeSuggestions();
  const text = $("q").value.trim();
  if (!looksLikeVin(text)) return ask(text);
  $("q").value = "";
  offerVin(text);
}

function start() {
  const given = readAddress();
  if (Object.keys(given.vehicle).length) garage.add(given.vehicle, null);
  if (LANGUAGES.includes(given.lang)) setLang(given.lang);
  prepareSheet();
  prepareVehicle(show);
  prepareSuggestions(vehicleChanged);
  drawAll();
  nameVehicle();
  onChange(() => {
    window.scrollTo({ top: 0 });
    drawVehicle();
    show();
  });
  $("find").addEventListener("submit", submit);
  $("cart").addEventListener("click", showCart);
  $("home").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    goHome();
  });
  $("personal").checked = personal();
  $("personal").addEventListener("change", ({ target }) => {
    setPersonal(target.checked);
    show();
  });
  for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => switchLanguage(button.dataset.lang));
  if (given.vin) offerVin(given.vin);
  show();
}

start();
