/** Work on the items of a stream: results in order, the bound on what is in progress, errors and aborts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setImmediate as nextRound } from "node:timers/promises";
import { inParallel } from "../../src/longform/in-parallel.ts";

interface Item {
  /** Rounds of the event loop that reading it and its work take. */
  readonly read: number;
  readonly work: number;
  readonly fails: boolean;
}

const item: fc.Arbitrary<Item> = fc.record({
  read: fc.nat(4),
  work: fc.nat(12),
  fails: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
});

const rounds = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await nextRound();
};

/** All results, or as many as are taken, and the error at their end; what was seen meanwhile. */
async function run(
  items: readonly Item[],
  most: number,
  { take = Infinity, broken = false, abort = Infinity } = {},
) {
  const seen = { running: 0, most: 0, ahead: 0, aborted: 0, closed: false };
  const controller = new AbortController();
  const results: number[] = [];
  const source = async function* (): AsyncGenerator<[number, Item]> {
    try {
      for (const [i, one] of items.entries()) {
        await rounds(one.read);
        yield [i, one];
      }
      if (broken) throw new Error("broken stream");
    } finally {
      seen.closed = true;
    }
  };
  const work = async ([i, one]: [number, Item], signal: AbortSignal): Promise<number> => {
    seen.most = Math.max(seen.most, ++seen.running);
    seen.ahead = Math.max(seen.ahead, i - results.length);
    try {
      for (let round = 0; round < one.work; round++) {
        await nextRound();
        if (signal.aborted) seen.aborted++;
        signal.throwIfAborted();
      }
      if (one.fails) throw new Error(`item ${i} fails`);
      return i;
    } finally {
      seen.running--;
    }
  };
  let error: string | undefined;
  try {
    for await (const result of inParallel(source(), most, work, controller.signal)) {
      results.push(result);
      if (results.length >= abort) controller.abort(new Error("aborted"));
      if (results.length >= take) break;
    }
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  return { results, error, seen };
}

describe("work in parallel", () => {
  it("has the results and the error of one after the other", async () => {
    const most = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 12 }),
        most,
        fc.boolean(),
        async (items, count, broken) => {
          const alone = await run(items, 1, { broken });
          const { results, error, seen } = await run(items, count, { broken });
          expect({ results, error }).toEqual({ results: alone.results, error: alone.error });
          expect(seen).toMatchObject({ running: 0, closed: true });
          expect(seen.most).toBeLessThanOrEqual(count);
          expect(seen.ahead).toBeLessThan(2 * count);
          expect(alone.seen.ahead).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  const slow = (count: number): Item[] =>
    Array.from({ length: count }, () => ({ read: 0, work: 5, fails: false }));

  it("has as many in progress as may be", async () => {
    expect((await run(slow(9), 4)).seen.most).toBe(4);
    expect((await run(slow(2), 4)).seen.most).toBe(2);
  });

  it("ends the rest where the results are not taken to the end", async () => {
    const { results, error, seen } = await run(slow(9), 3, { take: 2 });
    expect({ results, error }).toEqual({ results: [0, 1], error: undefined });
    expect(seen).toMatchObject({ running: 0, closed: true });
    expect(seen.aborted).toBeGreaterThan(0);
  });

  it("throws the signal's reason", async () => {
    const { results, error, seen } = await run(slow(9), 3, { abort: 2 });
    expect(error).toBe("aborted");
    expect(results.length).toBeLessThan(4);
    expect(seen).toMatchObject({ running: 0, closed: true });
  });

  it("begins nothing after a failure", async () => {
    const items = slow(9).map((one, i) => ({ ...one, work: i === 1 ? 1 : 20, fails: i === 1 }));
    const { results, error, seen } = await run(items, 2);
    expect({ results, error }).toEqual({ results: [0], error: "item 1 fails" });
    expect(seen.ahead).toBe(1);
  });
});
