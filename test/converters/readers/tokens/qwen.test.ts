/** Qwen's vocabulary from the files of a Hugging Face tokenizer: ids in range, each of one token, and what is no vocabulary. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { qwenTokens } from "../../../../converters/readers/tokens/qwen.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const vocab = { a: 0, b: 1, "<|endoftext|>": 3 };
const end = { id: 4, content: "<|im_end|>", special: true };

async function read(files: Readonly<Record<string, unknown>>, size = 6) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return new Map(await qwenTokens(new Companions(openFolder(folder)), size));
}
const json = (content: unknown, added: unknown = [end], merges: unknown = ["a b"]) => ({
  "tokenizer.json": { model: { type: "BPE", vocab: content, merges }, added_tokens: added },
});
const parts = (content: unknown, added: unknown = { 4: end }) => ({
  "vocab.json": content,
  "merges.txt": "#version: 0.2\na b\n",
  "tokenizer_config.json": { added_tokens_decoder: added },
});

test.each([
  ["tokenizer.json", json(vocab)],
  ["vocab.json, merges.txt and tokenizer_config.json", parts(vocab)],
])("from %s; ids without a token are pads", async (_, files) => {
  const found = await read(files);
  expect(found.get("tokenizer.ggml.tokens")).toEqual([
    "a",
    "b",
    "[PAD2]",
    "<|endoftext|>",
    "<|im_end|>",
    "[PAD5]",
  ]);
  expect(found.get("tokenizer.ggml.token_type")).toEqual([1, 1, 5, 1, 3, 5]);
  expect(found.get("tokenizer.ggml.merges")).toEqual(["a b"]);
  expect(found.get("tokenizer.ggml.eos_token_id")).toBe(4);
});

test("the last row of the embedding may have a token; what is behind it is refused", async () => {
  expect((await read(json(vocab), 5)).get("tokenizer.ggml.tokens")).toHaveLength(5);
  await expect(read(json(vocab), 4)).rejects.toThrow('"<|im_end|>" has the id 4; wanted one below 4');
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["an id below 0", json({ ...vocab, c: -1 }), 'token "c" has the id -1'],
  ["half an id", json({ ...vocab, c: 2.5 }), 'token "c" has the id 2.5'],
  ["an added id that is no number", parts(vocab, { x: end }), 'token "<|im_end|>" has the id NaN'],
  ["an id in quotes", json({ ...vocab, c: "2" }), 'the id of "c" is no number'],
  ["an id of two tokens", json({ ...vocab, c: 1 }), 'id 1 is both "b" and "c"'],
  ["an id of a token and an added one", json({ ...vocab, c: 4 }), 'id 4 is both "c" and "<|im_end|>"'],
  ["a vocabulary that is null", json(null), "no vocabulary"],
  ["a vocabulary that is text", parts('"abc"'), "no vocabulary"],
  ["a vocabulary that is not there", json(undefined), "no vocabulary"],
  ["merges that are no list", json(vocab, [end], "a b"), "no byte-pair model"],
  ["a merge of three tokens", json(vocab, [end], ["a b c"]), "wanted two tokens"],
  ["a merge of nothing", json(vocab, [end], [["a", ""]]), "wanted two tokens"],
  ["added tokens that are no list", json(vocab, {}), "added_tokens is no list"],
  ["an added token without content", json(vocab, [{ id: 4 }]), "wanted an id, a content and whether special"],
  ["no <|im_end|>", json(vocab, []), "there is no token <|im_end|>"],
])("refused is %s", async (_, files, message) => {
  await expect(read(files)).rejects.toMatchObject({
    code: "bad_tokenizer",
    message: expect.stringContaining(message),
  });
});
