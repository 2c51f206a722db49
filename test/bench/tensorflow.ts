/** Decoding on `tensorflow`: step by step, as a graph, and as a graph that XLA compiles, in turn. */
import { compileDecoder } from "../../kernels/tensorflow/graph/compile.ts";
import { buildModel } from "../../src/model.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { openCheckpoint } from "../../src/gguf/open.ts";
import { onBackend } from "../../src/nn/backend.ts";
import { dispose, tensor, values } from "../../src/nn/ops.ts";
import { argmax } from "../../src/search/greedy.ts";
import { normals } from "../helpers/random.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";

const promptRows = 60;
const rounds = 3;
const noTurn = async (): Promise<void> => {};

/** `count` tokens behind a prompt of noise. */
export async function benchDecoding(path: string, count: number): Promise<Figures> {
  await using checkpoint = await openCheckpoint(path);
  const loaded = await buildModel(checkpoint, { backend: "tensorflow" });
  try {
    return await onBackend("tensorflow", () => measure((loaded.model as FunAsrNano).llm, count));
  } finally {
    loaded.dispose();
  }
}

async function measure(llm: Qwen3, count: number): Promise<Figures> {
  const embeds = tensor(normals(1, promptRows * llm.config.size, 0.05), [promptRows, llm.config.size]);
  const plan = { buckets: [64], capacity: 64 + count, chunk: count, endIds: [] };
  const figures: { [name: string]: number } = {};
  const compile = async (name: string, xla: boolean): Promise<() => Promise<number>> => {
    const start = performance.now();
    const decoder = await compileDecoder(llm, { ...plan, xla });
    const first = decoder.begin(embeds);
    decoder.next(first, count);
    figures[`${name}.firstCallSeconds`] = (performance.now() - start) / 1000;
    return async () => timed(async () => void decoder.next(decoder.begin(embeds), count - 1));
  };
  const graph = await compile("graph", false);
  const xla = await compile("xla", true);
  const seconds = await interleaved(rounds, {
    eager: () => timed(() => stepwise(llm, embeds, count)),
    graph,
    xla,
  });
  dispose(embeds);
  for (const [name, value] of Object.entries(seconds)) figures[`${name}.tokensPerSecond`] = count / value;
  return {
    ...figures,
    "graph.gain": seconds.eager / seconds.graph,
    "xla.gain": seconds.eager / seconds.xla,
  };
}

async function stepwise(llm: Qwen3, embeds: ReturnType<typeof tensor>, count: number): Promise<void> {
  const cache = llm.newCache(promptRows + count);
  let logits = await llm.prefill(embeds, cache, noTurn);
  for (let i = 1; i < count; i++) {
    const id = argmax(await values(logits));
    dispose(logits);
    logits = llm.step(id, cache);
  }
  argmax(await values(logits));
  dispose(logits);
  cache.dispose();
}
