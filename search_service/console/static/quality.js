// The data report of the generation in service: what was read, and each kind of finding with an example and the remedy.

import { $, fill, h } from "/shop/dom.js";
import { number } from "/shop/i18n.js";
import * as admin from "/console/admin.js";
import { w } from "/console/words.js";

const EXAMPLES = 5;

function readRows(rows) {
  const head = ["kind", "read", "quarantined"].map((name) => h("th", { scope: "col", class: name === "kind" ? null : "n" }, w(name)));
  const line = ([kind, { read, quarantined }]) => h("tr", null, h("td", null, kind), h("td", { class: "n" }, number(read)), h("td", { class: "n" }, number(quarantined)));
  return h("table", null, h("thead", null, h("tr", null, head)), h("tbody", null, Object.entries(rows).map(line)));
}

const place = ({ file, row }) => [file, row && `#${row}`].filter(Boolean).join(" ");

function kindOf(kind, total, findings) {
  const examples = findings.filter((one) => one.kind === kind).slice(0, EXAMPLES);
  const example = (one) => h("li", null, h("code", null, one.subject), ` ${one.message} `, h("small", null, place(one)));
  return h(
    "details",
    { data: { kind } },
    h("summary", null, h("b", null, w(`finding.${kind}`)), " ", h("span", { class: `severity ${examples[0]?.severity ?? ""}` }, number(total))),
    h("ul", null, examples.map(example)),
    examples[0]?.remedy ? h("p", { class: "hint" }, `${w("remedy")}: ${examples[0].remedy}`) : null,
  );
}

/** Load and show the report; it may be megabytes, so only when it is asked for. */
export async function showQuality() {
  const report = await admin.dataQuality();
  const kinds = Object.entries(report.totals).sort(([, a], [, b]) => b - a);
  fill(
    $("quality"),
    readRows(report.rows),
    kinds.length ? kinds.map(([kind, total]) => kindOf(kind, total, report.findings)) : h("p", { class: "finding ok" }, w("checkedOk")),
  );
}
