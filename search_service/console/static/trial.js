// A draft tried out before it is published: one search on the live code beside what is in service, and the log's searches.

import { $, fill, h } from "/shop/dom.js";
import { badge } from "/shop/fit.js";
import { number } from "/shop/i18n.js";
import * as admin from "/console/admin.js";
import { w } from "/console/words.js";

const SHOWN = 12;

/** Names for ranks: the same, up or down from where it stands in service, or not among the first there. */
function move(rank, before) {
  if (before === rank) return h("span", { class: "move" }, "=");
  if (before === null) return h("span", { class: "move up" }, w("entered"));
  const up = before > rank;
  return h("span", { class: `move ${up ? "up" : "down"}` }, `${up ? "▲" : "▼"} ${number(Math.abs(before - rank))}`);
}

const rules = (item) => (item.explanation?.rules ?? []).map(({ rule_id: id, effect }) => `${id}: ${effect}`).join(", ");

function row(item, rank, before) {
  return h(
    "tr",
    { data: { part: item.part_id } },
    h("td", { class: "n" }, number(rank)),
    h("td", null, move(rank, before)),
    h("td", null, item.title ?? item.part_id, " ", h("small", null, item.part_id)),
    h("td", null, badge(item.fit)),
    h("td", null, h("small", null, rules(item))),
  );
}

function table(heads, rows) {
  const head = heads.map(([text, numeric]) => h("th", { scope: "col", class: numeric ? "n" : null }, text));
  return h("table", null, h("thead", null, h("tr", null, head)), h("tbody", null, rows));
}

function compared({ answer, differences }) {
  const before = new Map(differences.map((one) => [one.part_id, one.published_rank]));
  const rank = (item, index) => (before.has(item.part_id) ? before.get(item.part_id) : index + 1);
  const changed = differences.length ? w("differences", { n: number(differences.length), of: number(answer.items.length) }) : w("noDifference");
  if (!answer.items.length) return h("p", { class: "hint" }, w("nothing"));
  return [
    h("p", { class: "hint" }, changed),
    table(
      [["#", true], [w("move")], [w("part")], [w("fit")], [w("ruled")]],
      answer.items.slice(0, SHOWN).map((item, index) => row(item, index + 1, rank(item, index))),
    ),
  ];
}

/** What the fields of the trial say, as search parameters; empty ones are left out by the caller's request. */
function asked() {
  const [year, make, model] = ["trial-year", "trial-make", "trial-model"].map((id) => $(id).value.trim());
  return { q: $("trial-q").value.trim(), make, model, year, size: SHOWN, explain: 1 };
}

/** One search with `version`, beside what is in service. */
export async function preview(version) {
  fill($("trial"), compared(await admin.preview(version, asked())));
}

/** Why the part named stands where it stands in that search, or at which stage it left. */
export async function why() {
  const { size, explain, ...search } = asked();
  const found = await admin.why({ ...search, part_id: $("trial-part").value.trim() });
  const where = found.shown ? w("shownAt", { rank: number(found.rank) }) : w("goneAt", { stage: w(`stage.${found.stage}`) });
  fill($("trial"), h("p", { class: found.shown ? "finding ok" : "finding" }, where, " ", badge(found.fit), found.nearest_change ? h("span", null, " ", w("nearest", { text: found.nearest_change })) : null));
}

/** The searches of the log with `version` and with what is in service. */
export async function replay(version) {
  const found = await admin.replay(version);
  if (!found.queries) return fill($("trial"), h("p", { class: "hint" }, w("noLog")));
  const facts = [
    [w("replayed"), number(found.queries)],
    [w("replayChanged"), number(found.changed)],
    [w("churn"), `${number(Math.round(found.churn * 100))} %`],
    [w("replayZero"), `${number(found.published_zero_results)} → ${number(found.zero_results)}`],
    [w("violations"), number(found.fit_violations)],
  ];
  const rows = found.most_changed.map((one) =>
    h("tr", null, h("td", null, one.q), h("td", { class: "n" }, `${number(Math.round(one.churn * 100))} %`), h("td", { class: "n" }, `${number(one.published_total)} → ${number(one.total)}`)),
  );
  fill(
    $("trial"),
    h("dl", { class: "facts-grid" }, facts.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)))),
    rows.length ? table([[w("query")], [w("churn"), true], [w("found"), true]], rows) : null,
  );
}
