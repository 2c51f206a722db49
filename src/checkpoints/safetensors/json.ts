/**
 * Reads the JSON of a safetensors header: objects, arrays, strings and unsigned integers, nothing else. `JSON.parse`
 * is not strict enough: it keeps the last of two equal keys, and it rounds integers beyond 2⁵³.
 */
import { ModelFormatError } from "../../errors.ts";

export type Json = string | number | readonly Json[] | ReadonlyMap<string, Json>;

/** A header nests three deep; more is an attack on the stack. */
const maxDepth = 4;

/** Parses all of `text`; `where` names it in messages. */
export function parseJson(text: string, where: string): Json {
  const scanner = new Scanner(text, where);
  const value = scanner.value(1);
  scanner.end();
  return value;
}

/** The same where the value must be an object. */
export function parseJsonObject(text: string, where: string): ReadonlyMap<string, Json> {
  const scanner = new Scanner(text, where);
  const value = scanner.object(1);
  scanner.end();
  return value;
}

class Scanner {
  readonly text: string;
  readonly where: string;
  position = 0;

  constructor(text: string, where: string) {
    this.text = text;
    this.where = where;
  }

  value(depth: number): Json {
    if (depth > maxDepth) throw this.malformed(`more than ${maxDepth} nested levels`);
    switch (this.peek()) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return this.string();
      default:
        return this.integer();
    }
  }

  end(): void {
    if (this.peek() !== "") throw this.malformed("text after the end of the value");
  }

  object(depth: number): ReadonlyMap<string, Json> {
    const entries = new Map<string, Json>();
    this.list("{", "}", () => {
      const key = this.string();
      if (entries.has(key)) throw this.malformed(`the key ${JSON.stringify(key)} a second time`);
      this.take(":");
      entries.set(key, this.value(depth + 1));
    });
    return entries;
  }

  private array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.list("[", "]", () => items.push(this.value(depth + 1)));
    return items;
  }

  private list(open: string, close: string, item: () => void): void {
    this.take(open);
    if (this.peek() !== close) {
      item();
      while (this.peek() === ",") {
        this.position++;
        item();
      }
    }
    this.take(close);
  }

  private string(): string {
    if (this.peek() !== '"') throw this.unexpected("a string");
    let end = this.position + 1;
    for (; end < this.text.length && this.text.charAt(end) !== '"'; end++) {
      if (this.text.charAt(end) === "\\") end++;
    }
    const value = this.unescape(this.text.slice(this.position, end + 1));
    if (/\p{Surrogate}/u.test(value)) throw this.malformed("half of a surrogate pair");
    this.position = end + 1;
    return value;
  }

  /** `JSON.parse` is safe for one string, and refuses what is not one. */
  private unescape(literal: string): string {
    try {
      return JSON.parse(literal) as string;
    } catch (cause) {
      throw this.malformed(JSON.stringify(literal.slice(0, 20)), "a string", cause);
    }
  }

  private integer(): number {
    this.peek();
    const start = this.position;
    while (/[0-9]/.test(this.text.charAt(this.position))) this.position++;
    const digits = this.text.slice(start, this.position);
    if (!/^(0|[1-9][0-9]*)$/.test(digits))
      throw this.unexpected("a string, an unsigned integer, an array or an object");
    const value = Number(digits);
    if (!Number.isSafeInteger(value))
      throw this.malformed(`the integer ${digits.slice(0, 40)}`, "at most 2⁵³ − 1");
    return value;
  }

  /** Skips white space; the next character, or "" at the end. */
  private peek(): string {
    while (" \n\r\t".includes(this.text.charAt(this.position)) && this.position < this.text.length)
      this.position++;
    return this.text.charAt(this.position);
  }

  private take(character: string): void {
    if (this.peek() !== character) throw this.unexpected(character);
    this.position++;
  }

  private unexpected(wanted: string): ModelFormatError {
    const found = this.text.slice(this.position, this.position + 20);
    return this.malformed(found === "" ? "the end of the text" : JSON.stringify(found), wanted);
  }

  private malformed(found: string, wanted?: string, cause?: unknown): ModelFormatError {
    const details = wanted === undefined ? {} : { wanted, cause };
    return new ModelFormatError(
      "checkpoint_malformed",
      `${this.where}, character ${this.position}`,
      found,
      details,
    );
  }
}
