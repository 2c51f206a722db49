/**
 * Qwen's vocabulary, where a Python of this machine has it: the table of `dashscope`'s package, whose entries in order of rank
 * give the merges. Undefined, with a printed reason, where there is none.
 */
import { readFile } from "node:fs/promises";
import { BYTE_CHARACTERS } from "../../../src/text/byte-level.ts";
import { bytePairEncode } from "../../../src/text/bpe.ts";
import { QwenTokenizer } from "../../../src/text/qwen-tokenizer.ts";
import { runPython } from "./python.ts";

const find = `
from importlib.util import find_spec
found = find_spec("dashscope")
print(found.submodule_search_locations[0] + "/resources/qwen.tiktoken" if found else "", end="")
`;

export async function qwenVocabulary(): Promise<QwenTokenizer | undefined> {
  const path = await runPython(find, {}).catch(() => "");
  if (path === "") {
    process.stderr.write(
      "skipped: no Python here has dashscope's table of Qwen's tokens; FUN_ASR_PYTHON names another Python\n",
    );
    return undefined;
  }
  const entries = (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => atob(line.split(" ")[0]!));
  const ranks = new Map(entries.map((entry, rank) => [entry, rank]));
  const spelled = (entry: string): string =>
    Array.from(entry, (byte) => BYTE_CHARACTERS[byte.charCodeAt(0)]!).join("");
  // An entry is made of the last two parts that entries before it leave of it.
  const merges = entries.flatMap((entry, rank) => {
    if (entry.length === 1) return [];
    const parts = bytePairEncode(entry, (left, right) => {
      const joined = ranks.get(left + right);
      return joined !== undefined && joined < rank ? joined : undefined;
    });
    return [parts.map(spelled).join(" ")];
  });
  const tokens = [...entries.map(spelled), "<|endoftext|>", "<|im_start|>", "<|im_end|>"];
  return new QwenTokenizer({ tokens, merges });
}
