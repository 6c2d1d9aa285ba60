// The admin interface. The key lives in this tab's session storage and goes out as a bearer header only.

import { call } from "/shop/api.js";

const KEY = "partfit.admin";

export const key = () => sessionStorage.getItem(KEY) ?? "";
export const setKey = (text) => (text ? sessionStorage.setItem(KEY, text) : sessionStorage.removeItem(KEY));

function ask(method, path, body) {
  const headers = { accept: "application/json", authorization: `Bearer ${key()}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  return call(`/v1/admin${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

const rows = (answer, name) => (Array.isArray(answer) ? answer : (answer[name] ?? answer.items ?? []));
const version = (id) => `/policies/${encodeURIComponent(id)}`;

/** Newest first: [{version, created_at, source, note, published}]. */
export const policies = async () => rows(await ask("GET", "/policies"), "policies");
export const policy = (id) => ask("GET", version(id));
export const draft = (body, note) => ask("POST", "/policies", { body, note });
export const checkPolicy = (id) => ask("POST", `${version(id)}/check`, {});
export const publishPolicy = (id) => ask("POST", `${version(id)}/publish`, {});
export const rollbackPolicy = () => ask("POST", "/policies/rollback", {});

/** Newest first: [{generation, created, parts, published}]. */
export const generations = async () => rows(await ask("GET", "/generations"), "generations");
export const publishGeneration = (id) => ask("POST", `/generations/${encodeURIComponent(id)}/publish`, {});

/** [{text, count, last}], most frequent first. */
export const zeroResults = async () => rows(await ask("GET", "/reports/zero-results"), "queries");
