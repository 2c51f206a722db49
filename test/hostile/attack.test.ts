/** A part of the catalog of hostile inputs, as `npm run attack` reads all of it, in processes of their own. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { faultOf } from "../../tools/attack/attack.ts";
import type { KindReport } from "../../tools/attack/attack.ts";
import { timesOf } from "../../tools/attack/times.ts";
import { kinds } from "../../tools/attack/catalog.ts";
import type { Kind } from "../../tools/attack/catalog.ts";

/** The compiled program, which starts processes of compiled code. */
const compiled = pathToFileURL(
  join(resolve(import.meta.dirname, "../.."), "dist/tools/attack/attack.js"),
).href;

/** Kinds with so many cases that fewer of them are a sample. */
const many = new Set<Kind>(["options", "texts", "values"]);

describe("the catalog of hostile inputs", () => {
  it.each(Object.keys(kinds) as Kind[])("holds for a sample of %s", async (kind) => {
    const { attack } = (await import(compiled)) as {
      attack(kind: Kind, some: { every: number }): Promise<KindReport>;
    };
    const report = await attack(kind, { every: many.has(kind) ? 41 : 9 });
    expect(report.cases).toBeGreaterThan(4);
    expect(report.faults).toEqual([]);
  });

  it("has at least 400 cases, with names of their own", async () => {
    let count = 0;
    for (const load of Object.values(kinds)) {
      const names = (await load()).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      count += names.length;
    }
    expect(count).toBeGreaterThan(400);
  });

  it("reports another outcome, and too much time or memory", () => {
    const one = { name: "a case", expected: ["not_gguf" as const], milliseconds: 10, mebibytes: 100 };
    const good = { outcome: "not_gguf", milliseconds: 9, mebibytes: 99 };
    expect(faultOf(one, good)).toBeUndefined();
    expect(faultOf(one, { ...good, outcome: "read" })).toBe("read instead of not_gguf");
    expect(faultOf(one, { ...good, outcome: "hangs" })).toBe("hangs instead of not_gguf");
    expect(faultOf(one, { ...good, milliseconds: 11 })).toBe("11 ms instead of 10");
    expect(faultOf(one, { ...good, mebibytes: 101 })).toBe("101 MiB instead of 100");
  });
});

describe("the time of a reader of texts", () => {
  /** Asks a reader that takes `time` for a size in bytes, and 30 times that in the first calls, which are `interrupted`. */
  const measured = async (time: (size: number) => number, interrupted = 0, outcome = "read") => {
    const asked: number[] = [];
    const times = await timesOf(async (size) => {
      asked.push(size);
      const milliseconds = time(size) * (asked.length <= interrupted ? 30 : 1);
      return { outcome, milliseconds, mebibytes: 1 };
    });
    return { ...times, asked: asked.length };
  };
  const mebibyte = 2 ** 20;
  const linear = (size: number): number => (500 * size) / mebibyte;

  it("is linear, also where the first measurements are interrupted", async () => {
    expect(await measured(linear)).toMatchObject({ isFault: false, exponent: 1, asked: 9 });
    expect(await measured(linear, 5)).toMatchObject({ isFault: false, exponent: 1, asked: 9 });
    expect(await measured(linear, 18)).toMatchObject({ isFault: false, exponent: 1, asked: 21 });
  });

  it("is too long, or grows too fast, however often it is measured", async () => {
    const steep = await measured((size) => 500 * (size / mebibyte) ** 1.25);
    expect(steep).toMatchObject({ isFault: true, exponent: expect.closeTo(1.25), asked: 24 });
    expect(await measured((size) => (1100 * size) / mebibyte)).toMatchObject({ isFault: true, exponent: 1 });
    const short = await measured((size) => 90 * (size / mebibyte) ** 2);
    expect(short).toMatchObject({ isFault: false, exponent: 2, asked: 3 });
  });

  it("is that of a reader that hangs, crashes, or throws what is no refusal", async () => {
    for (const outcome of ["hangs", "crashes (SIGABRT)", "RangeError: Invalid string length"])
      expect(await measured(linear, 0, outcome)).toMatchObject({ isFault: true, outcome, asked: 1 });
    expect(await measured(linear, 0, "bad_tokenizer")).toMatchObject({ isFault: false });
  });
});
