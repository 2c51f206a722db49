/** Vocabularies of punctuation models that are refused, and the numbers of words. */
import { expect, it } from "vitest";
import { JiebaDictionary } from "../../../src/text/punctuation/jieba.ts";
import { WordIds } from "../../../src/text/punctuation/word-ids.ts";

it("numbers words as the vocabulary does, with their case, and the others as the unknown word", () => {
  const ids = new WordIds(["a", "<unk>", "B"], 3, "tokens.json");
  expect(ids.of(["B", "b", "a", ""])).toEqual([2, 1, 0, 1]);
});

it.each([
  [["a", "<unk>"], 3, "2 words"],
  [["a", "a", "<unk>"], 3, "a word twice"],
  [["a", "b"], 2, "no <unk>"],
])("refuses %j", (words, size, found) => {
  expect(() => new WordIds(words, size, "tokens.json")).toThrow(
    expect.objectContaining({ code: "bad_tokenizer", message: expect.stringContaining(found) as string }),
  );
});

it.each(["今天", "今天 -3", "今天 x n"])("refuses the line %j of a dictionary", (line) => {
  expect(() => new JiebaDictionary(`的 5 uj\n${line}\n`, "dict.txt")).toThrow(
    expect.objectContaining({
      code: "bad_tokenizer",
      message: expect.stringContaining("dict.txt, line 2") as string,
    }),
  );
});
