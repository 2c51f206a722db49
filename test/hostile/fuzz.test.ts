/** What `npm run fuzz` found once is read or refused ever since, a sample of it is, and it finds faults of every kind. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Plan, ReaderReport } from "../../tools/fuzz/campaign.ts";
import { judge } from "../../tools/fuzz/judge.ts";
import { readerOf, readers } from "../../tools/fuzz/readers/index.ts";
import { planted } from "../../tools/fuzz/readers/planted.ts";
import { textsWithoutExample } from "../../tools/fuzz/readers/texts.ts";
import { sharesOf } from "../../tools/fuzz/shares.ts";
import { mutant } from "../../tools/fuzz/structure/mutate.ts";
import { write } from "../../tools/fuzz/structure/part.ts";
import { survey } from "../../tools/fuzz/survey.ts";

interface Seed {
  readonly reader: string;
  /** What was wrong. */
  readonly fault: string;
  readonly base64: string;
}

const seeds = JSON.parse(readFileSync(join(import.meta.dirname, "fuzzed.json"), "utf8")) as readonly Seed[];
/** The compiled program, which starts processes of compiled code. */
const compiled = pathToFileURL(
  join(resolve(import.meta.dirname, "../.."), "dist/tools/fuzz/campaign.js"),
).href;

/** Originals that are no valid files, or answers of servers that are at fault. */
const refused = /^(?:less|break|nothing|text|twice|more|chunked|zeros)$/u;

describe("mutants that were faults", () => {
  it.each(seeds.map((seed) => ({ ...seed, title: `${seed.reader}: ${seed.fault}` })))(
    "$title",
    async ({ reader, base64 }) => {
      const { fault } = await judge(readerOf(reader), Buffer.from(base64, "base64"));
      expect(fault).toBeUndefined();
    },
  );
});

describe("a sample of mutants", () => {
  it.each(Object.keys(readers))("of %s is read or refused", async (name) => {
    const { read, refused } = await survey(name, 0, 40);
    expect(read + refused).toBe(40);
  });
});

describe("the originals", () => {
  it.each(Object.keys(readers).filter((name) => readers[name]!.isText !== true))(
    "of %s are read",
    async (name) => {
      for (const { name: of, tree } of readers[name]!.originals.filter(({ name }) => !refused.test(name)))
        expect(await judge(readers[name]!, write(tree)), of).toMatchObject({ outcome: "read" });
    },
  );

  it("of every text are given", () => {
    expect(textsWithoutExample).toEqual([]);
  });
});

describe("mutants", () => {
  it("are the same for the same number, and others for others", () => {
    const { tree } = readers["gguf"]!.originals[0]!;
    const before = write(tree);
    const many = Array.from({ length: 200 }, (_, index) => mutant(tree, index).toString("hex"));
    expect(many).toEqual(Array.from({ length: 200 }, (_, index) => mutant(tree, index).toString("hex")));
    expect(new Set(many).size).toBeGreaterThan(150);
    expect(write(tree)).toEqual(before);
  });

  it("are a million for a release", () => {
    const counts = [...sharesOf(Object.keys(readers)).values()];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(1_000_000);
  });
});

describe("the fuzzer", () => {
  it("finds and names planted faults", { timeout: 300_000 }, async () => {
    const { campaign } = (await import(compiled)) as {
      campaign(plan: Plan): Promise<ReadonlyMap<string, ReaderReport>>;
    };
    const counts = new Map(Object.keys(planted).map((name) => [name, 20] as const));
    const patience = { busy: 3, idle: 20 };
    const reports = await campaign({ counts, from: 0, workers: 2, mostFaults: 1, patience });
    const found = Object.fromEntries([...reports].map(([name, { faults }]) => [name, faults[0]?.what]));
    expect(found).toEqual({
      "planted: a bare error": expect.stringContaining("TypeError: Cannot read properties of undefined"),
      "planted: a rejection that nothing handles": expect.stringContaining("nothing handles this"),
      "planted: a loop without an end": expect.stringMatching(
        /^hangs: no end after [1-9]\d* s of processor/u,
      ),
      "planted: a wait without an end": expect.stringMatching(/^hangs: no end after/u),
      "planted: memory of a claimed size": expect.stringMatching(/^takes \d+ MiB$/u),
      "planted: a turn that takes too long": expect.stringMatching(/^holds the event loop for \d+ ms$/u),
      "planted: a crash": "crashes (SIGABRT)",
    });
  });
});
