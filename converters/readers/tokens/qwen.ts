/**
 * Qwen's vocabulary, from the folder of a Hugging Face tokenizer, as llama.cpp's `tokenizer.ggml.*` arrays. Ids
 * between the last token and the rows of the embedding are pads that nothing produces.
 */
import type { MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { Companions } from "../companions.ts";

/** llama.cpp's token types. */
const tokenType = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

interface Vocabulary {
  readonly tokens: ReadonlyMap<string, number>;
  readonly merges: readonly string[];
  readonly added: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

/** `size` is the number of rows of the embedding. */
export async function qwenTokens(folder: Companions, size: number): Promise<[string, MetadataValue][]> {
  const where = folder.folder;
  const { tokens, merges, added } = (await folder.has("tokenizer.json"))
    ? fromTokenizerJson(await folder.json("tokenizer.json"), folder.where("tokenizer.json"))
    : await fromParts(folder);
  const texts: (string | undefined)[] = Array.from({ length: size });
  const types: number[] = Array.from({ length: size }, () => tokenType.unused);
  const place = (text: string, id: number, type: number): void => {
    if (!Number.isInteger(id) || id < 0 || id >= size) {
      throw bad(
        where,
        `token ${JSON.stringify(text)} has the id ${id}`,
        `one below ${size}, the rows of the embedding`,
      );
    }
    if (texts[id] !== undefined && texts[id] !== text) {
      throw bad(where, `id ${id} is both ${JSON.stringify(texts[id])} and ${JSON.stringify(text)}`);
    }
    texts[id] = text;
    types[id] = type;
  };
  for (const [text, id] of tokens) place(text, id, tokenType.normal);
  for (const { id, content, special } of added)
    place(content, id, special ? tokenType.control : tokenType.userDefined);

  const idOf = (text: string): number => {
    const id = texts.indexOf(text);
    if (id < 0) throw bad(where, `there is no token ${text}`, "Qwen's vocabulary");
    return id;
  };
  return [
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", "qwen2"],
    ["tokenizer.ggml.tokens", texts.map((text, id) => text ?? `[PAD${id}]`)],
    ["tokenizer.ggml.token_type", types],
    ["tokenizer.ggml.merges", merges],
    ["tokenizer.ggml.eos_token_id", idOf("<|im_end|>")],
    ["tokenizer.ggml.padding_token_id", idOf("<|endoftext|>")],
    ["tokenizer.ggml.add_bos_token", false],
  ];
}

function fromTokenizerJson(json: unknown, where: string): Vocabulary {
  const model = field(json, "model");
  const merges = field(model, "merges");
  if (field(model, "type") !== "BPE" || !Array.isArray(merges))
    throw bad(where, "no byte-pair model", "model.type BPE");
  return {
    tokens: readTokens(field(model, "vocab"), where),
    merges: merges.map((merge: unknown) => readMerge(merge, where)),
    added: readAdded(field(json, "added_tokens") ?? [], where),
  };
}

/** The older layout: vocab.json, merges.txt, and the added tokens in tokenizer_config.json. */
async function fromParts(folder: Companions): Promise<Vocabulary> {
  const lines = (await folder.text("merges.txt")).split("\n");
  const added = field(await folder.json("tokenizer_config.json"), "added_tokens_decoder") ?? {};
  const list = Object.entries(added).map(([id, token]: [string, unknown]) => ({
    id: Number(id),
    content: field(token, "content"),
    special: field(token, "special"),
  }));
  return {
    tokens: readTokens(await folder.json("vocab.json"), folder.where("vocab.json")),
    merges: lines.filter((line) => line !== "" && !line.startsWith("#version")),
    added: readAdded(list, folder.where("tokenizer_config.json")),
  };
}

function readTokens(vocab: unknown, where: string): ReadonlyMap<string, number> {
  if (typeof vocab !== "object" || vocab === null)
    throw bad(where, "no vocabulary", "an object of tokens and ids");
  return new Map(
    Object.entries(vocab).map(([text, id]: [string, unknown]) => {
      if (typeof id !== "number") throw bad(where, `the id of ${JSON.stringify(text)} is no number`);
      return [text, id];
    }),
  );
}

/** `"a b"`, or `["a", "b"]` as newer files have it. */
function readMerge(merge: unknown, where: string): string {
  const parts: readonly unknown[] = Array.isArray(merge) ? merge : String(merge).split(" ");
  if (parts.length !== 2 || !parts.every((part) => typeof part === "string" && part !== "")) {
    throw bad(where, `the merge ${JSON.stringify(merge).slice(0, 60)}`, "two tokens");
  }
  return parts.join(" ");
}

function readAdded(list: unknown, where: string): Vocabulary["added"] {
  if (!Array.isArray(list)) throw bad(where, "added_tokens is no list");
  return list.map((token: unknown) => {
    const [id, content, special] = [
      field(token, "id"),
      field(token, "content"),
      field(token, "special") ?? true,
    ];
    if (typeof id !== "number" || typeof content !== "string" || typeof special !== "boolean") {
      throw bad(
        where,
        `the added token ${JSON.stringify(token).slice(0, 60)}`,
        "an id, a content and whether special",
      );
    }
    return { id, content, special };
  });
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function bad(where: string, found: string, wanted?: string): ModelFormatError {
  return new ModelFormatError("bad_tokenizer", where, found, wanted === undefined ? {} : { wanted });
}
