// Verdicts and questions, with their reasons.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { attributeName, placeName, say, t, valueName } from "./i18n.js";
import * as garage from "./garage.js";

const SIGN = { fits: "check", universal: "globe", needs_info: "question", no_data: "dash", does_not_fit: "cross" };
const RESULT = { match: "check", unknown: "question", mismatch: "cross" };

/** The badge of a verdict; none without a vehicle. */
export function badge(fit) {
  if (!fit?.verdict) return null;
  return h("span", { class: `badge ${fit.verdict}` }, icon(SIGN[fit.verdict]), t(`fit.${fit.verdict}`));
}

const SHOWN = 6;

/** Values as words; years in a row as one span, long lists cut. */
function list(values) {
  const years = values.length > 2 && values.every((value, index) => Number.isInteger(value) && (index === 0 || value === values[index - 1] + 1));
  if (years) return `${values[0]}–${values.at(-1)}`;
  const words = values.slice(0, SHOWN).map((value) => valueName(value).replace("..", "–"));
  return words.join(", ") + (values.length > SHOWN ? ` … (${values.length})` : "");
}

/** The set that an "except" takes out: {attribute: [values]}. */
const excluded = (set) => Object.entries(set).map(([name, values]) => `${attributeName(name)} ${list([values].flat())}`).join(" + ");

/** What a condition asks for, in words. */
export function asked(asks) {
  if (asks.note !== undefined) return `“${asks.note}”`;
  if (asks.none_of) return t("fit.excludes", { value: excluded(asks.none_of) });
  if (asks.any_of) return t("fit.asks", { value: list(asks.any_of) });
  const ends = [asks.from != null && t("fit.from", { value: asks.from }), asks.to != null && t("fit.to", { value: asks.to })];
  return ends.filter(Boolean).join(" ");
}

function condition({ attribute, asks, has, result }) {
  const mine = has?.length ? t("fit.has", { value: list(has) }) : t("fit.hasUnknown");
  return h(
    "li",
    { class: result },
    icon(RESULT[result] ?? "dash"),
    h("span", null, h("b", null, attributeName(attribute)), " ", asked(asks), " ", asks.note === undefined ? h("span", { class: "mine" }, mine) : null),
    h("span", { class: "unseen" }, ` (${t(`fit.${result}`)})`),
  );
}

function reason({ conditions, source, application_id: id }) {
  const origin = [source?.file, source?.row && `#${source.row}`, source?.date].filter(Boolean).join(" ") || id;
  return h(
    "div",
    { class: "reason" },
    h("ul", null, conditions?.length ? conditions.map(condition) : h("li", { class: "match" }, icon("check"), t("fit.everyVersion"))),
    h("p", { class: "source" }, `${t("fit.source")}: ${origin}`),
  );
}

/** "Why?" unfolded: reasons and notes; null where there is nothing to say. */
export function reasons(fit, open = false) {
  if (!fit?.reasons?.length && !fit?.notes?.length) return null;
  const title = fit.verdict === "does_not_fit" ? "fit.whyNot" : "fit.why";
  return h(
    "details",
    { class: "why", open },
    h("summary", null, t(title)),
    fit.conflicts_with?.length ? h("p", { class: "conflict" }, `${t("fit.conflict")}: ${fit.conflicts_with.join(", ")}`) : null,
    fit.reasons.map(reason),
    fit.notes?.map((note) => h("p", { class: "note", lang: note.lang }, note.text)),
  );
}

/** Where the part goes and how many are needed, as short facts. */
export function places(fit, position) {
  const where = fit?.position?.length ? fit.position : position;
  return [
    where?.length ? where.map(placeName).join(" / ") : null,
    fit?.quantity ? t("fit.quantity", { n: fit.quantity }) : null,
  ].filter(Boolean);
}

function freeAnswer(question, done) {
  const type = question.attribute === "built" ? "month" : "text";
  const input = h("input", { type, "aria-label": say(question.text), maxlength: 64, placeholder: type === "month" ? "YYYY-MM" : null, required: true });
  const send = (event) => {
    event.preventDefault();
    if (input.value.trim()) done(input.value.trim());
  };
  return h("form", { class: "answer", on: { submit: send } }, input, h("button", { class: "button small", type: "submit" }, t("question.answer")));
}

const MANY = 8;

/**
 * A question with its answers as buttons. `changed` is called once the garage holds the answer.
 * `small`, and many answers, leave the counts out.
 */
export function question(asked, changed, small = false) {
  const brief = small || asked.options?.length > MANY;
  const answer = (value) => {
    garage.answer(asked.attribute, value);
    changed();
  };
  const dontKnow = () => {
    garage.dontKnow(asked.attribute);
    changed();
  };
  const counts = (fits, needs) =>
    [fits || !needs ? t(fits ? "question.fit" : "question.not", { n: fits }) : null, needs ? t("question.open", { n: needs }) : null].filter(Boolean).join(" · ");
  const option = ({ value, label, fits, needs_info: needs }) =>
    h(
      "button",
      { class: "choice", type: "button", on: { click: () => answer(value) } },
      h("span", null, say(label) || valueName(value)),
      brief ? null : h("small", null, counts(fits, needs)),
    );
  return h(
    "fieldset",
    { class: `question${small ? " small" : ""}${brief ? " brief" : ""}` },
    h("legend", null, say(asked.text) || attributeName(asked.attribute)),
    say(asked.hint) ? h("p", { class: "hint" }, say(asked.hint)) : null,
    h(
      "div",
      { class: "choices" },
      asked.options?.map(option),
      asked.options?.length ? null : freeAnswer(asked, answer),
      h("button", { class: "choice unsure", type: "button", on: { click: dontKnow } }, t("question.unknown")),
    ),
  );
}
