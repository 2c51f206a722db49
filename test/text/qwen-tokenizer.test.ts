import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QwenTokenizer } from "../../src/text/qwen-tokenizer.ts";
import type { QwenVocabulary } from "../../src/text/qwen-tokenizer.ts";
import { Utf8Stream } from "../../src/text/utf8-stream.ts";
import { tokenizers } from "../helpers/environment/text-fixtures.ts";

const { tokens, tokenTypes, merges, cases, decode } = tokenizers.qwen;
const tokenizer = new QwenTokenizer({ tokens, tokenTypes, merges });
const unicode = fc.string({ unit: "binary", maxLength: 40, size: "max" });

describe("against Hugging Face's tokenizers", () => {
  it.each(cases)("encodes $text", ({ text, ids, plain }) => {
    expect(tokenizer.encode(text, { specials: true })).toEqual(ids);
    expect(tokenizer.encode(text, { specials: false })).toEqual(plain);
  });

  it.each(decode)("decodes $ids", ({ ids, text, skipped }) => {
    expect(tokenizer.decode(ids, { skipSpecial: false })).toBe(text);
    expect(tokenizer.decode(ids)).toBe(skipped);
  });

  it("agrees with the JavaScript port on random text", () => {
    const port = new Tokenizer(hfConfig(), {});
    const letters = fc.string({
      unit: fc.constantFrom(...Array.from("abcehnost ',.:。今天语音转写中文\n")),
      maxLength: 60,
      size: "max",
    });
    fc.assert(
      fc.property(letters, (text) => {
        expect(tokenizer.encode(text, { specials: true })).toEqual(port.encode(text).ids);
      }),
    );
  });
});

describe("text and tokens", () => {
  it("gives back any Unicode text in its NFC form", () => {
    fc.assert(
      fc.property(unicode, (text) => {
        const ids = tokenizer.encode(text, { specials: false });
        expect(tokenizer.decode(ids, { skipSpecial: false })).toBe(text.normalize("NFC"));
      }),
    );
  });

  it("never reads a special token in plain text", () => {
    const words = fc.array(fc.constantFrom("<|im_end|>", "<|im_start|>", "<think>", "<|", "|>", "热词"));
    fc.assert(
      fc.property(words, (parts) => {
        const ids = tokenizer.encode(parts.join(""), { specials: false });
        expect(ids.some((id) => (tokenTypes[id] ?? 0) > 1)).toBe(false);
      }),
    );
  });

  it("streams exactly the decoded text, character by whole character", () => {
    const ids = fc.array(fc.nat(tokens.length - 1), { maxLength: 30, size: "max" });
    fc.assert(
      fc.property(ids, (all) => {
        const stream = new Utf8Stream();
        const pieces = all.map((id) => stream.push(tokenizer.bytes(id)));
        expect(pieces.join("") + stream.end()).toBe(tokenizer.decode(all, { skipSpecial: false }));
      }),
    );
  });

  it("splits a contraction with a long s, as a case-insensitive pattern does", () => {
    const joining = new QwenTokenizer({ tokens: [...tokens, "¿a"], merges: [...merges, "¿ a"] });
    const ids = joining.encode("it'ſab", { specials: false });
    expect(ids).not.toContain(joining.id("¿a")); // "¿" is the last byte of "ſ"
  });

  it("takes the longest of the added tokens that match", () => {
    const added = ["<|a|>", "<|a|><|b|>"];
    const longer = new QwenTokenizer({ tokens: [...tokens, ...added], merges });
    expect(longer.encode("<|a|><|b|><|a|>", { specials: true })).toEqual(
      added.toReversed().map((name) => longer.id(name)),
    );
  });

  it("knows its tokens by name and which of them are control tokens", () => {
    const id = tokenizer.id("<|im_end|>");
    expect(tokens[id]).toBe("<|im_end|>");
    expect(tokenizer.isSpecial(id)).toBe(true);
    expect(tokenizer.isSpecial(tokenizer.id("<think>"))).toBe(false);
    expect(() => tokenizer.id("<|nothing|>")).toThrow(/no token <\|nothing\|>/u);
  });

  it("has no text for rows of the model beyond the vocabulary, or for unused ones", () => {
    const more = new QwenTokenizer({
      tokens: [...tokens, "[PAD629]"],
      tokenTypes: [...tokenTypes, 5],
      merges,
    });
    expect(more.decode([-1, 629, 700, 1e9, 0.5])).toBe("");
  });

  it("infers the types where a file has none", () => {
    const untyped = new QwenTokenizer({ tokens: [...tokens, "[PAD629]"], merges });
    for (const { text, ids } of cases) expect(untyped.encode(text, { specials: true })).toEqual(ids);
    expect(untyped.decode([629])).toBe("");
    expect(untyped.isSpecial(untyped.id("<|im_start|>"))).toBe(true);
    expect(untyped.isSpecial(untyped.id("</think>"))).toBe(false);
  });
});

describe("refusals", () => {
  const withChange = (change: Partial<QwenVocabulary>) => () =>
    new QwenTokenizer({ tokens, tokenTypes, merges, ...change });
  const a = tokens.indexOf("a");

  it.each([
    ["a byte without a token", { tokens: tokens.with(a, "zzzzz") }, /byte 97/u],
    ["two equal tokens", { tokens: tokens.with(300, "a") }, /are both "a"/u],
    ["an unknown part of a merge", { merges: ["q zz"] }, /merge 0 needs "zz"/u],
    ["a merge into nothing", { merges: ["q x"] }, /merge 0 needs "qx"/u],
    ["a merge of one", { merges: ["q"] }, /merge 0 is "q"/u],
    ["a merge of nothing", { merges: ["q "] }, /merge 0 is "q "/u],
    ["a merge of three", { merges: ["q u e"] }, /merge 0 is "q u e"/u],
    ["a merge twice", { merges: [merges[0] ?? "", merges[0] ?? ""] }, /merge 1 repeats/u],
    ["too few types", { tokenTypes: [1] }, /1 token types for 629 tokens/u],
    ["an unknown type", { tokenTypes: tokenTypes.with(3, 9) }, /token 3 has type 9/u],
    ["a type that is not a number", { tokenTypes: tokenTypes.with(3, NaN) }, /token 3 has type NaN/u],
    ["an empty token", { tokens: [...tokens, ""], tokenTypes: [...tokenTypes, 3] }, /token 629 is empty/u],
    [
      "a token outside the byte alphabet",
      { tokens: [...tokens, "中"], tokenTypes: [...tokenTypes, 1] },
      /token 629, "中"/u,
    ],
  ])("%s", (_, change, message) => {
    expect(withChange(change)).toThrow(expect.objectContaining({ code: "bad_tokenizer" }));
    expect(withChange(change)).toThrow(message);
  });
});

function hfConfig(): object {
  const pattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  const added = tokens.flatMap((content, id) =>
    tokenTypes[id] === 1 ? [] : [{ id, content, special: tokenTypes[id] === 3, normalized: false }],
  );
  return {
    added_tokens: added,
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
}
