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

it("refuses words of which it would have to keep too many beginnings", () => {
  const refused = expect.objectContaining({ code: "bad_tokenizer" }) as Error;
  expect(() => new JiebaDictionary(`${"今".repeat(101)} 5`, "dict.txt")).toThrow(refused);
  const dictionary = new JiebaDictionary(`${"今".repeat(100)} 5`, "dict.txt");
  expect(() => dictionary.addUserWords("天".repeat(101))).toThrow(refused);
  expect(dictionary.divide("今".repeat(150))[0]).toHaveLength(100);
});

it.each(["今天", "今天 -3", "今天 x n"])("refuses the line %j of a dictionary", (line) => {
  expect(() => new JiebaDictionary(`的 5 uj\n${line}\n`, "dict.txt")).toThrow(
    expect.objectContaining({
      code: "bad_tokenizer",
      message: expect.stringContaining("dict.txt, line 2") as string,
    }),
  );
});
