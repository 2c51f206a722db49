/**
 * Fixed corrections of the final text, from a file with a rule on each line:
 *
 *   wrong => right       the literal text
 *   /pattern/i => right  a regular expression, $1 and $<name> for its groups
 *
 * `#` starts a comment line. Rules apply in order, each to the result of the one before. The expressions take linear time
 * (../patterns.ts).
 */
import { UsageError } from "../../errors.ts";
import { parsePattern } from "../patterns.ts";
import type { Pattern, PatternMatch } from "../patterns.ts";
import { applyEdits } from "./edits.ts";
import type { Edit } from "./edits.ts";

export interface CorrectionRule {
  /** The line as written. */
  readonly rule: string;
  /** What it replaces: this text, or what an expression matches. */
  readonly wrong: string | Pattern;
  readonly replacement: string;
}

interface Corrected {
  readonly text: string;
  /** The rules that changed something, and how often. */
  readonly applied: readonly { readonly rule: string; readonly count: number }[];
  /** The edits of each of them, to the result of the one before. */
  readonly steps: readonly (readonly Edit[])[];
}

const MOST_RULES = 10_000;
const MOST_EXPRESSIONS = 1_000;
/** The length of a text that rules may make, in characters. */
const MOST_CHARACTERS = 2 ** 20;
/** Characters times rules, in nanoseconds of the slowest rules. */
const MOST_WORK = 2 ** 31;
const WORK_OF_LITERAL = 4;
const WORK_OF_EXPRESSION = 1000;
const WORK_OF_EDIT = 200;

/** Throws `bad_option` for a line that is no rule, and for more rules than a list of corrections has. */
export function parseCorrections(text: string, where = "corrections"): CorrectionRule[] {
  const lines = text.replace(/^\ufeff/u, "").split(/\r\n|\r|\n/u);
  const rules: CorrectionRule[] = [];
  let expressions = 0;
  for (const [index, line] of lines.entries()) {
    const rule = line.trim();
    if (rule === "" || rule.startsWith("#")) continue;
    const parsed = parseRule(rule, `${where}, line ${index + 1}`);
    if (typeof parsed.wrong !== "string") expressions++;
    if (rules.push(parsed) > MOST_RULES || expressions > MOST_EXPRESSIONS)
      throw new UsageError(
        "bad_option",
        where,
        `more than ${MOST_RULES} rules or ${MOST_EXPRESSIONS} expressions`,
      );
  }
  return rules;
}

function parseRule(rule: string, where: string): CorrectionRule {
  const arrow = rule.indexOf("=>");
  const left = rule.slice(0, Math.max(0, arrow)).trimEnd();
  const replacement = rule.slice(arrow + 2).trimStart();
  if (left === "")
    throw new UsageError("bad_option", where, JSON.stringify(rule.slice(0, 80)), {
      wanted: "wrong => right",
    });
  const end = left.lastIndexOf("/");
  const flags = left.slice(end + 1);
  if (!left.startsWith("/") || end < 2 || !/^[imsu]*$/u.test(flags))
    return { rule, wrong: left, replacement };
  return { rule, wrong: parsePattern(left.slice(1, end), flags, where), replacement };
}

/** Throws `bad_option` where the rules make the text too long, or are too many for one of its length. */
export function correct(text: string, rules: readonly CorrectionRule[]): Corrected {
  const applied: { rule: string; count: number }[] = [];
  const steps: Edit[][] = [];
  let corrected = text;
  let work = 0;
  for (const { rule, wrong, replacement } of rules) {
    work += corrected.length * (typeof wrong === "string" ? WORK_OF_LITERAL : WORK_OF_EXPRESSION);
    if (work > MOST_WORK) throw tooMuch(`${rules.length} rules for ${corrected.length} characters`);
    const edits =
      typeof wrong === "string"
        ? literalEdits(corrected, wrong, replacement)
        : patternEdits(corrected, wrong, replacement);
    if (edits.length === 0) continue;
    work += edits.length * WORK_OF_EDIT;
    corrected = applyEdits(corrected, edits);
    applied.push({ rule, count: edits.length });
    steps.push(edits);
  }
  return { text: corrected, applied, steps };
}

function tooMuch(found: string): UsageError {
  return new UsageError("bad_option", "corrections", found, {
    wanted: `a text of at most ${MOST_CHARACTERS} characters, and fewer rules for a long one`,
  });
}

function literalEdits(text: string, wrong: string, replacement: string): Edit[] {
  const edits: Edit[] = [];
  const growth = replacement.length - wrong.length;
  for (let start = text.indexOf(wrong); start >= 0; start = text.indexOf(wrong, start + wrong.length)) {
    edits.push({ start, end: start + wrong.length, text: replacement });
    checkLength(text.length + edits.length * growth);
  }
  return edits;
}

function patternEdits(text: string, pattern: Pattern, replacement: string): Edit[] {
  const edits: Edit[] = [];
  let length = text.length;
  for (const match of pattern.matchAll(text)) {
    const { start, end } = match;
    const edit = { start, end, text: filledIn(replacement, match, text) };
    length += edit.text.length - (end - start);
    checkLength(length);
    edits.push(edit);
  }
  return edits;
}

function checkLength(length: number): void {
  if (length > MOST_CHARACTERS) throw tooMuch(`a rule that makes the text ${length} characters long`);
}

/** The replacement with the match in place of its signs, by the rules of `String.replace`. */
function filledIn(replacement: string, { start, end, groups, named }: PatternMatch, text: string): string {
  const count = groups.length - 1;
  return replacement.replaceAll(
    /\$(?:[$&`']|(\d)(\d?)|<([^>]*)>)/gu,
    (sign, tens?: string, ones?: string, name?: string) => {
      if (sign === "$$") return "$";
      if (sign === "$&") return text.slice(start, end);
      if (sign === "$`") return text.slice(0, start);
      if (sign === "$'") return text.slice(end);
      if (name !== undefined) return named === undefined ? sign : (named[name] ?? "");
      const [one, two] = [Number(tens), Number(`${tens}${ones}`)];
      if (ones !== "" && two >= 1 && two <= count) return groups[two] ?? "";
      return one >= 1 && one <= count ? `${groups[one] ?? ""}${ones}` : sign;
    },
  );
}
