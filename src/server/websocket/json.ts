/** Messages of clients as JSON: their members, checked where they are read. Throws `bad_message`. */
import { RequestError } from "../errors.ts";
import type { Message } from "./connection.ts";

export type Members = Readonly<Record<string, unknown>>;

/** Characters of a message, and of all texts of a member. Sound as base64 can be longer. */
const MAX_CHARS = 2 ** 20;
/** A flat object of few members: whatever its length, it is parsed at once and takes no more memory than its text. */
const flat = /^\s*\{(?:\s*"[^"\\]{0,64}"\s*:\s*(?:"[^"\\]*"|[\w.+-]{1,64})\s*,?){0,8}\s*\}\s*$/u;

/** A message that is a JSON object. */
export function parseObject(message: Message): Members {
  let value: unknown;
  try {
    const isShort = typeof message === "string" && (message.length <= MAX_CHARS || flat.test(message));
    value = isShort ? JSON.parse(message) : undefined;
  } catch {
    value = undefined;
  }
  if (isObject(value)) return value;
  const found = typeof message === "string" ? JSON.stringify(message.slice(0, 80)) : "bytes";
  throw new RequestError("bad_message", "message", found, { wanted: "a JSON object" });
}

/** What is at a path of members, such as `session.audio.input`; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split("."))
    found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}

/** A text at a path; undefined where there is none, or null. */
export function textAt(value: unknown, path: string): string | undefined {
  const found = at(value, path) ?? undefined;
  if (found === undefined || (typeof found === "string" && found.length <= MAX_CHARS)) return found;
  throw wrong(path, found, `a text of at most ${MAX_CHARS} characters`);
}

/** A list of texts at a path; undefined where there is none, or null. */
export function textsAt(value: unknown, path: string): readonly string[] | undefined {
  const found = at(value, path) ?? undefined;
  if (found === undefined) return undefined;
  if (Array.isArray(found) && found.every((one) => typeof one === "string")) return found;
  throw wrong(path, found, "a list of texts");
}

export function wrong(path: string, found: unknown, wanted: string): RequestError {
  const shown = typeof found === "string" ? found.slice(0, 80) : found;
  return new RequestError("bad_message", path, (JSON.stringify(shown) ?? "nothing").slice(0, 80), { wanted });
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
