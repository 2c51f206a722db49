/** Lines of text and columns of cells for a terminal. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layout, wrap } from "../../src/cli/layout.ts";
import { columnsOf } from "../../src/text/columns.ts";

describe("wrapped text", () => {
  it.each<[string, number, string[]]>([
    ["one two three", 7, ["one two", "three"]],
    ["one two three", 13, ["one two three"]],
    ["one  two", 4, ["one", "two"]],
    ["a/long/path/of/folders", 8, ["a/long/", "path/of/", "folders"]],
    ["unbreakable", 4, ["unbr", "eaka", "ble"]],
    ["key=value", 5, ["key=", "value"]],
    ["今天天气很好", 4, ["今天", "天气", "很好"]],
    ["今天,天气", 5, ["今天,", "天气"]],
    ["ab今天", 3, ["ab", "今", "天"]],
    ["今", 1, ["今"]],
    ["one\ntwo three", 5, ["one", "two", "three"]],
    ["", 5, [""]],
  ])("%j in %i columns", (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it("fits, and loses nothing but spaces", () => {
    const letters = fc.array(fc.constantFrom("a", "b", " ", "-", "/", "天", "，"), { maxLength: 40 });
    fc.assert(
      fc.property(letters, fc.integer({ min: 2, max: 12 }), (all, width) => {
        const text = all.join("");
        const lines = wrap(text, width);
        for (const line of lines.slice(0, -1)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
        expect(columnsOf(lines.at(-1)!.trimEnd())).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});

describe("cells", () => {
  const cell = (text: string, toRight = false) => ({ text, toRight });
  const rows = [
    [cell("name"), cell("12", true), cell("what it is and does")],
    [cell("a"), cell("3", true), cell("")],
  ];
  const laid = (columns?: number): string[] => layout(rows, columns, (_, line) => line).split("\n");

  it("are aligned, without spaces at the end", () => {
    expect(laid()).toEqual(["name  12  what it is and does", "a      3"]);
    expect(laid(29)).toEqual(laid());
  });

  it("are wrapped where they do not fit, the widest ones first", () => {
    expect(laid(28)).toEqual(["name  12  what it is and", "          does", "a      3"]);
    expect(laid(20)).toEqual(["name  12  what it is", "          and does", "a      3"]);
  });

  it("are at least eight columns wide, and numbers are never wrapped", () => {
    expect(laid(1)).toEqual(["name  12  what it", "          is and", "          does", "a      3"]);
  });
});
