// The merchandiser's console: what is in service, the policy and its versions, searches that found nothing.

import { post } from "/shop/api.js";
import { $, fill, h } from "/shop/dom.js";
import { number, say, setLang } from "/shop/i18n.js";
import * as admin from "/console/admin.js";
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
    if (error.errors?.length) showFindings(error.errors);
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

function showFindings(findings) {
  const one = (finding) => {
    const where = [finding.field ?? finding.path, finding.line ? w("line", { n: finding.line }) : null].filter(Boolean).join(" · ");
    return h("p", { class: "finding" }, where ? h("code", null, `${where}: `) : null, say(finding.message ?? finding));
  };
  fill($("findings"), findings.length ? findings.map(one) : h("p", { class: "finding ok" }, w("checkedOk")));
}

const when = (text) => (text ? new Date(text).toLocaleString(document.documentElement.lang) : "");

function versionRow(row) {
  const act = () => attempt(() => load(row.version));
  return h(
    "li",
    null,
    h(
      "button",
      { type: "button", "aria-current": row.version === chosen ? "true" : null, on: { click: act } },
      h("b", null, row.version, row.published ? h("span", { class: "badge fits" }, w("current")) : null),
      h("small", null, [when(row.created_at), row.source, row.note].filter(Boolean).join(" · ")),
    ),
  );
}

async function showPolicies() {
  const versions = await admin.policies();
  fill($("policies"), versions.length ? h("ul", { class: "versions" }, versions.map(versionRow)) : h("p", { class: "hint" }, w("noPolicies")));
  return versions;
}

async function load(version) {
  const policy = await admin.policy(version);
  chosen = version;
  $("body").value = policy.body ?? "";
  $("note").value = "";
  fill($("findings"));
  await showPolicies();
}

async function draft() {
  const made = await admin.draft($("body").value, $("note").value);
  chosen = made.version;
  return made.version;
}

async function check() {
  const version = await draft();
  const answer = await admin.checkPolicy(version);
  showFindings(answer.errors ?? answer.problems ?? []);
  await showPolicies();
  return version;
}

async function publish() {
  const version = await check();
  if ($("findings").querySelector(".finding:not(.ok)")) return;
  await admin.publishPolicy(version);
  tell(w("published", { version }));
  await Promise.all([showPolicies(), showService()]);
}

async function rollback() {
  if (!confirm(w("sureRollback"))) return;
  const answer = await admin.rollbackPolicy();
  const version = answer.version ?? "";
  tell(w("published", { version }));
  await Promise.all([load(version), showService()]);
}

async function showZero() {
  const rows = await admin.zeroResults();
  const row = ({ text, count, last }) => h("tr", null, h("td", null, text), h("td", { class: "n" }, number(count)), h("td", null, when(last)));
  const head = h("tr", null, h("th", { scope: "col" }, w("query")), h("th", { scope: "col", class: "n" }, w("count")), h("th", { scope: "col" }, w("last")));
  fill($("zero"), rows.length ? h("table", null, h("thead", null, head), h("tbody", null, rows.map(row))) : h("p", { class: "hint" }, w("noZero")));
}

async function putInService(id) {
  if (!confirm(w("sureGeneration", { id }))) return;
  await admin.publishGeneration(id);
  await Promise.all([showGenerations(), showService()]);
}

async function showGenerations() {
  const rows = await admin.generations();
  const row = (one) => {
    const id = one.generation ?? one.id;
    const act = h("button", { class: "button ghost small", type: "button", on: { click: () => attempt(() => putInService(id)) } }, w("goBack"));
    return h("tr", null, h("td", null, id), h("td", null, when(one.created)), h("td", { class: "n" }, number(one.parts ?? 0)), h("td", null, one.published ? h("span", { class: "badge fits" }, w("current")) : act));
  };
  const head = h("tr", null, h("th", { scope: "col" }, w("generation")), h("th", { scope: "col" }, w("created")), h("th", { scope: "col", class: "n" }, w("parts")), h("th"));
  fill($("generations"), h("table", null, h("thead", null, head), h("tbody", null, rows.map(row))));
}

async function showAdmin() {
  if (!admin.key()) {
    $("admin").hidden = true;
    return tell(w("needKey"));
  }
  const versions = await showPolicies();
  $("admin").hidden = false;
  tell(w("connected"));
  const current = versions.find((row) => row.published);
  if (current && !chosen) await load(current.version);
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
for (const [id, action] of Object.entries({ check, publish, rollback })) $(id).addEventListener("click", () => attempt(action));
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => {
    setLang(button.dataset.lang);
    showAll();
  });
}
showAll();
