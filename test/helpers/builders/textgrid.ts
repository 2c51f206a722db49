/**
 * Reads Praat's TextGrid, long or short text form, after the manual's page "TextGrid file formats": what counts in the
 * file are the free-standing numbers, the texts in double quotes (a doubled one is one) and the flags in angle brackets,
 * in order; all else is comment. Written without a look at the writer.
 */
interface Interval {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Tier {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly intervals: readonly Interval[];
}

interface TextGrid {
  readonly start: number;
  readonly end: number;
  readonly tiers: readonly Tier[];
}

type Value = { readonly text: string } | { readonly number: number } | { readonly flag: string };

/** Throws on whatever Praat would not take. */
export function parseTextGrid(file: string): TextGrid {
  const values = [...valuesOf(file)];
  let at = 0;
  const next = <Key extends "text" | "number" | "flag">(
    key: Key,
  ): Extract<Value, Record<Key, unknown>>[Key] => {
    const value = values[at++];
    if (value === undefined || !(key in value)) {
      throw new Error(`value ${at} is ${JSON.stringify(value)} and no ${key}`);
    }
    return (value as Extract<Value, Record<Key, unknown>>)[key];
  };
  const is = (found: unknown, wanted: unknown): void => {
    if (found !== wanted) throw new Error(`${String(found)} in the place of ${String(wanted)}`);
  };
  is(next("text"), "ooTextFile");
  is(next("text"), "TextGrid");
  const [start, end] = [next("number"), next("number")];
  is(next("flag"), "exists");
  const tiers = Array.from({ length: next("number") }, (): Tier => {
    is(next("text"), "IntervalTier");
    const name = next("text");
    const [from, to] = [next("number"), next("number")];
    const intervals = Array.from({ length: next("number") }, () => ({
      start: next("number"),
      end: next("number"),
      text: next("text"),
    }));
    return { name, start: from, end: to, intervals };
  });
  is(at, values.length);
  return { start, end, tiers };
}

/** A number stands free: between blanks, so that the 1 of `[1]:` is none. */
function* valuesOf(file: string): Generator<Value> {
  for (const [token] of file.matchAll(/"(?:[^"]|"")*"|<[^>\s]*>|![^\n]*|[^\s"<]+/gu)) {
    if (token.startsWith('"')) yield { text: token.slice(1, -1).replaceAll('""', '"') };
    else if (token.startsWith("<")) yield { flag: token.slice(1, -1) };
    else if (/^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?%?$/iu.test(token)) yield { number: Number(token) };
  }
}
