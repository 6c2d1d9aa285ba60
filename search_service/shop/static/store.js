// What the browser keeps. A VIN stays here: it is sent to decode and to search, in request bodies, and nowhere else.

const PREFIX = "partfit.";

function read(storage, name, otherwise) {
  try {
    const text = storage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise; // storage switched off, or written by something else: the page works without memory
  }
}

function write(storage, name, value) {
  try {
    storage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // storage switched off or full: the same
  }
}

export const keep = (name, value) => write(localStorage, name, value);
export const kept = (name, otherwise = null) => read(localStorage, name, otherwise);

function identity(storage, name) {
  const known = read(storage, name, null);
  if (typeof known === "string") return known;
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  const made = `${name[0]}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  write(storage, name, made);
  return made;
}

/** Ids of this browser and of this visit; random, and tied to nobody. */
export const clientId = identity(localStorage, "client");
export const sessionId = identity(sessionStorage, "session");
