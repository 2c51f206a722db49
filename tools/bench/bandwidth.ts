/** Memory bandwidth of this machine: the upper bound of decoding, since a step reads every weight once. */
import { Worker } from "node:worker_threads";
import { median } from "./peers.ts";
import type { Figures } from "./sections.ts";

const threads = 2;
const rounds = 5;
const bytes = 256 * 2 ** 20;
/** Bytes that one step of Qwen3-0.6B in Q8_0 reads. */
const weightBytes = 633e6;

const program = new URL("bandwidth-thread.js", import.meta.url);

export async function benchBandwidth(): Promise<Figures> {
  const workers = Array.from({ length: threads }, () => new Worker(program, { workerData: bytes }));
  const answers = (): Promise<unknown> =>
    Promise.all(workers.map((worker) => new Promise((answer) => worker.once("message", answer))));
  await answers();
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const all = answers();
    for (const worker of workers) worker.postMessage(round, []);
    await all;
    seconds.push((performance.now() - start) / 1000);
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  const perSecond = (threads * bytes) / median(seconds);
  return {
    "memory.readBytesPerSecond": perSecond,
    "decode.limitTokensPerSecond": perSecond / weightBytes,
  };
}
