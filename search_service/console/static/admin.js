// The admin interface. The key lives in this tab's session storage and goes out as a bearer header only.

import { call } from "/shop/api.js";

const KEY = "partfit.admin";

export const key = () => sessionStorage.getItem(KEY) ?? "";
export const setKey = (text) => (text ? sessionStorage.setItem(KEY, text) : sessionStorage.removeItem(KEY));

function ask(method, path, body = undefined) {
  return call(`/v1/admin${path}`, { method, headers: { accept: "application/json", authorization: `Bearer ${key()}` }, body });
}

const version = (id) => `/policies/${encodeURIComponent(id)}`;

/** {published, items: [{version, body, created_at, source, note}], history}. */
export const policies = () => ask("GET", "/policies");
export const policy = (id) => ask("GET", version(id));

/** Keep a text as a draft: {version}. A text with faults is refused with all of them. */
export const draft = (text) => ask("POST", "/policies", text);
export const publishPolicy = (id) => ask("POST", `${version(id)}/publish`);
export const rollbackPolicy = () => ask("POST", "/policies/rollback");

/** Search parameters as a query string; empty ones are left out. */
const search = (parameters) => new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ""));

/** {answer, differences: [{part_id, rank, published_rank}]}: the live path with a version, beside what is in service. */
export const preview = (id, parameters) => ask("GET", `${version(id)}/preview?${search(parameters)}`);

/** {queries, changed, churn, zero_results, fit_violations, most_changed, ...} over the searches of the log. */
export const replay = (id) => ask("POST", `${version(id)}/replay`);

/** {shown, rank, stage, fit, rules, nearest_change} of a part in a search. */
export const why = (parameters) => ask("GET", `/why?${search(parameters)}`);

/** The data report of the generation in service. */
export const dataQuality = () => ask("GET", "/reports/data-quality");

/** [{generation, created, current, parts}], newest first. */
export const generations = async () => (await ask("GET", "/generations")).items;
export const publishGeneration = (id) => ask("POST", `/generations/${encodeURIComponent(id)}/publish`);

/** {days, items: [{value, count}]}, most frequent first. */
export const zeroResults = () => ask("GET", "/reports/zero-results");
