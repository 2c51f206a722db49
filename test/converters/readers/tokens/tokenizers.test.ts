/** Tokenizers whose parts are of the wrong kind: merges and added tokens of Qwen's, pieces of SentencePiece. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { qwenTokens } from "../../../../converters/readers/tokens/qwen.ts";
import { sentencePieces } from "../../../../converters/readers/tokens/sentencepiece.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { bytes, integer } from "../../../helpers/builders/protobuf.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

async function folderWith(name: string, content: string | Uint8Array): Promise<Companions> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, name), content);
  return new Companions(openFolder(folder));
}
const refusal = (message: string): object => ({
  code: "bad_tokenizer",
  message: expect.stringContaining(message) as string,
});

describe("Qwen's", () => {
  const ends = [
    { id: 0, content: "<|im_end|>" },
    { id: 1, content: "<|endoftext|>", special: false },
  ];
  const read = async ({ type = "BPE", merges = ["a b"] as unknown, added = ends as unknown }) => {
    const content = { model: { type, vocab: { a: 2, b: 3 }, merges }, added_tokens: added };
    return new Map(await qwenTokens(await folderWith("tokenizer.json", JSON.stringify(content)), 4));
  };

  test("are read; an added token is special where nothing else is stated", async () => {
    const found = await read({ merges: [["a", "b"], "b a"] });
    expect(found.get("tokenizer.ggml.merges")).toEqual(["a b", "b a"]);
    expect(found.get("tokenizer.ggml.token_type")).toEqual([3, 4, 1, 1]);
    expect(found.get("tokenizer.ggml.eos_token_id")).toBe(0);
  });

  const added = (more: unknown): { readonly added: unknown } => ({ added: [...ends, more] });
  test.each<[string, Parameters<typeof read>[0], string]>([
    ["are of another kind", { type: "Unigram" }, "no byte-pair model"],
    ["merge a token and a number", { merges: [["a", 1]] }, 'the merge ["a",1]; wanted two tokens'],
    ["merge one token", { merges: ["a"] }, 'the merge "a"'],
    [
      "add one whose id is text",
      added({ id: "3", content: "c" }),
      "wanted an id, a content and whether special",
    ],
    ["add one whose content is a number", added({ id: 3, content: 7 }), "wanted an id, a content"],
    [
      "add one that is special by a number",
      added({ id: 3, content: "b", special: 1 }),
      "and whether special",
    ],
  ])("that %s are refused", async (_, parts, message) => {
    await expect(read(parts)).rejects.toMatchObject(refusal(message));
  });
});

describe("SentencePiece's", () => {
  const read = async (...fields: readonly Buffer[]) =>
    sentencePieces(await folderWith("a.model", Buffer.concat(fields)), "a.model");

  test("are the texts of its pieces, of one at the least", async () => {
    expect(await read(bytes(1, bytes(1, "a")), integer(2, 1))).toEqual(["a"]);
    expect(await read(bytes(1, bytes(1, "a")), bytes(1, bytes(1, "")))).toEqual(["a", ""]);
  });

  test.each([
    ["without pieces", [integer(2, 1)], "no pieces; wanted a SentencePiece model"],
    [
      "with a piece without a text",
      [bytes(1, bytes(1, "a")), bytes(1, integer(3, 1))],
      "piece 1 has no text",
    ],
  ])("%s are refused", async (_, fields, message) => {
    await expect(read(...fields)).rejects.toMatchObject(refusal(message));
  });
});
