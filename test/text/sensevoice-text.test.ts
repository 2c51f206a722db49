/** SenseVoice's tags and pieces against FunASR's. */
import { describe, expect, it } from "vitest";
import { SenseVoicePieces } from "../../src/text/sensevoice-pieces.ts";
import { joinPieces, readTags, richText, wordsOf } from "../../src/text/sensevoice-text.ts";
import { paraformerTables } from "../helpers/builders/paraformer-tables.ts";

describe("richText", () => {
  it.each(paraformerTables.rich)("writes FunASR's emoji for %s", (tagged, rich) => {
    expect(richText(tagged)).toBe(rich);
  });
});

describe("readTags", () => {
  it.each([
    ["<|zh|><|NEUTRAL|><|Speech|><|withitn|>你好，世界。", "你好，世界。", "zh NEUTRAL Speech true"],
    ["<|en|><|EMO_UNKNOWN|><|Laughter|><|woitn|>hi there", "hi there", "en EMO_UNKNOWN Laughter false"],
    ["<|Speech|><|woitn|><|yue|>係", "係", "yue undefined Speech false"],
    ["<|nospeech|><|Event_UNK|>", "", "nospeech undefined Event_UNK undefined"],
    ["no tags", "no tags", "undefined undefined undefined undefined"],
    ["<|en|> a <|en|> b", "a b", "en undefined undefined undefined"],
  ])("recognizes the tags of %s by their names", (tagged, text, expected) => {
    const { text: bare, tags } = readTags(tagged);
    expect(bare).toBe(text);
    expect(`${tags.language} ${tags.emotion} ${tags.event} ${tags.itn}`).toBe(expected);
  });
});

describe("wordsOf", () => {
  it.each(paraformerTables.merged)(
    "is FunASR's for $pieces, but for the first piece",
    ({ pieces, words, spans }) => {
      const ours = wordsOf(pieces);
      const times = ours.map(({ first, last }) => [
        Math.trunc(first * 0.06 * 1000),
        Math.trunc((last * 0.06 + 0.03) * 1000),
      ]);
      // There "▁he" keeps its mark, and so does not grow to "hello".
      const slip = words[0] === "▁he";
      expect(ours.map(({ text }) => text)).toEqual(slip ? ["hello", ...words.slice(2)] : words);
      expect(times).toEqual(slip ? [[spans[0]![0], spans[1]![1]], ...spans.slice(2)] : spans);
    },
  );
});

describe("SenseVoicePieces", () => {
  const list = ["<unk>", "<s>", "</s>", "▁he", "llo", "<|en|>"];
  const pieces = new SenseVoicePieces(list, 6, "test");

  it("writes pieces as SentencePiece does", () => {
    expect(joinPieces(pieces.of([1, 3, 4, 0, 4, 2]))).toBe("hello ⁇ llo");
    expect([0, 1, 2, 3, 4, 5].filter((id) => pieces.isText(id))).toEqual([0, 3, 4]);
  });

  it("refuses another number of pieces than of logits", () => {
    expect(() => new SenseVoicePieces(list, 7, "test")).toThrow(
      expect.objectContaining({ code: "bad_tokenizer" }),
    );
  });
});
