import { expect, it } from "vitest";
import { columnsOf, isCjk } from "../../src/text/columns.ts";

// After the East_Asian_Width property (Unicode 16) of each character.
it.each([
  ["Hello, “world”…", 15],
  ["naïve café", 10],
  ["e\u0301", 1],
  ["大家好，", 8],
  ["ＡＢ！", 6],
  ["ｱｶﾞ", 3],
  ["한국어", 6],
  ["ㄅㄆ", 4],
  ["　", 2],
  ["กิน", 2],
  ["👋", 2],
  ["𠮷", 2],
  ["a\u00adb\u200d", 2],
  ["", 0],
])("columns of %s", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

it("knows Chinese, Japanese and Korean", () => {
  expect(["a中", "か", "ｶ", "한", "ㄅ"].map(isCjk)).toEqual([true, true, true, true, true]);
  expect(["abc", "กิน", "👋", "“…”", "，"].map(isCjk)).toEqual([false, false, false, false, false]);
});
