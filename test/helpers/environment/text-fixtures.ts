/** Reads the golden files that the scripts of `fixtures/text` write. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export function golden(name: string): unknown {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, "../../../fixtures/text", name), "utf8"));
}

interface TokenizersGolden {
  readonly qwen: {
    readonly tokens: string[];
    readonly tokenTypes: number[];
    readonly merges: string[];
    readonly cases: { text: string; ids: number[]; plain: number[] }[];
    readonly decode: { ids: number[]; text: string; skipped: string }[];
  };
  readonly ctc: {
    readonly table: string[];
    readonly cases: { text: string; ids: number[] }[];
    readonly decode: { ids: number[]; text: string }[];
  };
}

export const tokenizers = golden("tokenizers.json") as TokenizersGolden;
