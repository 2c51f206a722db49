/** The bounded queue: who is refused, and when it is said to try again. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
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
