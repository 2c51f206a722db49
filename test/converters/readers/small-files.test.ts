/** The small files beside a checkpoint: JSON and YAML at each of their bounds, just inside and just outside. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Companions } from "../../../converters/readers/companions.ts";
import { parseYaml } from "../../../converters/readers/yaml.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const nested = (levels: number, inner = ""): string => `${"[".repeat(levels)}${inner}${"]".repeat(levels)}`;

async function json(content: string | Uint8Array): Promise<unknown> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "a.json"), content);
  return new Companions(openFolder(folder)).json("a.json");
}

describe("JSON", () => {
  test.each([
    ["of 100 levels", nested(100)],
    ["with brackets in a text", JSON.stringify([`${"[{".repeat(200)}\\"${"[".repeat(200)}`])],
    ["with 300 lists one after the other", `[${Array(300).fill("[{}]").join()}]`],
  ])("%s is read", async (_, text) => {
    expect(await json(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ["of 101 levels", nested(101), "more than 100 nested levels"],
    ["of 101 levels behind a text", `["\\"",${nested(100)}]`, "more than 100 nested levels"],
    ["cut", '{"a":', "not JSON"],
    ["in Latin-1", Buffer.from('"é"', "latin1"), "not UTF-8"],
  ])("%s is refused", async (_, content, message) => {
    await expect(json(content)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      where: expect.stringMatching(/\/a\.json$/u) as string,
      message: expect.stringContaining(message) as string,
    });
  });
});

/** `rows` lists of as many aliases to lists of `columns` aliases. */
const aliases = (rows: number, columns: number): string =>
  `a: &a [1]\nb: &b [${Array(columns).fill("*a").join()}]\nc: [${Array(rows).fill("*b").join()}]\n`;
/** Aliases to one value, and to a second. */
const aliased = (first: number, second: number): string =>
  `a: &a 1\nb: &b 2\nc: [${[...Array(first).fill("*a"), ...Array(second).fill("*b")].join()}]\n`;
const numbers = (first: number, second: number): unknown => ({
  a: 1,
  b: 2,
  c: [...Array(first).fill(1), ...Array(second).fill(2)],
});

describe("YAML", () => {
  test.each<[string, string, unknown]>([
    ["2²⁰ characters", "1".padEnd(2 ** 20), 1],
    ["50,000 tokens", "\n".repeat(50_000), null],
    ["100 aliases", aliased(50, 50), numbers(50, 50)],
    ["a value at 100 places", aliased(99, 0), numbers(99, 0)],
    ["32 levels in brackets", nested(32, "1"), JSON.parse(nested(32, "1"))],
    ["40 lists in brackets", `[${Array(40).fill("[]").join()}]`, Array.from({ length: 40 }, () => [])],
    ["16 marks in a line", `${"- ".repeat(16)}1`, JSON.parse(nested(16, "1"))],
    ["128 columns of indentation", `a:\n${" ".repeat(128)}b: 1`, { a: { b: 1 } }],
    ["200 spaces within a line", `a:${" ".repeat(200)}1`, { a: 1 }],
    ["one key in two objects", "a: {b: 1}\nc: {b: 1}", { a: { b: 1 }, c: { b: 1 } }],
  ])("with %s is read", (_, text, expected) => {
    expect(parseYaml(text, "a.yaml")).toEqual(expected);
  });

  test.each([
    ["2²⁰ + 1 characters", "1".padEnd(2 ** 20 + 1), "1048577 characters; wanted YAML of at most 1048576"],
    ["50,001 tokens", "\n".repeat(50_001), "more than 50000 tokens"],
    ["101 aliases", aliased(50, 51), "more than 100 aliases"],
    ["a value at 101 places", aliased(100, 0), "too many aliases"],
    ["a list of lists of aliases", aliases(11, 10), "too many aliases"],
    ["33 levels in brackets", nested(33, "1"), "more than 32 nested levels"],
    ["33 objects in each other", `${"{a: ".repeat(33)}1${"}".repeat(33)}`, "more than 32 nested levels"],
    ["17 marks in a line", `${"- ".repeat(17)}1`, "more than 32 nested levels"],
    ["17 keys in a line", `${"? ".repeat(17)}1`, "more than 32 nested levels"],
    ["129 columns of indentation", `a:\n${" ".repeat(129)}b: 1`, "more than 128 columns of indentation"],
    ["a list without an end in its third line", "a: 1\nb: 2\nc: [", "at line 3"],
    ["a key twice", "a: 1\nb: {c: 1, c: 2}", 'the key "c" twice'],
  ])("with %s is refused", (_, text, message) => {
    expect(() => parseYaml(text, "a.yaml")).toThrow(
      expect.objectContaining({
        code: "checkpoint_malformed",
        where: "a.yaml",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
