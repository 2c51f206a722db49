/** A part of the catalog of hostile inputs, as `npm run attack` reads all of it, in processes of their own. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { faultOf } from "../../tools/attack/attack.ts";
import type { KindReport } from "../../tools/attack/attack.ts";
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
