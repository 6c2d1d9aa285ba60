// The vehicle bar: which car it is, choosing one by model or VIN, and the answers given about it.

import { get, post } from "./api.js";
import { $, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { attributeName, lang, say, t, valueName } from "./i18n.js";
import * as garage from "./garage.js";
import { atHome } from "./route.js";
import { announce } from "./sheet.js";

const LEVELS = ["make", "model", "year", "engine"];
const SAFE = 0.95; // the service's own default: what a VIN says with less confidence is not taken as known
const VIN = /^[A-Z0-9*]{17}$/i; // with I, O and Q, which no VIN has: they are typed by mistake

let changed = () => undefined;
let open = false;
let tab = "model";

/** Tell the bar whom to call when the vehicle changed, and draw it. */
export function prepareVehicle(listener) {
  changed = listener;
  drawVehicle();
}

function done() {
  open = false;
  drawVehicle();
  changed();
}

function use(params, label) {
  garage.add(params, { [lang()]: label });
  done();
}

async function choices(attribute, params) {
  const answer = await get("/v1/vehicles/options", { ...params, attribute, has_parts: 1, lang: lang() });
  return answer.options?.[attribute] ?? [];
}

/** Name a vehicle that was chosen in another language, or came without a name. */
export async function relabel(vehicle) {
  const { make, model, year, engine } = vehicle.params;
  if (vehicle.label?.[lang()] || !make) return;
  const find = (options, value) => options.find((option) => String(option.value) === String(value))?.label ?? value;
  const [makes, models] = await Promise.all([choices("make", {}), model ? choices("model", { make }) : []]);
  garage.describe(vehicle, [year, find(makes, make), model && find(models, model), engine].filter(Boolean).join(" "));
  drawVehicle();
}

class ModelPicker {
  constructor() {
    this.selects = LEVELS.map((level) => h("select", { id: `pick-${level}`, name: level, disabled: true, on: { change: () => this.#chosen(level) } }));
    this.button = h("button", { class: "button", type: "submit", disabled: true }, t("vehicle.use"));
    const field = (level, index) => h("label", { class: "pick tall" }, h("span", null, t(`vehicle.${level}`)), this.selects[index]);
    this.element = h("form", { class: "pickers", on: { submit: (event) => this.#use(event) } }, LEVELS.map(field), this.button);
    this.#fillLevel(0);
  }

  #params(until = LEVELS.length) {
    const chosen = LEVELS.slice(0, until).map((level, index) => [level, this.selects[index].value]);
    return Object.fromEntries(chosen.filter(([, value]) => value));
  }

  async #fillLevel(index) {
    const select = this.selects[index];
    for (const later of this.selects.slice(index)) {
      fill(later, h("option", { value: "" }, t("vehicle.choose")));
      later.disabled = true;
    }
    const options = await choices(LEVELS[index], this.#params(index)).catch(() => []);
    const optional = LEVELS[index] === "engine" || LEVELS[index] === "year";
    fill(select, h("option", { value: "" }, t(optional ? "vehicle.unsure" : "vehicle.choose")), options.map((option) => h("option", { value: option.value }, say(option.label) || option.value)));
    select.disabled = !options.length;
  }

  #chosen(level) {
    const index = LEVELS.indexOf(level);
    this.button.disabled = !this.selects[1].value;
    if (this.selects[index].value && index + 1 < LEVELS.length) this.#fillLevel(index + 1);
  }

  #use(event) {
    event.preventDefault();
    const text = (index) => (this.selects[index].value ? this.selects[index].selectedOptions[0].textContent : null);
    use(this.#params(), [text(2), text(0), text(1), text(3)].filter(Boolean).join(" "));
  }
}

function problem({ position, message }) {
  return h("li", null, position ? h("b", null, `${t("vin.position", { n: position })}: `) : null, say(message));
}

function safeFields(answer) {
  const fields = (answer.fields ?? []).filter((field) => field.confidence >= SAFE && LEVELS.includes(field.attribute));
  return Object.fromEntries(fields.map((field) => [field.attribute, field.value]));
}

/** What all candidates have in common, for the vehicle's name. */
function common(candidates, name) {
  const values = new Set(candidates.map((one) => (one.vehicle ?? one)[name]).filter((value) => value !== undefined && value !== null));
  return values.size === 1 ? [...values][0] : null;
}

function vinName(answer) {
  const found = answer.candidates ?? [];
  const names = (one) => (one.vehicle ?? one).names?.[lang()] ?? {};
  const own = ["make", "model"].map((name) => (found.length && common(found, name) ? names(found[0])[name] ?? common(found, name) : null));
  const year = safeFields(answer).year ?? (answer.model_years?.length === 1 ? answer.model_years[0] : null);
  const maker = own[0] ?? safeFields(answer).make ?? answer.maker;
  return [year, maker, own[1] ?? safeFields(answer).model].filter(Boolean).join(" ");
}

class VinField {
  constructor() {
    this.input = h("input", { id: "vin", name: "vin", maxlength: 24, autocapitalize: "characters", autocomplete: "off", spellcheck: "false", inputmode: "text", "aria-describedby": "vin-hint", required: true });
    this.answer = h("div", { class: "vin-answer", "aria-live": "polite" });
    this.element = h(
      "form",
      { class: "vin", on: { submit: (event) => this.#decode(event) } },
      h("label", { class: "pick tall" }, h("span", null, t("vehicle.vin")), this.input),
      h("button", { class: "button", type: "submit" }, t("vehicle.decode")),
      h("p", { class: "hint", id: "vin-hint" }, t("vehicle.vinHint")),
      this.answer,
    );
  }

  async #decode(event) {
    event?.preventDefault();
    const vin = this.input.value.replaceAll(/\s/g, "").toUpperCase();
    if (!vin) return;
    try {
      const answer = await post("/v1/vin", { vin });
      if (answer.valid && answer.candidates?.length) this.#use(vin, answer);
      else this.#explain(answer);
    } catch (error) {
      fill(this.answer, h("p", { class: "warn" }, error.message || t("error.offline")));
    }
  }

  #use(vin, answer) {
    const name = vinName(answer) || `VIN …${vin.slice(-4)}`;
    const vehicle = garage.add({ vin }, { [lang()]: name });
    const found = answer.candidates;
    const shared = Object.fromEntries(["make", "model"].map((level) => [level, common(found, level)]).filter(([, value]) => value));
    if (answer.model_years?.length === 1) shared.year = answer.model_years[0];
    garage.describe(vehicle, name, { ...shared, ...safeFields(answer) });
    announce(`${t("vin.valid")}: ${name}`);
    done();
  }

  #explain(answer) {
    const retry = (vin) => {
      this.input.value = vin;
      this.#decode();
    };
    fill(
      this.answer,
      h("p", { class: "warn" }, answer.valid ? t("vin.none") : t("vin.invalid")),
      answer.problems?.length ? h("ul", null, answer.problems.map(problem)) : null,
      answer.maker ? h("p", null, [say(answer.maker), say(answer.region), answer.model_years?.join(" / ")].filter(Boolean).join(" · ")) : null,
      answer.suggestions?.length
        ? h("div", { class: "read" }, h("span", null, t("vin.try")), answer.suggestions.map((vin) => h("button", { class: "chip number", type: "button", on: { click: () => retry(vin) } }, vin)))
        : null,
    );
  }
}

function tabs() {
  const one = (name, text) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(tab === name), tabindex: tab === name ? 0 : -1, id: `tab-${name}`, "aria-controls": "picker", on: { click: () => turn(name), keydown: arrow } }, text);
  const turn = (name) => {
    tab = name;
    drawVehicle();
    $(`tab-${name}`)?.focus();
  };
  const arrow = (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") turn(tab === "model" ? "vin" : "model");
  };
  return h("div", { class: "tabs", role: "tablist" }, one("model", t("vehicle.byModel")), one("vin", t("vehicle.byVin")));
}

function garageList() {
  const all = garage.vehicles();
  if (!all.length) return null;
  const row = (vehicle) => {
    const name = garage.name(vehicle);
    const choose = () => {
      garage.choose(vehicle.id);
      done();
    };
    const remove = () => {
      const wasActive = garage.active()?.id === vehicle.id;
      garage.remove(vehicle.id);
      drawVehicle();
      if (wasActive) changed();
    };
    return h(
      "li",
      null,
      h("button", { class: "chip", type: "button", on: { click: choose } }, icon("car"), name),
      h("button", { class: "quiet", type: "button", "aria-label": t("vehicle.remove", { name }), on: { click: remove } }, icon("cross")),
    );
  };
  return h("div", { class: "garage" }, h("span", null, t("vehicle.garage")), h("ul", null, all.map(row)));
}

function chooser() {
  const vehicle = garage.active();
  const cancel = () => {
    open = false;
    drawVehicle();
  };
  const none = () => {
    garage.choose(null);
    done();
  };
  return h(
    "div",
    { class: "chooser" },
    vehicle || !atHome() ? null : h("div", { class: "lead" }, h("h2", null, t("home.title")), h("p", null, t("vehicle.lead"))),
    h("div", { class: "panel" }, tabs(), h("div", { id: "picker", role: "tabpanel", "aria-labelledby": `tab-${tab}` }, tab === "model" ? new ModelPicker().element : new VinField().element)),
    garageList(),
    open
      ? h("p", null, h("button", { class: "link", type: "button", on: { click: cancel } }, t("vehicle.cancel")), vehicle ? [" · ", h("button", { class: "link", type: "button", on: { click: none } }, t("vehicle.none"))] : null)
      : null,
  );
}

function answerChip({ name, attribute, value }) {
  const text = `${attributeName(attribute)}: ${value === null ? t("vehicle.unsure") : valueName(value)}`;
  const forget = () => {
    garage.forgetAnswer(name);
    done();
  };
  return h("button", { class: "chip on", type: "button", "aria-label": t("vehicle.forget", { name: text }), on: { click: forget } }, text, icon("cross"));
}

function present(vehicle) {
  const change = () => {
    open = true;
    drawVehicle();
    $("vehicle").querySelector("select, input")?.focus();
  };
  return h(
    "div",
    { class: "present" },
    icon("car"),
    h("div", { class: "name" }, h("b", null, garage.name(vehicle)), vehicle.params.vin ? h("small", null, `VIN …${vehicle.params.vin.slice(-4)}`) : null, h("small", { id: "rows" })),
    h("div", { class: "chips" }, garage.answers(vehicle).map(answerChip)),
    h("button", { class: "button ghost small", type: "button", on: { click: change } }, t("vehicle.change")),
  );
}

function missing() {
  const pick = () => {
    open = true;
    drawVehicle();
    $("vehicle").querySelector("select, input")?.focus();
  };
  return h("div", { class: "present empty" }, icon("car"), h("div", { class: "name" }, t("vehicle.missing")), h("button", { class: "button small", type: "button", on: { click: pick } }, t("vehicle.pick")));
}

/** Draw the bar: on the front page without a vehicle the choice stands open, elsewhere one line says there is none. */
export function drawVehicle() {
  const vehicle = garage.active();
  const choosing = open || (!vehicle && atHome());
  fill($("vehicle"), vehicle ? present(vehicle) : choosing ? null : missing(), choosing ? chooser() : null);
}

/** Say how many versions of the vehicle are still possible. */
export function showCandidates(count) {
  const place = document.getElementById("rows");
  if (place) place.textContent = count > 1 ? t("vehicle.rows", { n: count }) : "";
}

export const looksLikeVin = (text) => VIN.test(text.replaceAll(/\s/g, "")) && /\d/.test(text);

/** Take a VIN that was typed into the search box: decode it here, so that it never becomes an address. */
export function offerVin(text) {
  tab = "vin";
  open = true;
  drawVehicle();
  const input = $("vin");
  input.value = text;
  input.form.requestSubmit();
}
