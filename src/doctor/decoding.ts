/** How fast a language model decodes on `tensorflow`: step by step, as a graph, and as a graph that XLA compiles. */
import { compileDecoder } from "../../kernels/runtime/tensorflow/graph/compile.ts";
import type { Qwen3 } from "../models/qwen3.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { argmax } from "../decoding/greedy.ts";

export const promptRows = 60;

/** A way of decoding, for timing. */
export interface DecodingMethod {
  /** Seconds that compiling and the first run take; 0 for steps. */
  readonly setUpSeconds: number;
  /** Computes the prompt and generates `count` tokens. */
  readonly generate: (count: number) => Promise<number[]>;
  readonly dispose: () => void;
}

const noTurn = async (): Promise<void> => {};

/** A prompt of arbitrary numbers, [60, D]. */
export function examplePrompt({ config }: Qwen3): Tensor {
  const count = promptRows * config.size;
  const numbers = Float32Array.from({ length: count }, (_, i) => 0.05 * Math.sin(i * i + i));
  return tensor(numbers, [promptRows, config.size]);
}

export function steppedDecoding(llm: Qwen3, embeds: Tensor): DecodingMethod {
  const generate = async (count: number): Promise<number[]> => {
    const cache = llm.newCache(promptRows + count);
    const tokens: number[] = [];
    let logits = await llm.prefill(embeds, cache, noTurn);
    for (;;) {
      tokens.push(argmax(await values(logits)));
      dispose(logits);
      if (tokens.length === count) break;
      logits = llm.step(tokens.at(-1)!, cache);
    }
    cache.dispose();
    return tokens;
  };
  return { setUpSeconds: 0, generate, dispose: () => {} };
}

/** For texts of at most `most` tokens. */
export async function compiledDecoding(
  llm: Qwen3,
  embeds: Tensor,
  most: number,
  xla: boolean,
): Promise<DecodingMethod> {
  const start = performance.now();
  const plan = { buckets: [64], capacity: 64 + most, chunk: most, endIds: [], xla };
  const decoder = await compileDecoder(llm, plan);
  const generate = async (count: number): Promise<number[]> => {
    const first = decoder.begin(embeds);
    return count === 1 ? [first] : [first, ...decoder.next(first, count - 1)];
  };
  await generate(2);
  return { setUpSeconds: (performance.now() - start) / 1000, generate, dispose: () => decoder.dispose() };
}
