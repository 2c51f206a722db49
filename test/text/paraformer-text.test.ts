/** Tokens to text against FunASR's sentence_postprocess. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { joinTokens } from "../../src/text/paraformer-text.ts";
import { ParaformerTokens } from "../../src/text/paraformer-tokens.ts";
import { paraformerTables } from "../helpers/builders/paraformer-tables.ts";
import { shared } from "../helpers/environment/shared.ts";

describe("joinTokens", () => {
  it("writes what FunASR writes, for lists that mean something and for 200 random ones", () => {
    expect(paraformerTables.sentences.length).toBeGreaterThan(200);
    for (const { tokens, text, words } of paraformerTables.sentences) {
      const joined = joinTokens(tokens);
      expect({ tokens, text: joined.text, words: joined.words.map((word) => word.text) }).toEqual({
        tokens,
        text,
        words,
      });
    }
  });

  it.each([
    [
      ["and", "fel@@", "low", "i", "b", "m"],
      ["and 0-0", "fellow 1-2", "IBM 3-5"],
    ],
    [
      ["hello", "<unk>", "world"],
      ["hello 0-0", "world 2-2"],
    ],
    [
      ["lo@@", "中", "w"],
      ["中 1-1", "low 2-2"],
    ],
    [["中", "lo@@"], ["中 0-0"]],
  ])("knows the tokens of each word of %j", (tokens, expected) => {
    const words = joinTokens(tokens).words.map(({ text, first, last }) => `${text} ${first}-${last}`);
    expect(words).toEqual(expected);
  });

  const path = shared("golden/postprocess-timestamps.json");
  it.skipIf(path === undefined)("gives the shared texts, and times but where the original slips", () => {
    const golden = JSON.parse(readFileSync(path!, "utf8")) as {
      sentence_postprocess: {
        tokens: string[];
        text: string;
        words: string[];
        ts_in: number[][];
        text_ts: string;
        ts_out: number[][];
      }[];
    };
    // <unk> and an unfinished piece: there the original gives a word its neighbor's time.
    const slips: { [tokens: string]: number[][] } = {
      "hello <unk> world": [
        [0, 90],
        [200, 290],
      ],
      "lo@@ 中": [[100, 190]],
    };
    expect(golden.sentence_postprocess).toHaveLength(21);
    for (const { tokens, text, words, ts_in, text_ts, ts_out } of golden.sentence_postprocess) {
      const joined = joinTokens(tokens);
      const texts = joined.words.map((word) => word.text);
      const times = joined.words.map(({ first, last }) => [ts_in[first]![0], ts_in[last]![1]]);
      expect({ text: joined.text, words: texts, spaced: texts.join(" ") }).toEqual({
        text,
        words,
        spaced: text_ts,
      });
      expect(times).toEqual(slips[tokens.join(" ")] ?? ts_out);
    }
  });
});

describe("ParaformerTokens", () => {
  const list = ["<blank>", "<s>", "</s>", "中", "lo@@", "<unk>"];

  it("leaves out the three control tokens and keeps the unknown", () => {
    const tokens = new ParaformerTokens(list, 6, "test");
    expect([0, 1, 2, 3, 4, 5, 6].filter((id) => tokens.isText(id))).toEqual([3, 4, 5]);
    expect(tokens.token(4)).toBe("lo@@");
  });

  it.each([
    ["a wrong length", list.slice(1), "5 tokens"],
    ["a token twice", [...list.slice(0, 4), "中", "<unk>"], 'the token "中" twice'],
    ["no <unk>", [...list.slice(0, 5), "x"], "no token <unk>"],
  ])("refuses %s", (_, tokens, found) => {
    expect(() => new ParaformerTokens(tokens, 6, "test")).toThrow(
      expect.objectContaining({ code: "bad_tokenizer", message: expect.stringContaining(found) as string }),
    );
  });
});
