// The HTTP interface. Vehicle answers and VINs go in bodies, never in addresses.

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `HTTP ${status}`);
    this.status = status;
    this.errors = Array.isArray(body?.errors) ? body.errors : [];
    this.requestId = body?.request_id ?? null;
  }
}

/** Any request; throws `Problem` with what the service said. */
export async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { headers: { accept: "application/json", ...options.headers }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, null);
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

/** GET with parameters; a list is repeated, null and empty ones are left out. */
export function get(path, params = {}, signal = undefined) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") search.append(name, one);
    }
  }
  const query = search.toString();
  return call(query ? `${path}?${query}` : path, { method: "GET", signal });
}

export function post(path, body, signal = undefined, extra = {}) {
  return call(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
    ...extra,
  });
}
