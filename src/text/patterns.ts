/**
 * Regular expressions of users. They run in time proportional to the text, by RE2's algorithm (`re2js`), since JavaScript's
 * own engine tries every way in which a pattern may fit, and a pattern such as `(a+)+$` has too many. What the algorithm
 * cannot do is refused: backreferences and lookahead. The syntax is JavaScript's with the flag `u`; where RE2 reads the
 * same signs in another way, they are translated.
 */
import type { RE2JS } from "re2js";
import { UsageError } from "../errors.ts";
import { re2 } from "./re2.ts";

/** The groups of a match, the whole first; undefined for those that took no part. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Pattern {
  test(text: string): boolean;
  /** The matches from left to right, as `String.matchAll` finds them. */
  matchAll(text: string): Iterable<PatternMatch>;
}

const MOST_CHARACTERS = 4_096;

/** `flags`: those of i, m and s. Throws `bad_option` for what is no expression, or one that has no linear time. */
export function parsePattern(source: string, flags: string, where: string): Pattern {
  const refuse = (wanted: string, cause?: unknown, remedy?: string): UsageError =>
    new UsageError("bad_option", where, `/${source.slice(0, 200)}/`, {
      wanted,
      cause,
      ...(remedy === undefined ? {} : { remedy }),
    });
  if (source.length > MOST_CHARACTERS) throw refuse(`an expression of at most ${MOST_CHARACTERS} characters`);
  const unique = [...new Set(flags)].join("");
  try {
    void new RegExp(source, `u${unique.replace("u", "")}`);
  } catch (cause) {
    throw refuse("a regular expression", cause);
  }
  try {
    const { CASE_INSENSITIVE: i, MULTILINE: m, DOTALL: s, LOOKBEHINDS } = re2();
    const known: Readonly<Record<string, number>> = { i, m, s };
    const modes = Array.from(unique).reduce((sum, flag) => sum | (known[flag] ?? 0), LOOKBEHINDS);
    return patternOf(re2().compile(translate(source, unique.includes("s")), modes));
  } catch (cause) {
    throw refuse(
      "a regular expression without backreferences and lookahead, and with at most 1000 repetitions",
      cause,
      "In place of lookahead, match what follows as a group and put it back with $1",
    );
  }
}

function patternOf(compiled: RE2JS): Pattern {
  return {
    test: (text) => compiled.test(text),
    *matchAll(text) {
      for (const match of compiled.matchAll(text)) {
        yield {
          start: match.index!,
          end: match.index! + match[0]!.length,
          groups: [...match],
          named: match.groups,
        };
      }
    },
  };
}

/** JavaScript's `\s` and its complement, as ranges of a class. */
const SPACES = String.raw`\x{9}-\x{d} \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const OTHERS =
  String.raw`\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
  String.raw`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const ANY_BUT_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;

const SIGNS =
  /\\[pP]\{(?:(?:Script|sc|General_Category|gc)=)?(?<property>\w+)\}|\\u(?<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?<low>[dD][c-fC-F][0-9a-fA-F]{2})|\\[^]|\[\^?\]?|\]|\./gu;

/** The signs that RE2 reads in another way, as it writes them. */
function translate(source: string, dotAll: boolean): string {
  let inClass = false;
  const written = source.replaceAll(SIGNS, (sign: string, ...rest: unknown[]) => {
    const { property, high, low } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (property !== undefined) return `${sign.slice(0, 2)}{${property}}`;
    if (high !== undefined && low !== undefined)
      return codePoint(`${String.fromCharCode(parseInt(high, 16))}${String.fromCharCode(parseInt(low, 16))}`);
    if (sign === String.raw`\s`) return inClass ? SPACES : `[${SPACES}]`;
    if (sign === String.raw`\S`) return inClass ? OTHERS : `[${OTHERS}]`;
    if (inClass && sign === String.raw`\b`) return String.raw`\x{8}`;
    if (sign === "." && !inClass) return dotAll ? sign : ANY_BUT_LINE_END;
    if (inClass && sign.startsWith("[")) return sign.replaceAll("[", String.raw`\[`);
    if (sign === "[]") return String.raw`[^\x{0}-\x{10ffff}]`;
    if (sign === "[^]") return String.raw`[\x{0}-\x{10ffff}]`;
    if (sign === "[" || sign === "[^") inClass = true;
    if (sign === "]") inClass = false;
    return sign;
  });
  return re2().translateRegExp(written);
}

const codePoint = (character: string): string => String.raw`\x{${character.codePointAt(0)!.toString(16)}}`;
