/** Plain token lists: FunASR's tokens.json (an array of pieces, index = id), and sherpa-onnx's tokens.txt (lines "piece id"). */
import { ModelFormatError } from "../../../src/errors.ts";
import type { Companions } from "../companions.ts";

/** tokens.json, or else tokens.txt. */
export async function tokenList(folder: Companions, name = "tokens.json"): Promise<readonly string[]> {
  if (!(await folder.has(name)) && (await folder.has("tokens.txt"))) return tokenLines(folder, "tokens.txt");
  const tokens = await folder.json(name);
  if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === "string")) {
    throw new ModelFormatError("bad_tokenizer", folder.where(name), "no list of strings", {
      wanted: "an array of tokens, in the order of their ids",
    });
  }
  return tokens as readonly string[];
}

/** A line with an id alone stands for a space. */
async function tokenLines(folder: Companions, name: string): Promise<readonly string[]> {
  const lines = (await folder.text(name)).split(/\r?\n/u).filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const [, token, id] = /^(?:(.*\S)[ \t]+|[ \t]*)([0-9]+)[ \t]*$/u.exec(line) ?? [];
    if (id === String(index)) return token ?? " ";
    const found = `line ${index + 1} is ${JSON.stringify(line.slice(0, 80))}`;
    throw new ModelFormatError("bad_tokenizer", folder.where(name), found, {
      wanted: `a token and the id ${index}`,
    });
  });
}
