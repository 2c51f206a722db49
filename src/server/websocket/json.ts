/** Messages of clients as JSON: their members, checked where they are read. Throws `bad_message`. */
import { RequestError } from "../errors.ts";
import type { Message } from "./connection.ts";

export type Members = Readonly<Record<string, unknown>>;

/** A message that is a JSON object. */
export function parseObject(message: Message): Members {
  let value: unknown;
  try {
    value = typeof message === "string" ? JSON.parse(message) : undefined;
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
  if (found === undefined || typeof found === "string") return found;
  throw wrong(path, found, "a text");
}

/** A list of texts at a path; undefined where there is none, or null. */
export function textsAt(value: unknown, path: string): readonly string[] | undefined {
  const found = at(value, path) ?? undefined;
  if (found === undefined) return undefined;
  if (Array.isArray(found) && found.every((one) => typeof one === "string")) return found;
  throw wrong(path, found, "a list of texts");
}

export function wrong(path: string, found: unknown, wanted: string): RequestError {
  return new RequestError("bad_message", path, (JSON.stringify(found) ?? "nothing").slice(0, 80), { wanted });
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
