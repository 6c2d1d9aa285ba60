// The merchandiser's console: what is in service, the policy and its versions, searches that found nothing.

import { post } from "/shop/api.js";
import { $, fill, h } from "/shop/dom.js";
import { number, setLang } from "/shop/i18n.js";
import * as admin from "/console/admin.js";
import { showQuality } from "/console/quality.js";
import { preview, replay, why } from "/console/trial.js";
import { translate, w } from "/console/words.js";

let chosen = null;

function tell(text, bad = false) {
  $("status").textContent = text;
  $("status").className = bad ? "status bad" : "status";
}

/** Run an action of the page; what goes wrong is said, never swallowed. */
async function attempt(action) {
  try {
    tell("");
    return await action();
  } catch (error) {
    if ([401, 403].includes(error.status)) return refuse();
    tell(w("failed", { text: error.message }), true);
    if (error.errors?.length) showFaults(error.errors);
    return null;
  }
}

function refuse() {
  admin.setKey("");
  $("admin").hidden = true;
  tell(w("refused"), true);
}

const fact = (name, value) => h("div", null, h("dt", null, w(name)), h("dd", null, value ?? w("none")));

async function showService() {
  const answer = await post("/v1/search", { size: 1, facets: "brand" });
  fill(
    $("service"),
    h(
      "dl",
      { class: "facts-grid" },
      fact("generation", answer.generation),
      fact("policyVersion", answer.policy_version),
      fact("modelVersion", answer.model_version),
      fact("parts", number(answer.total)),
      answer.degraded?.length ? fact("degraded", answer.degraded.join(", ")) : null,
    ),
  );
}

function showFaults(faults) {
  const one = ({ field, message }) => h("p", { class: "finding" }, h("code", null, `${field}: `), message);
  fill($("findings"), faults.length ? faults.map(one) : h("p", { class: "finding ok" }, w("checkedOk")));
}

const when = (text) => (text ? new Date(text).toLocaleString(document.documentElement.lang) : "");

function versionRow(row, published) {
  const act = () => attempt(() => load(row.version));
  return h(
    "li",
    null,
    h(
      "button",
      { type: "button", "aria-current": row.version === chosen ? "true" : null, on: { click: act } },
      h("b", null, row.version, " ", row.version === published ? h("span", { class: "badge fits" }, w("current")) : null),
      h("small", null, [when(row.created_at), row.source, row.note].filter(Boolean).join(" · ")),
    ),
  );
}

async function showPolicies() {
  const { items, published } = await admin.policies();
  const known = items.some((row) => row.version === published);
  const newest = [...items].sort((a, b) => b.created_at.localeCompare(a.created_at));
  fill(
    $("policies"),
    known ? null : h("p", { class: "hint" }, w("builtIn", { version: published })),
    h("ul", { class: "versions" }, newest.map((row) => versionRow(row, published))),
  );
  return known ? published : (newest[0]?.version ?? null);
}

async function load(version) {
  const policy = await admin.policy(version);
  chosen = version;
  $("body").value = policy.body;
  fill($("findings"));
  await showPolicies();
}

/** The text as a draft of the service, which refuses one with faults; its version. */
async function check() {
  const { version } = await admin.draft($("body").value);
  chosen = version;
  showFaults([]);
  await showPolicies();
  return version;
}

async function inService(version) {
  await Promise.all([showPolicies(), showService()]);
  tell(w("published", { version }));
}

async function publish() {
  const version = await check();
  await admin.publishPolicy(version);
  await inService(version);
}

async function rollback() {
  if (!confirm(w("sureRollback"))) return;
  const { version } = await admin.rollbackPolicy();
  await load(version);
  await inService(version);
}

async function showZero() {
  const { items, days } = await admin.zeroResults();
  const row = ({ value, count }) => h("tr", null, h("td", null, value), h("td", { class: "n" }, number(count)));
  const head = h("tr", null, h("th", { scope: "col" }, w("query")), h("th", { scope: "col", class: "n" }, w("count", { days })));
  fill($("zero"), items.length ? h("table", null, h("thead", null, head), h("tbody", null, items.map(row))) : h("p", { class: "hint" }, w("noZero")));
}

async function putInService(id) {
  if (!confirm(w("sureGeneration", { id }))) return;
  await admin.publishGeneration(id);
  await Promise.all([showGenerations(), showService()]);
}

async function showGenerations() {
  const rows = await admin.generations();
  const row = (one) => {
    const id = one.generation;
    const act = h("button", { class: "button ghost small", type: "button", on: { click: () => attempt(() => putInService(id)) } }, w("goBack"));
    return h("tr", null, h("td", null, id), h("td", null, when(one.created)), h("td", { class: "n" }, number(one.parts)), h("td", null, one.current ? h("span", { class: "badge fits" }, w("current")) : act));
  };
  const head = h("tr", null, h("th", { scope: "col" }, w("generation")), h("th", { scope: "col" }, w("created")), h("th", { scope: "col", class: "n" }, w("parts")), h("th"));
  fill($("generations"), h("table", null, h("thead", null, head), h("tbody", null, rows.map(row))));
}

async function showAdmin() {
  if (!admin.key()) {
    $("admin").hidden = true;
    return tell(w("needKey"));
  }
  const current = await showPolicies();
  if (current && !chosen) await load(current); // before anybody can type
  $("admin").hidden = false;
  tell(w("connected"));
  return Promise.all([showZero(), showGenerations()]);
}

async function showAll() {
  translate();
  await attempt(showService);
  await attempt(showAdmin);
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  admin.setKey($("key").value.trim());
  $("key").value = "";
  attempt(showAdmin);
});
const onSubmit = (id, action) =>
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(action);
  });
onSubmit("trial-form", async () => preview(await check()));
onSubmit("why-form", why);
$("replay").addEventListener("click", () => attempt(async () => replay(await check())));
$("show-quality").addEventListener("click", () => attempt(showQuality));
for (const [id, action] of Object.entries({ check, publish, rollback })) $(id).addEventListener("click", () => attempt(action));
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => {
    setLang(button.dataset.lang);
    showAll();
  });
}
showAll();
