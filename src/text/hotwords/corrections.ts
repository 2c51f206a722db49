/**
 * Fixed corrections of the final text, from a file with a rule on each line:
 *
 *   wrong => right       the letters as they stand
 *   /pattern/i => right  a regular expression, $1 and $<name> for its groups
 *
 * `#` starts a comment line. Rules apply in order, each to what the one before has made.
 */
import { UsageError } from "../../errors.ts";

export interface CorrectionRule {
  /** The line as written. */
  readonly rule: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

export interface Corrected {
  readonly text: string;
  /** The rules that changed something, and how often. */
  readonly applied: readonly { readonly rule: string; readonly count: number }[];
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
  let corrected = text;
  for (const { rule, pattern, replacement } of rules) {
    const count = [...corrected.matchAll(pattern)].length;
    if (count === 0) continue;
    corrected = corrected.replaceAll(pattern, replacement);
    applied.push({ rule, count });
  }
  return { text: corrected, applied };
}
