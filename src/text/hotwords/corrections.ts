/**
 * Fixed corrections of the final text, from a file with a rule on each line:
 *
 *   wrong => right       the literal text
 *   /pattern/i => right  a regular expression, $1 and $<name> for its groups
 *
 * `#` starts a comment line. Rules apply in order, each to the result of the one before.
 */
import { UsageError } from "../../errors.ts";
import { applyEdits } from "./edits.ts";
import type { Edit } from "./edits.ts";

export interface CorrectionRule {
  /** The line as written. */
  readonly rule: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

interface Corrected {
  readonly text: string;
  /** The rules that changed something, and how often. */
  readonly applied: readonly { readonly rule: string; readonly count: number }[];
  /** The edits of each of them, to the result of the one before. */
  readonly steps: readonly (readonly Edit[])[];
}

const RULE = /^(?<left>.*?)\s*=>\s*(?<right>.*)$/u;
const EXPRESSION = /^\/(?<source>.+)\/(?<flags>[imsu]*)$/u;

export function parseCorrections(text: string, where = "corrections"): CorrectionRule[] {
  const lines = text.replace(/^\ufeff/u, "").split(/\r\n|\r|\n/u);
  return lines.flatMap((line, index) => {
    const rule = line.trim();
    return rule === "" || rule.startsWith("#") ? [] : [parseRule(rule, `${where}, line ${index + 1}`)];
  });
}

function parseRule(rule: string, where: string): CorrectionRule {
  const { left = "", right = "" } = RULE.exec(rule)?.groups ?? {};
  if (left === "")
    throw new UsageError("bad_option", where, JSON.stringify(rule.slice(0, 80)), {
      wanted: "wrong => right",
    });
  const expression = EXPRESSION.exec(left)?.groups;
  if (expression === undefined) {
    const letters = left.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
    return { rule, pattern: new RegExp(letters, "gu"), replacement: right.replaceAll("$", "$$$$") };
  }
  const { source = "", flags = "" } = expression;
  try {
    const pattern = new RegExp(source, [...new Set(`gu${flags}`)].join(""));
    return { rule, pattern, replacement: right };
  } catch (cause) {
    throw new UsageError("bad_option", where, left, { wanted: "a regular expression", cause });
  }
}

export function correct(text: string, rules: readonly CorrectionRule[]): Corrected {
  const applied: { rule: string; count: number }[] = [];
  const steps: Edit[][] = [];
  let corrected = text;
  for (const { rule, pattern, replacement } of rules) {
    const edits = editsOf(corrected, pattern, replacement);
    if (edits.length === 0) continue;
    corrected = applyEdits(corrected, edits);
    applied.push({ rule, count: edits.length });
    steps.push(edits);
  }
  return { text: corrected, applied, steps };
}

/** The edits of `replaceAll`, match by match: each match is replaced on its own, with the text around it in place. */
function editsOf(text: string, pattern: RegExp, replacement: string): Edit[] {
  const sticky = new RegExp(pattern.source, pattern.flags.replace("g", "y"));
  return [...text.matchAll(pattern)].map((match) => {
    const [start, end] = [match.index, match.index + match[0].length];
    sticky.lastIndex = start;
    const replaced = text.replace(sticky, replacement);
    return { start, end, text: replaced.slice(start, replaced.length - (text.length - end)) };
  });
}
