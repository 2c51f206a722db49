import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePattern } from "../../src/text/patterns.ts";
import { matchNames, matchPaths } from "../../src/text/wildcards.ts";

const found = (source: string, text: string, flags = ""): unknown[] =>
  [...parsePattern(source, flags, "here").matchAll(text)].map(({ start, groups }) => [start, ...groups]);
const native = (source: string, text: string, flags = ""): unknown[] =>
  [...text.matchAll(new RegExp(source, `gu${flags}`))].map((match) => [match.index, ...match]);

describe("users' expressions", () => {
  it.for<readonly [string, string, string?]>([
    [String.raw`\s+`, "a\u3000b\u00a0 c"],
    [String.raw`[\s,]`, "a\u3000b,"],
    [String.raw`[^\s]`, "a\u3000"],
    [String.raw`\S[\S]`, "ab\u3000c"],
    [".", "a\r\u2028\nb"],
    [".", "a\r\u2028\nb", "s"],
    ["[^]", "a\n"],
    ["[]|b", "ab"],
    ["[[a.]", "[a.b"],
    [String.raw`[\b]`, "\b"],
    [String.raw`\p{Script=Han}+[\p{sc=Han}a]`, "汉字a"],
    [String.raw`\ud83d\ude00+`, "😀😀"],
    [String.raw`(?<=第)\d+`, "第12 12"],
    [String.raw`(?<!第)\d`, "第1 2"],
    [String.raw`(?<year>\d{4})-(?<month>\d\d)`, "2026-11"],
    ["(a)|(b)", "ab"],
    ["a|ab", "ab"],
    ["x*", "axb"],
    ["K", "k\u212a", "i"],
    ["^b", "a\nb", "m"],
  ])("match as JavaScript's own: /%s/ in %j", ([source, text, flags = ""]) => {
    expect(found(source, text, flags)).toEqual(native(source, text, flags));
  });

  it.each([String.raw`(a)\1`, "a(?=b)", "a(?!b)"])(
    "are refused where they have no linear time: /%s/",
    (source) => {
      expect(() => parsePattern(source, "", "here")).toThrow(
        expect.objectContaining({ code: "bad_option", where: "here" }),
      );
    },
  );

  it.each(["(a+)+$", "(a|a)*$", "(.*)(.*)*z", String.raw`(\w+\s?)+$`])(
    "take no second on a long text: /%s/",
    (source) => {
      const start = process.cpuUsage();
      found(source, `${"a".repeat(20_000)}!`);
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(1000);
    },
  );
});

describe("wildcards", () => {
  const sign = fc.constantFrom("a", "b", "/", "*", "?", "**/", "𠮷", ".");
  const pattern = fc.array(sign, { maxLength: 8 }).map((signs) => signs.join(""));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "𠮷", "."), maxLength: 8 });
  const escaped = (part: string): string => part.replaceAll(/[.+?^${}()|[\]\\/]/gu, String.raw`\$&`);

  it("match names as an expression does", () => {
    fc.assert(
      fc.property(pattern, text, (pattern, name) => {
        const expression = new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`, "su");
        expect(matchNames(pattern)(name)).toBe(expression.test(name));
      }),
      { numRuns: 500 },
    );
  });

  it("match paths as an expression does", () => {
    const signs: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]" };
    fc.assert(
      fc.property(pattern, text, (pattern, path) => {
        const parts = pattern.match(/\*\*\/|[^]/gu) ?? [];
        const expression = new RegExp(
          `^${parts.map((part) => signs[part] ?? escaped(part)).join("")}$`,
          "su",
        );
        expect(matchPaths(pattern)(path)).toBe(expression.test(path));
      }),
      { numRuns: 500 },
    );
  });
});
