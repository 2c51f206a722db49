/**
 * The code blocks of the documents. A block runs unless the line before it is an HTML comment `<!-- not run: reason -->`.
 * `sh` is a script; `console` is a dialog, whose lines after each `$ command` are the expected output, `…` standing for
 * anything; each `ts` block is a separate module. Blocks without a language are pictures and are not run.
 */
import { readFileSync } from "node:fs";

type Language = "sh" | "console" | "ts";

interface Block {
  readonly language: Language;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Why the block does not run, if it does not. */
  readonly notRun: string | undefined;
}

/** One command of a dialog, and its expected output. */
interface Exchange {
  readonly command: string;
  readonly output: readonly string[];
}

const fence = /^(?<indent> *)```(?<language>\S*)$/u;
const comment = /^<!-- not run: (?<reason>.+) -->$/u;

/** The blocks of a page in order. Throws for a fence that is not closed and for a language that no runner knows. */
export function blocksOf(path: string): Block[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = fence.exec(lines[at]!)?.groups;
    if (opening === undefined) continue;
    const end = lines.indexOf(`${opening["indent"]}\`\`\``, at + 1);
    if (end < 0) throw new Error(`${path}:${at + 1}: the block is not closed`);
    const language = opening["language"]!;
    if (language === "sh" || language === "console" || language === "ts") {
      blocks.push({
        language,
        text: lines.slice(at + 1, end).join("\n"),
        line: at + 1,
        notRun: comment.exec(lines[at - 1] ?? "")?.groups?.["reason"],
      });
    } else if (language !== "") {
      throw new Error(`${path}:${at + 1}: no runner for ${language}`);
    }
    at = end;
  }
  return blocks;
}

/** The commands of a dialog with their outputs. */
export function exchangesOf(text: string): Exchange[] {
  const exchanges: { command: string; output: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("$ ")) exchanges.push({ command: line.slice(2), output: [] });
    else if (exchanges.length === 0) throw new Error(`a dialog begins with a command, not with: ${line}`);
    else exchanges.at(-1)!.output.push(line);
  }
  return exchanges;
}

/** Whether output is as expected: a line `…` stands for any lines, `…` within a line for any text, and blanks count once. */
export function matches(expected: readonly string[], output: string): boolean {
  const literal = (text: string): string =>
    text
      .trim()
      .split(/\s+/u)
      .map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/gu, "\\$&"))
      .join("\\s+");
  const line = (text: string): string => text.split("…").map(literal).join("[^\\n]*");
  const pattern = expected.map((text) => (text.trim() === "…" ? "(?:[^\\n]*\\n)*" : ` *${line(text)} *\\n`));
  return new RegExp(`^${pattern.join("")}$`, "u").test(`${output.trimEnd()}\n`);
}
