/** Texts: JSON value by value, others line by line and word by word. */
import { block, text } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";

const joined =
  (open: string, between: string, close: string) =>
  (parts: readonly Buffer[]): Buffer =>
    Buffer.from(open + parts.map((part) => part.toString("latin1")).join(between) + close, "latin1");

/** JSON whose values can be repeated, nested and replaced by those of other types. */
export function json(source: string): Part {
  return valueOf(JSON.parse(source));
}

function valueOf(value: unknown): Part {
  if (Array.isArray(value)) return block(value.map(valueOf), { join: joined("[", ",", "]") });
  if (typeof value !== "object" || value === null) return text(JSON.stringify(value));
  const entries = Object.entries(value).map(([key, inner]) =>
    block([text(JSON.stringify(key)), valueOf(inner)], { join: joined("", ":", "") }),
  );
  return block(entries, { join: joined("{", ",", "}") });
}

/** Lines of words; the spaces and marks between them are words too. */
export function lines(source: string): Part {
  return block(
    source
      .split(/(?<=\n)/u)
      .map((line) =>
        block(line.split(/(?<=[\s:=,.[\]{}<>|/@#])|(?=[\s:=,.[\]{}<>|/@#])/u).map((word) => text(word))),
      ),
  );
}
