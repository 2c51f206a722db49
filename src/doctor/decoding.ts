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

/** Tokens that a compiled graph generates in one call, which holds the thread. */
const perCall = 32;

/** Called between two computations; throws where the measurement must end. */
type Turn = () => Promise<void>;

/** A prompt of arbitrary numbers, [60, D]. */
export function examplePrompt({ config }: Qwen3): Tensor {
  const count = promptRows * config.size;
  const numbers = Float32Array.from({ length: count }, (_, i) => 0.05 * Math.sin(i * i + i));
  return tensor(numbers, [promptRows, config.size]);
}

export function steppedDecoding(llm: Qwen3, embeds: Tensor, turn: Turn): DecodingMethod {
  const generate = async (count: number): Promise<number[]> => {
    const cache = llm.newCache(promptRows + count);
    const tokens: number[] = [];
    let logits = await llm.prefill(embeds, cache, turn);
    for (;;) {
      tokens.push(argmax(await values(logits)));
      dispose(logits);
      if (tokens.length === count) break;
      await turn();
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
  { most, xla, turn }: { readonly most: number; readonly xla: boolean; readonly turn: Turn },
): Promise<DecodingMethod> {
  const start = performance.now();
  const plan = { buckets: [64], capacity: 64 + most, chunk: Math.min(most, perCall), endIds: [], xla };
  const decoder = await compileDecoder(llm, plan);
  const generate = async (count: number): Promise<number[]> => {
    const tokens = [decoder.begin(embeds)];
    while (tokens.length < count) {
      await turn();
      tokens.push(...decoder.next(tokens.at(-1)!, count - tokens.length));
    }
    return tokens;
  };
  await generate(2);
  return { setUpSeconds: (performance.now() - start) / 1000, generate, dispose: () => decoder.dispose() };
}
