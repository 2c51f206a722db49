import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTiktoken, parseTokensTxt } from "../../src/text/ctc-token-files.ts";
import { CTC_SPECIALS, CtcTokens } from "../../src/text/ctc-tokens.ts";
import { tokenizers } from "../helpers/environment/text-fixtures.ts";

const { table, cases, decode } = tokenizers.ctc;
const tokens = new CtcTokens({ table });

describe("against tiktoken", () => {
  it.each(cases)("encodes $text", ({ text, ids }) => {
    expect(tokens.encode(text)).toEqual(ids);
  });

  it.each(decode)("decodes $ids", ({ ids, text }) => {
    expect(tokens.decode(ids)).toBe(text);
  });

  it("gives back any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40, size: "max" }), (text) => {
        expect(tokens.decode(tokens.encode(text))).toBe(text);
      }),
    );
  });
});

describe("special tokens", () => {
  it("has the places of the published vocabulary", () => {
    const base = Array.from({ length: 58_836 }, (_, rank) =>
      btoa(rank < 256 ? String.fromCharCode(rank) : `#${rank}`),
    );
    const full = new CtcTokens({ table: base, vocabSize: 60_515, blankId: 60_514 });
    const ids = {
      "<|endoftext|>": 58_836,
      "<|startoftranscript|>": 58_837,
      "<|en|>": 58_838,
      "<|zh|>": 58_839,
      "<|yue|>": 58_937,
      "<|en/zh|>": 58_942,
      "<|ASR|>": 58_943,
      "<|/Applause|>": 58_953,
      "<|HAPPY|>": 58_954,
      "<|NEUTRAL|>": 58_957,
      "<|translate|>": 58_958,
      "<|nospeech|>": 58_962,
      "<|notimestamps|>": 58_963,
      "<|SPECIAL_TOKEN_1|>": 58_964,
      "<|SPECIAL_TOKEN_50|>": 59_013,
      "<|0.00|>": 59_014,
      "<|30.00|>": 60_514,
    };
    for (const [name, id] of Object.entries(ids)) expect([name, full.id(name)]).toEqual([name, id]);
    expect(full.firstTimestamp).toBe(59_014);
    const names = full.decode(Array.from({ length: 59_014 - 58_836 }, (_, i) => 58_836 + i));
    const digest = createHash("sha256").update(names).digest("hex");
    expect(digest).toBe("450810ab54e230143bbf8bff001f8c429661ac4bb000ef722f268693e85b0469"); // of upstream's list
    expect(CTC_SPECIALS).toBe(1679);
  });

  it("shows special tokens as their names and drops timestamps, the blank and unknown ids", () => {
    const ids = [tokens.id("<|nospeech|>"), 65, tokens.id("<|0.00|>"), tokens.blankId, -1, tokens.size, 1.5];
    expect(tokens.decode(ids)).toBe("<|nospeech|>A");
    expect(() => tokens.id("<|klingon|>")).toThrow(/no token/u);
    expect(() => tokens.id("##zh##")).toThrow(/no token/u);
  });
});

describe("files", () => {
  const tiktoken = table.map((entry, rank) => `${entry} ${rank}`).join("\n");

  it("reads the checkpoint's table", () => {
    expect(parseTiktoken(`${tiktoken}\n`)).toEqual(table);
    expect(parseTiktoken(tiktoken.replaceAll("\n", "\r\n"))).toEqual(table);
  });

  it("reads the exports' tokens.txt, where a bare id stands for the space", () => {
    const specials = Array.from(
      { length: CTC_SPECIALS - 1 },
      (_, i) => `${btoa(`<|${i}|>`)} ${table.length + i}`,
    );
    const blank = `PGJsaz4= ${table.length + CTC_SPECIALS - 1}`;
    const text = [tiktoken, ...specials, blank].join("\n").replace("IA== 32\n", " 32\n");
    expect(parseTokensTxt(text)).toEqual(table);
  });

  it.each([
    ["a gap", "QQ== 0\nQg== 2", /line 2 .*the id 1/u],
    ["three fields", "QQ== 0 0", /line 1/u],
    ["a word for an id", "QQ== one", /line 1/u],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseTiktoken(text)).toThrow(message);
    expect(() => parseTiktoken(text)).toThrow(expect.objectContaining({ code: "bad_tokenizer" }));
  });

  it("refuses a tokens.txt that cannot hold the special tokens", () => {
    expect(() => parseTokensTxt("QQ== 0")).toThrow(/1 lines; wanted more than 1679/u);
  });
});

describe("refusals", () => {
  it.each([
    ["an entry that is no base64", { table: table.with(5, "!") }, /entry 5 is "!"/u],
    ["an empty entry", { table: table.with(5, "") }, /entry 5/u],
    ["two equal entries", { table: table.with(300, "QQ==") }, /entries 65 and 300/u],
    ["a missing byte", { table: table.with(65, "enp6eg==") }, /byte 65/u],
    [
      "a head of another size",
      { table, vocabSize: 60_515 },
      /624 entries and 1679 special tokens for 60515 rows/u,
    ],
    ["a blank outside the head", { table, blankId: 5000 }, /blank id 5000; wanted 0 to 2302/u],
  ])("%s", (_, config, message) => {
    const build = (): CtcTokens => new CtcTokens(config);
    expect(build).toThrow(message);
    expect(build).toThrow(expect.objectContaining({ code: "bad_tokenizer" }));
  });
});
