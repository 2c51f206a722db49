/** Turns: who computes when, counted in steps and not in time. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Scheduler } from "../../src/engine/scheduler.ts";
import type { Job } from "../../src/engine/scheduler.ts";
import { Slots } from "../../src/engine/slots.ts";
import { setImmediate as nextRound } from "node:timers/promises";

class Traced implements Job {
  readonly name: string;
  readonly trace: string[];
  installed = false;

  constructor(name: string, trace: string[]) {
    this.name = name;
    this.trace = trace;
  }

  async enter(): Promise<void> {
    await Promise.resolve();
    this.installed = true;
    this.trace.push(`enter ${this.name}`);
  }

  leave(): void {
    this.installed = false;
    this.trace.push(`leave ${this.name}`);
  }

  check(): void {}
}

/** Runs jobs with these numbers of steps at once; the names of the jobs in the order of their steps. */
async function turnsOf(steps: { readonly [name: string]: number }): Promise<string> {
  const scheduler = new Scheduler();
  let order = "";
  const run = (name: string, count: number): Promise<void> =>
    scheduler.run(new Traced(name, []), async () => {
      for (let i = 0; i < count; i++) {
        await scheduler.offerTurn(nextRound);
        order += name;
      }
    });
  await Promise.all(Object.entries(steps).map(([name, count]) => run(name, count)));
  return order;
}

describe("turns", () => {
  it("go round: one step of each job that is left", async () => {
    expect(await turnsOf({ a: 3, b: 3, c: 3 })).toBe("abcabcabc");
    expect(await turnsOf({ a: 6, b: 1, c: 3 })).toBe("abcacacaaa".slice(0, 10));
  });

  it("let a short job that comes late end long before a long one", async () => {
    const scheduler = new Scheduler();
    const ends: string[] = [];
    const steps = { long: 0 };
    const job = async (name: string, count: number, step: () => void): Promise<void> => {
      await scheduler.run(new Traced(name, []), async () => {
        for (let i = 0; i < count; i++) {
          await scheduler.offerTurn(nextRound);
          step();
        }
      });
      ends.push(name);
    };
    const long = job("long", 100, () => steps.long++);
    while (steps.long < 10) await nextRound();
    await job("short", 5, () => {});
    expect(steps.long).toBeLessThanOrEqual(17);
    await long;
    expect(ends).toEqual(["short", "long"]);
  });

  it("cost a job that is alone nothing: no more rounds of the event loop than its own", async () => {
    const scheduler = new Scheduler();
    let rounds = 0;
    let counting = true;
    const count = (): void => {
      rounds++;
      if (counting) setImmediate(count);
    };
    const trace: string[] = [];
    setImmediate(count);
    await scheduler.run(new Traced("a", trace), async () => {
      for (let i = 0; i < 50; i++) await scheduler.offerTurn(nextRound);
    });
    counting = false;
    expect(rounds).toBeLessThanOrEqual(51);
    expect(trace).toEqual(["enter a", "leave a"]);
  });

  it("are not lost to a job that is slow outside of its turn", async () => {
    const scheduler = new Scheduler();
    let wake = (): void => {};
    const slow = scheduler.run(new Traced("slow", []), () =>
      scheduler.offerTurn(() => new Promise<void>((resolve) => (wake = resolve))),
    );
    await scheduler.run(new Traced("quick", []), async () => {
      for (let i = 0; i < 5; i++) await scheduler.offerTurn(nextRound);
    });
    wake();
    await slow;
    expect(scheduler.running).toBeUndefined();
  });

  it("are correct for any jobs: one at a time, with its own state, in fair order, until all have ended", async () => {
    const plan = fc.record({
      steps: fc.integer({ min: 0, max: 8 }),
      start: fc.integer({ min: 0, max: 6 }),
      failsAt: fc.option(fc.integer({ min: 0, max: 8 })),
      failsOutside: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 2, maxLength: 6 }), async (plans) => {
        const scheduler = new Scheduler();
        const trace: string[] = [];
        let active: Traced | undefined;
        const order: number[] = [];
        const run = async ({ steps, start, failsAt, failsOutside }: (typeof plans)[number], i: number) => {
          for (let wait = 0; wait < start; wait++) await nextRound();
          const job = new Traced(`${i}`, trace);
          await scheduler.run(job, async () => {
            for (let step = 0; step < steps; step++) {
              expect([scheduler.running, job.installed, active]).toEqual([job, true, undefined]);
              active = job;
              order.push(i);
              await Promise.resolve();
              active = undefined;
              if (step === failsAt && !failsOutside) throw new Error(`${i}`);
              await scheduler.offerTurn(async () => {
                await nextRound();
                if (step === failsAt) throw new Error(`${i}`);
              });
            }
          });
        };
        const ends = await Promise.allSettled(plans.map(run));
        for (const [i, end] of ends.entries()) {
          const { steps, failsAt } = plans[i]!;
          expect(end.status).toBe(failsAt !== null && failsAt < steps ? "rejected" : "fulfilled");
        }
        expect(scheduler.running).toBeUndefined();
        // Between two steps of a job, no other had more than two: one of this round and one of the next.
        for (const [at, i] of order.entries()) {
          const next = order.indexOf(i, at + 1);
          const between = order.slice(at + 1, next < 0 ? at + 1 : next);
          for (const other of new Set(between))
            expect(between.filter((job) => job === other).length).toBeLessThanOrEqual(2);
        }
        const entered = trace.filter((line) => line.startsWith("enter")).length;
        expect(trace.length).toBe(2 * entered);
        trace.forEach((line, at) => {
          if (at % 2 === 1) expect(line).toBe(trace[at - 1]!.replace("enter", "leave"));
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe("slots", () => {
  it("are given in the order of asking, and not to those that were aborted", async () => {
    const slots = new Slots(1);
    expect(slots.acquire()).toBeUndefined();
    const abort = new AbortController();
    const order: string[] = [];
    const ask = async (name: string, signal?: AbortSignal): Promise<void> => {
      await slots.acquire(signal);
      order.push(name);
      slots.release();
    };
    const asked = [ask("first"), ask("given up", abort.signal), ask("second")];
    abort.abort(new Error("no longer"));
    await expect(asked[1]).rejects.toThrow("no longer");
    expect(slots.isIdle).toBe(false);
    slots.release();
    await Promise.all([asked[0], asked[2]]);
    expect(order).toEqual(["first", "second"]);
    expect(slots.isIdle).toBe(true);
    expect(() => slots.acquire(abort.signal)).toThrow("no longer");
  });

  it("reject all that wait, and can be used afterwards", async () => {
    const slots = new Slots(1);
    void slots.acquire();
    const waiting = slots.acquire();
    slots.rejectWaiting(new Error("closed"));
    await expect(waiting).rejects.toThrow("closed");
    slots.release();
    expect(slots.isIdle).toBe(true);
  });
});
