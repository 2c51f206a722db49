/**
 * Decoding steps of the full-size language model: the cost of M tokens at once over one, and the overhead of
 * TensorFlow.js and our own code over the kernels alone, which are replayed from a list with the same arguments.
 */
import { backend } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "../../kernels/runtime/wasm/backend.ts";
import type { WasmRuntime } from "../../kernels/runtime/wasm/runtime.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import type { KvCache } from "../../src/nn/kv-cache.ts";
import { Engine } from "../../src/node.ts";
import { dispose } from "../../src/nn/ops.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

const widths = [1, 2, 4, 6, 8, 16] as const;
const position = 300;
const rounds = 15;

export async function benchSteps(): Promise<Figures> {
  await using checkpoint = await openCheckpoint(await syntheticNano("Q8_0"));
  using engine = new Engine({ backend: "wasm" });
  const loaded = await buildModel(checkpoint, { engine, backend: "wasm" });
  const { llm } = loaded.model as FunAsrNano;
  const figures = await engine.run("wasm", async () => {
    const { runtime } = backend() as WasmBackend;
    const cache = llm.newCache(position + 16);
    for (let i = 0; i < position; i += 50) dispose(llm.steps({ ids: tokens(50), cache }));
    const step = (width: number) => () => timed(async () => stepOnce(llm, cache, width));
    for (const width of widths) await step(width)(); // warms up
    const steps = await interleaved(
      rounds,
      Object.fromEntries(widths.map((width) => [`m${width}`, step(width)])),
    );
    const jobs = recorded(runtime, () => stepOnce(llm, cache, 1));
    const { whole, bare } = await interleaved(2 * rounds, {
      whole: step(1),
      bare: () =>
        timed(async () => {
          for (const job of jobs) job();
        }),
    });
    cache.dispose();
    return {
      ...Object.fromEntries(widths.map((width) => [`steps.m${width}`, steps[`m${width}`]! / steps["m1"]!])),
      ...Object.fromEntries(widths.map((width) => [`steps.m${width}Seconds`, steps[`m${width}`]!])),
      "overhead.ratio": bare / whole,
      "overhead.jobs": jobs.length,
    };
  });
  loaded.dispose();
  return figures;
}

/** One step after the first `position` positions. */
function stepOnce(llm: Qwen3, cache: KvCache, width: number): void {
  cache.rewind(position);
  dispose(llm.steps({ ids: tokens(width), cache }));
}

function tokens(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1000 + 77 * i);
}

/**
 * The kernels and lists of kernels that `work` runs, without the work that the caller's thread does itself (embedding,
 * copies of rows).
 */
function recorded(runtime: WasmRuntime, work: () => void): (() => void)[] {
  const jobs: (() => void)[] = [];
  const { run, replay } = runtime;
  runtime.run = (...given) => {
    jobs.push(() => Reflect.apply(run, runtime, given));
    Reflect.apply(run, runtime, given);
  };
  runtime.replay = (...given) => {
    jobs.push(() => replay.apply(runtime, given));
    replay.apply(runtime, given);
  };
  work();
  Object.assign(runtime, { run, replay });
  return jobs;
}
