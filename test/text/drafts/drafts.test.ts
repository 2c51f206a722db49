/** The place of a text in its draft, the numbers and marks of drafts, and the tokens that are drafted. */
import { describe, expect, it } from "vitest";
import { withChineseDigits } from "../../../src/text/drafts/chinese-numbers.ts";
import { DraftCursor } from "../../../src/text/drafts/cursor.ts";
import { TextDrafter } from "../../../src/text/drafts/drafter.ts";
import { endMark } from "../../../src/text/drafts/end-mark.ts";
import { withEnglishDigits } from "../../../src/text/drafts/english-numbers.ts";
import { QwenTokenizer } from "../../../src/text/qwen-tokenizer.ts";
import { tokenizers } from "../../helpers/environment/text-fixtures.ts";

const tokenizer = new QwenTokenizer(tokenizers.qwen);
const endId = tokenizer.id("<|im_end|>");

/** The rest of the draft behind a text. */
function rest(draft: string, text: string): string {
  const characters = Array.from(draft);
  const cursor = new DraftCursor(characters);
  for (const character of text) cursor.push(character);
  return characters.slice(cursor.at).join("");
}

describe("the place in a draft", () => {
  it.each([
    ["今天天气很好", "今天", "天气很好"],
    ["今天天气很好我们走", "今天天气很好，", "我们走"],
    ["今天天气很好我们走", "今天天汽很好，我", "们走"], // a wrong character
    ["今天的天气很好我们走", "今天天气很好，我们", "走"], // one that is left out
    ["今天气很好我们走", "今天天气很好，我们", "走"], // one that is added
    ["二零二六年一月", "2026年", "一月"],
    ["一百二十三个人", "123个", "人"],
    ["good morning to all", "Good morning, to", " all"],
    ["", "今天", ""],
  ])("of %j, behind %j, is before %j", (draft, text, expected) => {
    expect(rest(draft, text)).toBe(expected);
  });

  it("is found again behind a sentence that the draft lacks, and in a long text", () => {
    const sentence = "我们明天上午九点开会讨论工作，";
    const spoken = Array.from({ length: 60 }, (_, i) => `第${"甲乙丙丁戊己庚辛"[i % 8]}个项目`).join("");
    const text = sentence + Array.from(spoken).slice(0, 250).join("");
    expect(rest(spoken, text)).toBe(Array.from(spoken).slice(250).join(""));
  });
});

describe("numbers", () => {
  it.each([
    ["二零二六年一月十一日", "2026年1月11日"],
    ["一千零四期九百六十七期", "1004期967期"],
    ["一百二十三万四千五百个", "1234500个"],
    ["十月十九日两百元", "10月19日200元"],
    ["我们一起去一些地方", "我们一起去一些地方"],
  ])("%s in Chinese are %s", (spoken, written) => {
    expect(withChineseDigits(spoken)).toBe(written);
  });

  it.each([
    ["before eleven a m", "before 11 am"],
    ["in twenty thirty three", "in 2033"],
    ["nineteen ninety nine", "1999"],
    ["two hundred five people", "205 people"],
    ["three thousand forty dollars", "$3040"],
    ["seven percent of ten", "7% of 10"],
    ["no number here", "no number here"],
    ["a hundred people", "a hundred people"],
  ])("%j in English are %j", (spoken, written) => {
    expect(withEnglishDigits(spoken)).toBe(written);
  });
});

it.each([
  ["你好吗", false, "？"],
  ["你好", false, "。"],
  ["do you know", true, "?"],
  ["i know", true, "."],
])("the mark at the end of %j (spaces: %s) is %j", (draft, isSpaced, mark) => {
  expect(endMark(draft, isSpaced)).toBe(mark);
});

describe("drafted tokens", () => {
  const proposed = (draft: string, text: string, { most = 40, itn = true } = {}): string => {
    const drafter = new TextDrafter(draft, tokenizer, { itn, endId });
    const written = tokenizer.encode(text, { specials: false });
    return tokenizer.decode(drafter.propose(written, most), { skipSpecial: false });
  };

  it.each([
    ["今天的天气很好", "今天", "的天气很好。<|im_end|>"],
    ["今天的天气很好", "今天的天气很好", "。<|im_end|>"],
    ["今天的天气很好", "今天的天气很好。", "<|im_end|>"],
    ["一共有一百二十三个人", "一共", "有123个人。<|im_end|>"],
    ["the weather is good", "The weather is", " good.<|im_end|>"],
    ["good morning we meet", "Good morning.", " We meet.<|im_end|>"],
    ["good morning we meet", "Good morning,", " we meet.<|im_end|>"],
    ["", "", ".<|im_end|>"],
  ])("of %j behind %j are %j", (draft, text, expected) => {
    expect(proposed(draft, text)).toBe(expected);
  });

  it("have numerals where the text is to have no digits, and are no more than are wanted", () => {
    expect(proposed("一百二十三个人", "", { itn: false })).toBe("一百二十三个人。<|im_end|>");
    const drafter = new TextDrafter("今天的天气很好我们明天上午九点开会", tokenizer, { itn: true, endId });
    for (const most of [1, 3, 7]) expect(drafter.propose([], most)).toHaveLength(most);
  });

  it("have the characters that the text had in their place before", () => {
    const drafter = new TextDrafter("委内瑞拉和韦内瑞拉和韦内瑞拉", tokenizer, { itn: true, endId });
    const text = (written: string): string =>
      tokenizer.decode(drafter.propose(tokenizer.encode(written, { specials: false }), 60));
    expect(text("委内瑞拉和")).toBe("韦内瑞拉和韦内瑞拉。");
    expect(text("委内瑞拉和委内瑞拉和")).toBe("委内瑞拉。");
  });
});
