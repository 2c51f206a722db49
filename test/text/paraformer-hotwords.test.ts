/** Hotwords as Paraformer's tokens, against FunASR's own lists (fixtures/reference/make_seaco_hotwords.py). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tokenizeHotwords } from "../../src/text/paraformer-hotwords.ts";
import { ParaformerTokens } from "../../src/text/paraformer-tokens.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

interface Lists {
  readonly segDict: string;
  readonly words: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly idsOfVocabulary: readonly (readonly number[])[];
}

const read = (path: string): unknown => JSON.parse(readFileSync(fixture(path), "utf8"));
const list = read("tiny/seaco-paraformer/tokens.json") as readonly string[];
const tokens = new ParaformerTokens(list, list.length, "tokens.json");
const { segDict, words, ids, idsOfVocabulary } = read("reference/seaco-tokens.json") as Lists;

/** Words without a known token have none here. */
const known = (all: Lists["ids"]): Lists["ids"] =>
  all.map((word) => (word.every((id) => id === tokens.unknownId) ? [] : word));

describe("the tokens of hotwords", () => {
  it("are FunASR's, with a seg_dict and with the vocabulary in its place", () => {
    expect(tokenizeHotwords(words, tokens, segDict)).toEqual(known(ids));
    expect(tokenizeHotwords(words, tokens, undefined)).toEqual(known(idsOfVocabulary));
    expect(known(ids)).not.toEqual(ids);
  });

  it("are those of any list, word by word", () => {
    for (const [i, word] of words.entries())
      expect(tokenizeHotwords([word], tokens, segDict)).toEqual([known(ids)[i]]);
    expect(tokenizeHotwords([], tokens, segDict)).toEqual([]);
  });

  it("are at most three hundred for a word, whatever the file has", () => {
    const long = `hello ${"he@@ ".repeat(301)}`;
    expect(tokenizeHotwords(["hi", "i"], tokens, long)).toEqual([[], []]);
    expect(() => tokenizeHotwords(["i", "hello"], tokens, long)).toThrow(
      expect.objectContaining({ code: "bad_option", where: "hotwords" }),
    );
  });
});
