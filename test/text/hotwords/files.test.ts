import { describe, expect, it } from "vitest";
import { correct, parseCorrections } from "../../../src/text/hotwords/corrections.ts";
import { parseHotwords, splitHotwords } from "../../../src/text/hotwords/hot-file.ts";

describe("lists of hotwords", () => {
  it("has a word on each line, and comments", () => {
    const file = "\ufeff# people\r\n督工 # he\n静静\n\n  C#  \nF# #1\n静静\n#\n7-Zip\rOpen Source";
    expect(parseHotwords(file)).toEqual(["督工", "静静", "C#", "F#", "7-Zip", "Open Source"]);
    expect(parseHotwords("")).toEqual([]);
  });

  it.each([
    ["阿里巴巴 20\n通义实验室  30\nhello world 40", ["阿里巴巴", "通义实验室", "hello world"]],
    ["# FunASR\niPhone 15 20 # a phone\r\n\r\n魔搭 -5\n", ["iPhone 15", "魔搭"]],
    ["阿里巴巴\t20\n通义\n3M\t1.5", ["阿里巴巴", "通义", "3M"]],
    ["你好 :2.0\n世界\nGPT 4 :1.5", ["你好", "世界", "GPT 4"]],
    ["iPhone 15\nWindows\nBoeing 747", ["iPhone 15", "Windows", "Boeing 747"]],
    ["Python 3.12\nGPT 4", ["Python 3.12", "GPT 4"]],
    ["2026\n123 20", ["2026", "123 20"]],
  ])("may have weights, which are no part of the word: %j", (file, words) => {
    expect(parseHotwords(file)).toEqual(words);
  });

  it("may be one line with separators", () => {
    expect(splitHotwords("a, b;c\td，e；f、g h\n,")).toEqual(["a", "b", "c", "d", "e", "f", "g h"]);
  });
});

describe("corrections", () => {
  const rules = parseCorrections(
    "# names\n杜工 => 督工\n/\\bcaps ?writer\\b/i => CapsWriter\n\n$x => $$1\n空 =>",
  );

  it("apply in order and report their edits", () => {
    expect(correct("杜工、杜工用CAPS WRITER写$x空", rules)).toMatchObject({
      text: "督工、督工用CapsWriter写$$1",
      applied: [
        { rule: "杜工 => 督工", count: 2 },
        { rule: "/\\bcaps ?writer\\b/i => CapsWriter", count: 1 },
        { rule: "$x => $$1", count: 1 },
        { rule: "空 =>", count: 1 },
      ],
    });
  });

  it("leave other text as it is", () => {
    expect(correct("督工", rules)).toEqual({ text: "督工", applied: [], steps: [] });
  });

  it("use the groups of an expression", () => {
    const dates = parseCorrections("/(\\d+)月(?<day>\\d+)号/ => $1月$<day>日");
    expect(correct("1月11号和2月3号", dates).text).toBe("1月11日和2月3日");
  });

  it.each(["$1$2", "$<day>", "$$1", "[$&]", "$3$0", "$<month>", "$", "$<", "$10"])(
    "fill in %s as String.replaceAll does",
    (replacement) => {
      const text = "1月11号和2月3号";
      const pattern = /(\d+)月(?<day>\d+)号/gu;
      const [rule] = parseCorrections(`/${pattern.source}/ => ${replacement}`);
      expect(correct(text, [rule!]).text).toBe(text.replaceAll(pattern, replacement));
    },
  );

  it.each([
    ["a => b\nno arrow", /line 2: "no arrow"; wanted wrong => right/u],
    ["=> b", /line 1/u],
    ["/(/ => x", /line 1: \/\(\/; wanted a regular expression/u],
  ])("refuse %j", (file, message) => {
    expect(() => parseCorrections(file)).toThrow(message);
    expect(() => parseCorrections(file)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});
