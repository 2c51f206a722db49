import { describe, expect, it } from "vitest";
import { parseCorrections } from "../../../src/text/hotwords/corrections.ts";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";

describe("corrections by sound", () => {
  const by = (list: string[], options: object, text: string) =>
    new Hotwords(list, options).correct(text).text;
  // The specification's table (2.3): what January's 0.8 and the newest version's 1.0 replace.
  it.each([
    ["喜欢撒贝你说的", "撒贝宁", 0.8, "喜欢撒贝宁说的"],
    ["喜欢撒贝你说的", "撒贝宁", 1, "喜欢撒贝你说的"],
    ["东方菜富股票", "东方财富", 0.8, "东方财富股票"],
    ["东方菜富股票", "东方财富", 1, "东方菜富股票"],
    ["科大迅飞的", "科大讯飞", 0.8, "科大讯飞的"],
    ["科大迅飞的", "科大讯飞", 1, "科大讯飞的"],
    ["用capswriter写", "CapsWriter", 1, "用CapsWriter写"],
    ["科大迅飞的科大迅飞", "科大讯飞", 1, "科大讯飞的科大讯飞"],
  ])("of %s with %s at %f", (text, word, replace, expected) => {
    expect(by(["别的", word], { replace }, text)).toBe(expected);
  });

  it("change only text that sounds identical by default, less similar text or nothing by option", () => {
    expect(by(["科大讯飞", "东方财富"], {}, "科大迅飞和东方菜富")).toBe("科大讯飞和东方菜富");
    expect(by(["科大讯飞"], { replace: false }, "科大迅飞")).toBe("科大迅飞");
    expect(new Hotwords(["科大讯飞"]).correct("科大迅飞", { bySound: false }).text).toBe("科大迅飞");
  });

  it("do not replace a word of the list by another of the same sound, and prefer the longer", () => {
    expect(by(["静静", "菁菁"], {}, "请菁菁和静静")).toBe("请菁菁和静静");
    expect(by(["科大", "科大讯飞"], {}, "可大和科大迅飞")).toBe("可大和科大讯飞");
  });

  it("come before the rules, and report their edits", () => {
    const hotwords = new Hotwords(["督工"], { replace: 0.9, corrections: "督工 => 任督工" });
    expect(hotwords.correct("杜工和杜工")).toMatchObject({
      text: "任督工和任督工",
      corrections: [
        { by: "督工", count: 2 },
        { by: "督工 => 任督工", count: 2 },
      ],
    });
  });
});

it("a list has up to 10,000 rules, 1,000 of them expressions", () => {
  const list = (expressions: number, rules: number): string =>
    [
      ...Array.from({ length: expressions }, () => "/a/ => b"),
      ...Array.from({ length: rules }, () => "a => b"),
    ].join("\n");
  expect(parseCorrections(list(1000, 9000))).toHaveLength(10_000);
  for (const more of [list(1001, 0), list(1000, 9001)])
    expect(() => parseCorrections(more)).toThrow(expect.objectContaining({ code: "bad_option" }));
});
