/** Plain token lists: FunASR's tokens.json (an array of pieces, index = id). */
import { ModelFormatError } from "../../../src/errors.ts";
import type { Companions } from "../companions.ts";

export async function tokenList(folder: Companions, name = "tokens.json"): Promise<readonly string[]> {
  const tokens = await folder.json(name);
  if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === "string")) {
    throw new ModelFormatError("bad_tokenizer", folder.where(name), "no list of strings", {
      wanted: "an array of tokens, in the order of their ids",
    });
  }
  return tokens as readonly string[];
}
