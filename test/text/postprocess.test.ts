import { describe, expect, it } from "vitest";
import { cleanText } from "../../src/text/postprocess.ts";

describe("the answer's text", () => {
  // Left: the answer; then the results of the original's re.sub in Python.
  it.each([
    ["你好，世界。", "你好，世界。"],
    ["/sil", " "],
    ["好/sil的/sil /sil", "好 的 "],
    [" a  b\n\tc ", " a b c "],
    ["a\u3000\u00a0\u0085b", "a b"],
    ["a\u001cb\ufeffc", "a b\ufeffc"],
    ["it's 3.14_x²½Ⅷ", "it's 3.14_x²½Ⅷ"],
    ["e\u0301é ก็", "e\u0301é ก็"],
    ["", ""],
  ])("%j", (answer, text) => {
    expect(cleanText(answer)).toBe(text);
  });
});
