import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrefilter } from "../../../src/text/hotwords/prefilter.ts";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";
import { createPieceFilter } from "../../../src/text/hotwords/piece-filter.ts";
import { toPhonemes } from "../../../src/text/hotwords/phonemes.ts";
import { soundCost, SoundTable } from "../../../src/text/hotwords/sound-cost.ts";
import { uniform } from "../../helpers/environment/random.ts";
import { shared } from "../../helpers/environment/shared.ts";

/** "sh ui 4 | q ian 2": sounds with bars between words. */
const spelled = (text: string): string =>
  toPhonemes(text)
    .map(({ value, endsWord }) => value + (endsWord ? " |" : ""))
    .join(" ")
    .replace(/ \|$/u, "");

describe("phonemes", () => {
  it.each([
    ["睡前消息", "sh ui 4 | q ian 2 | x iao 1 | x i 1"],
    ["督工", "d u 1 | g ong 1"],
    ["7-Zip", "7 | z i p"],
    ["西安", "x i 1 | an 1"],
    ["Visual Studio", "v i s u a l | s t u d i o"],
    ["CapsWriter", "c a p s | w r i t e r"],
    ["GPT4o", "g p t | 4 | o"],
    ["银行行长", "y in 2 | h ang 2 | h ang 2 | zh ang 3"],
    ["一不做", "y i 1 | b u 4 | z uo 4"],
    ["好了", "h ao 3 | l e 5"],
    ["用Python写", "y ong 4 | p y t h o n | x ie 3"],
    ["ありがとう東京", "あ り が と う | d ong 1 | j ing 1"],
    ["，。!? 🎉", ""],
    ["", ""],
  ])("of %s", (text, expected) => {
    expect(spelled(text)).toBe(expected);
  });

  it("have their places in the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("中", "文", "a", "B", "1", "，", " ", "𠮷", "🎉") }),
        (text) => {
          const spans = toPhonemes(text).map(({ start, end }) => text.slice(start, end));
          expect(spans.every((span) => /^(?:[中文𠮷]|[aB1])$/u.test(span))).toBe(true);
          const starts = toPhonemes(text).map(({ start }) => start);
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe("the cost of taking one phoneme for another", () => {
  const [sh, ui, four] = toPhonemes("睡");
  const one = (text: string, index: number) => toPhonemes(text)[index]!;
  it.each([
    ["equal", sh!, one("是", 0), 0],
    ["similar initials", sh!, one("丝", 0), 0.5],
    ["the same the other way round", one("丝", 0), sh!, 0.5],
    ["different", ui!, one("丝", 1), 1],
    ["tones", four!, one("丝", 2), 0.5],
    ["a tone for a final", four!, ui!, 0.5],
    ["similar is not transitive: b for t", one("不", 0), one("特", 0), 1],
    ["p is near both", one("怕", 0), one("特", 0), 0.5],
    ["another language", one("d", 0), one("督", 0), 1],
    ["a digit and a tone", one("4", 0), four!, 1],
    ["letters", one("a", 0), one("b", 0), 1],
  ])("%s", (_, a, b, cost) => {
    expect(soundCost(a, b)).toBe(cost);
  });
});

describe("the prefilter", () => {
  const row = (length: { minLength?: number; maxLength: number }) =>
    fc.array(fc.nat(4), { ...length, size: "max" });
  it("is the smallest edit distance to any part of the text", () => {
    fc.assert(
      fc.property(
        fc.array(row({ maxLength: 40 }), { maxLength: 8 }),
        row({ minLength: 1, maxLength: 100 }),
        row({ maxLength: 80 }),
        (patterns, long, text) => {
          const match = createPrefilter(Int32Array.from(text), 5);
          for (const some of [patterns, [...patterns, long, ...patterns]]) {
            const distances = match(some.map((pattern) => Int32Array.from(pattern)));
            expect([...distances]).toEqual(some.map((pattern) => substringDistance(pattern, text)));
          }
        },
      ),
    );
  });
});

describe("the piece filter", () => {
  it("never rules out a pattern that occurs with this many errors", () => {
    const row = (maxLength: number) => fc.array(fc.nat(9), { minLength: 1, maxLength, size: "max" });
    fc.assert(
      fc.property(row(16), row(60), (pattern, text) => {
        const mayOccur = createPieceFilter(Int32Array.from(text));
        const errors = substringDistance(pattern, text);
        for (let more = errors; more <= pattern.length; more++) {
          expect(mayOccur(Int32Array.from(pattern), more)).toBe(true);
        }
      }),
    );
  });

  it("rules out patterns that do not occur", () => {
    const mayOccur = createPieceFilter(Int32Array.from([1, 2, 3, 4, 5, 6]));
    expect(mayOccur(Int32Array.from([2, 3, 4, 7, 7, 7]), 0)).toBe(false);
    expect(mayOccur(Int32Array.from([2, 3, 4, 7, 7, 7]), 1)).toBe(true);
    expect(mayOccur(Int32Array.from([1, 2, 3]), -1)).toBe(false);
  });
});

describe("retrieval", () => {
  it("aligns the hundred words that a search over all of them finds best, the earlier of equals", () => {
    const next = uniform(3);
    const characters = Array.from("的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年");
    const draw = (count: number): string =>
      Array.from({ length: count }, () => characters[Math.floor(next() * characters.length)]).join("");
    const text = draw(120);
    const words = [...new Set(Array.from({ length: 3000 }, () => draw(2 + Math.floor(next() * 3))))];
    const table = new SoundTable();
    const sounds = table.symbols(toPhonemes(text));
    const patterns = words.map((word) => table.symbols(toPhonemes(word)));
    const distances = createPrefilter(sounds, table.size)(patterns);
    const all = words.map((word, i) => ({ word, i, score: 1 - distances[i]! / patterns[i]!.length }));
    const best = all.sort((a, b) => b.score - a.score || a.i - b.i).slice(0, 100);
    const few = best.sort((a, b) => a.i - b.i).map(({ word }) => word);
    const found = new Hotwords(words).explain(text);
    expect(found.length).toBeGreaterThan(50);
    expect(found).toEqual(new Hotwords(few).explain(text));
  });

  // The text, the hotword, its score, and the score of the first stage.
  it.each([
    ["欢迎收看一千零四起事间消息请静静介绍话题", "睡前消息", 1 - 2.5 / 12, 1 - 3 / 12, "事间消息"],
    ["杜工你怎么看待", "督工", 1 - 0.5 / 6, 1 - 1 / 6, "杜工"],
    ["都工你怎么看", "督工", 1 - 1 / 6, 1 - 1 / 6, "都工"],
    ["请静静介绍话题", "静静", 1, 1, "静静"],
    ["use caps riter to type", "CapsWriter", 0.9, 0.9, "caps riter"],
    ["我很喜欢brown", "Browse", 1 - 2 / 6, 1 - 2 / 6, "brown"],
    ["喜欢撒贝你说的", "撒贝宁", 1 - 1.5 / 9, 1 - 2 / 9, "撒贝你"],
    ["东方菜富股票", "东方财富", 1 - 0.5 / 12, 1 - 1 / 12, "东方菜富"],
    ["科大迅飞的", "科大讯飞", 1, 1, "科大迅飞"],
  ])("in %s finds %s", (text, word, score, prefilterScore, heard) => {
    const [hit] = new Hotwords(["无关词语", word, "别的"]).explain(text);
    expect(hit).toMatchObject({ word, heard, offered: true });
    expect(hit?.score).toBeCloseTo(score, 6);
    expect(hit?.prefilterScore).toBeCloseTo(prefilterScore, 6);
    expect(text.slice(hit?.start, hit?.end)).toBe(heard);
    const cost = hit?.pairs.reduce((sum, pair) => sum + pair.cost, 0) ?? NaN;
    expect(1 - cost / toPhonemes(word).length).toBeCloseTo(score, 6);
  });

  it("shows near misses without offering them", () => {
    const hotwords = new Hotwords(["CapsWriter"], { threshold: 0.95 });
    expect(hotwords.explain("use caps riter")).toMatchObject([{ word: "CapsWriter", offered: false }]);
    expect(hotwords.match("use caps riter")).toEqual([]);
  });

  it("ranks by score, then length, then place in the list, and offers the first", () => {
    const hotwords = new Hotwords(["静静", "介绍话题", "敬敬", "静静", " 菁菁 "], { max: 3 });
    expect(hotwords.size).toBe(4);
    expect(hotwords.match("请静静介绍话题")).toEqual(["介绍话题", "静静", "敬敬"]);
  });

  it("finds nothing in silence, in an empty list, or for words without sound", () => {
    expect(new Hotwords(["督工"]).match("")).toEqual([]);
    expect(new Hotwords().match("督工")).toEqual([]);
    expect(new Hotwords(["！", "", "🎉"]).size).toBe(0);
  });

  it("takes a new list in the same object", () => {
    const hotwords = new Hotwords(["督工"]);
    hotwords.update(["静静"]);
    expect(hotwords.match("督工静静")).toEqual(["静静"]);
  });

  it("begins and ends on words: the last letters of one are not a word", () => {
    expect(new Hotwords(["art"]).match("smart")).toEqual([]);
    expect(new Hotwords(["art"]).match("artist")).toEqual([]);
    expect(new Hotwords(["art"]).match("smart art")).toEqual(["art"]);
  });

  it("handles words longer than one block, and words longer than the text", () => {
    const long = "中华人民共和国国务院办公厅秘书局";
    expect(new Hotwords([long]).match(`今天${long}发布`)).toEqual([long]);
    expect(new Hotwords([long]).match("中华")).toEqual([]);
  });

  it("is the same whatever else was searched before", () => {
    const list = ["督工", "静静", "深度学习", "神经网络", "睡前消息"];
    const used = new Hotwords(list);
    used.match("好像没有听过这些新词汇 brand new words 12345");
    const text = "事间消息请静静介绍杜工";
    expect(used.explain(text)).toEqual(new Hotwords(list).explain(text));
  });

  it("reads the text of a hot.txt", () => {
    const hotwords = new Hotwords("# people\n督工 # he\n\n静静");
    expect(hotwords.words).toEqual(["督工", "静静"]);
    expect(hotwords.size).toBe(2);
  });

  it.each([
    { threshold: 0 },
    { threshold: 1.5 },
    { threshold: NaN },
    { max: -1 },
    { max: 0.5 },
    { replace: 0 },
    { replace: 1.1 },
    { corrections: "no arrow" },
  ])("refuses %o", (options) => {
    expect(() => new Hotwords([], options)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});

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

describe("the published log of Fun-ASR-GGUF", () => {
  const path = shared("golden/fun-asr-gguf-log.json");
  it.skipIf(path === undefined)("finds the words that it found", () => {
    const log = JSON.parse(readFileSync(path!, "utf8")) as {
      ctcText: string;
      hotwordFile: string[];
      hotwordsFound: string[];
    };
    const found = new Hotwords(log.hotwordFile).match(log.ctcText);
    // The log leaves out 静静, which is in the draft already; 神经网络 matches 情报网络 at 0.625.
    expect(found).toEqual(["静静", "督工", "睡前消息", "神经网络"]);
    expect(found).toEqual(expect.arrayContaining(log.hotwordsFound));
  });
});

function substringDistance(pattern: number[], text: number[]): number {
  let row = new Array<number>();
  row = text.map(() => 0);
  row.push(0);
  for (const [i, symbol] of pattern.entries()) {
    const next = [i + 1];
    for (const [j, other] of text.entries())
      next.push(
        Math.min((row[j] ?? 0) + (symbol === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    row = next;
  }
  return Math.min(...row);
}
