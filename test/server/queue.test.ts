/** The bounded queue: who is refused, and when it is said to try again. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { Queue } from "../../src/server/queue.ts";

const refusal = expect.objectContaining({ code: "busy", retryAfter: 1 }) as unknown;

it("refuses what exceeds its places, and takes more when one is free", async () => {
  const queue = new Queue(2);
  const ends: (() => void)[] = [];
  const work = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
  const first = queue.run(work);
  const second = queue.run(work);
  expect(queue.held).toBe(2);
  expect(() => queue.refuseIfFull()).toThrow(refusal as Error);
  await expect(queue.run(work)).rejects.toEqual(refusal);
  expect(queue.held).toBe(2);
  ends[0]!();
  await first;
  expect(queue.held).toBe(1);
  const third = queue.run(() => Promise.reject(new Error("no")));
  await expect(third).rejects.toThrow("no");
  ends[1]!();
  await second;
  expect(queue.held).toBe(0);
});

it("waits until nothing is held", async () => {
  const queue = new Queue(1);
  await queue.idle();
  let ended = false;
  const work = queue.run(() => sleep(50)).then(() => (ended = true));
  await queue.idle();
  await work;
  expect(ended).toBe(true);
  expect(queue.held).toBe(0);
});

it("names a later time where requests take long, and a minute at most", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const queue = new Queue(2);
  const retryAfter = async (seconds: number): Promise<number> => {
    for (let i = 0; i < 50; i++) await queue.run(async () => void (now += seconds * 1000)); // the mean is near it
    const ends: (() => void)[] = [];
    const held = [0, 1].map(() => queue.run(() => new Promise<void>((resolve) => ends.push(resolve))));
    const refused = await queue.run(async () => {}).catch((error: unknown) => error);
    for (const end of ends) end();
    await Promise.all(held);
    return (refused as { readonly retryAfter: number }).retryAfter;
  };
  expect(await retryAfter(20)).toBe(10);
  expect(await retryAfter(500)).toBe(60);
  clock.mockRestore();
});
