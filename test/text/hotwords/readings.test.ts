/** Hotwords with signs, and names whose surname has a reading of its own. */
import { describe, expect, it } from "vitest";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";
import { findInTopLabels } from "../../../src/text/hotwords/top-label-search.ts";
import { containsWord } from "../../../src/text/hotwords/trie.ts";

const found = (word: string, draft: string): string[] => new Hotwords([word]).match(draft);
const corrected = (word: string, draft: string): string => new Hotwords([word]).correct(draft).text;

describe("words with signs", () => {
  it.each([
    ["A+", "a cat"],
    ["C++", "c is a letter"],
    ["C#", "see c there"],
    ["-5", "about 5 people"],
    ["$5", "about 5 people"],
    [".NET", "in the net"],
    ["@home", "he is home"],
  ])("%s is not what is left of it: %s", (word, draft) => {
    expect(corrected(word, draft)).toBe(draft);
  });

  it.each([
    ["A+", "an a plus for him", "an A+ for him"],
    ["C++", "i write c plus plus code", "i write C++ code"],
    ["C++", "我写c加加代码", "我写C++代码"],
    ["C#", "i write c sharp code", "i write C# code"],
    ["-5", "it is minus five degrees", "it is -5 degrees"],
    ["-5", "今天负五度", "今天-5度"],
    ["$5", "it costs five dollars now", "it costs $5 now"],
    ["$5", "要五美元吧", "要$5吧"],
    ["100%", "我百分之一百同意", "我100%同意"],
    [".NET", "the dot net one", "the .NET one"],
    ["Wi-Fi", "the wifi is on", "the Wi-Fi is on"],
    ["Yahoo!", "on yahoo today", "on Yahoo! today"],
  ])("%s is found where it is said: %s", (word, draft, wanted) => {
    expect(found(word, draft)).toEqual([word]);
    expect(corrected(word, draft)).toBe(wanted);
  });

  it("stay as they are where they are written", () => {
    for (const word of ["C++", "A+", "-5", "$5"]) {
      expect(found(word, `so ${word} it is`)).toEqual([word]);
      expect(new Hotwords([word]).correct(`so ${word} it is`).corrections).toEqual([]);
      expect(containsWord(`So ${word.toLowerCase()}.`, word)).toBe(true);
    }
    expect(containsWord("a cat", "A+")).toBe(false);
    expect(containsWord("the wifi", "Wi-Fi")).toBe(true);
  });

  it("are searched among the labels with their signs, or as they are said", () => {
    const labels = ["", "a", "+", "plus", "cat"];
    const search = (...ids: number[]): string[] => {
      const top = {
        frames: ids.length,
        count: 1,
        ids: Int32Array.from(ids),
        logProbs: new Float32Array(ids.length),
      };
      const options = { blank: 0, textOf: (label: number) => labels[label] };
      return findInTopLabels(top, ["A+"], options).map(({ word }) => word);
    };
    expect(search(1, 2)).toEqual(["A+"]);
    expect(search(1, 3)).toEqual(["A+"]);
    expect(search(1, 4)).toEqual([]);
    expect(search(1, 1)).toEqual([]);
  });

  it("count as one word", () => {
    const hotwords = new Hotwords(["C++", "A+", "+"]);
    expect(hotwords.words).toEqual(["C++", "A+"]);
    expect(hotwords.size).toBe(2);
  });
});

describe("surnames with a reading of their own", () => {
  it.each([
    ["单田芳", "善田方"],
    ["解晓东", "谢晓东"],
    ["查良镛", "扎良庸"],
    ["仇保兴", "求宝兴"],
    ["区楚良", "欧楚良"],
    ["曾国藩", "增国番"],
    ["任正非", "人正飞"],
    ["盖叫天", "葛叫天"],
    ["尉迟恭", "玉池公"],
    ["乐嘉", "月佳"],
    ["朴树", "瓢树"],
    ["翟天临", "宅天林"],
    ["缪荣株", "妙荣株"],
  ])("%s is found in %s", (name, draft) => {
    const [hit] = new Hotwords([name]).explain(`听说${draft}来了`);
    expect(hit).toMatchObject({ word: name, offered: true });
    expect(hit!.score).toBeGreaterThanOrEqual(0.83);
    expect(found(name, `听说${name}来了`)).toEqual([name]);
    expect(new Hotwords([name]).words).toEqual([name]);
  });

  it.each([
    ["行长", "行长来了", true],
    ["行长", "航长来了", true],
    ["行长", "形常来了", false],
    ["乐清", "到乐清去", true],
    ["任务", "完成人物介绍", "人物"],
    ["单位", "在善卫那边", "善卫"],
    ["解放军", "写放军的", "写放军"],
  ] as const)("%s in %s", (word, draft, wanted) => {
    if (typeof wanted === "boolean") expect(found(word, draft)).toEqual(wanted ? [word] : []);
    else expect(corrected(word, draft)).toContain(wanted);
  });
});
