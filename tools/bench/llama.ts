/**
 * The language model against llama.cpp: the same synthetic Qwen3-0.6B in Q8_0, prefill of 200 and decoding of 100
 * tokens, interleaved, through node-llama-cpp's prebuilt CPU library on the same number of threads.
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../converters/writers/convert.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { Engine } from "../../src/node.ts";
import { dispose, values } from "../../src/nn/ops.ts";
import type { Tensor } from "../../src/nn/ops.ts";
import { argmax } from "../../src/decoding/greedy.ts";
import { median, peer, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

const threads = 2;
const rounds = 3;
const promptTokens = 200;
const newTokens = 100;
const prompt: readonly number[] = Array.from(
  { length: promptTokens },
  (_, i) => 1000 + ((i * 7919) % 50_000),
);

export interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>;
  evaluate(tokens: number[], options: object): AsyncIterable<number>;
}

interface NodeLlamaCpp {
  getLlama(options: object): Promise<{
    loadModel(options: object): Promise<{
      createContext(options: object): Promise<{ getSequence(): LlamaSequence }>;
      dispose(): Promise<void>;
    }>;
    dispose(): Promise<void>;
  }>;
}

export async function benchLlama(
  theirEngine: () => Promise<NodeLlamaCpp> = () => peer("node-llama-cpp"),
): Promise<Figures> {
  const whole = await syntheticNano("Q8_0");
  const { sequence, dispose: endTheirs } = await openLlama(theirEngine);
  await using checkpoint = await openCheckpoint(whole);
  using engine = new Engine({ backend: "wasm" });
  const ours = await buildModel(checkpoint, { engine, backend: "wasm" });
  const model = ours.model as FunAsrNano;

  const figures = {
    prefill: [] as number[],
    decode: [] as number[],
    llamaPrefill: [] as number[],
    llamaDecode: [] as number[],
  };
  for (let round = 0; round <= rounds; round++) {
    const mine = await engine.run("wasm", () => runOurs(model));
    const their = await runLlama(sequence, prompt, newTokens);
    if (round === 0) continue; // the first round warms up both
    figures.prefill.push(mine.prefill);
    figures.decode.push(mine.decode);
    figures.llamaPrefill.push(promptTokens / their.prefill);
    figures.llamaDecode.push(newTokens / their.decode);
  }
  ours.dispose();
  await endTheirs();
  return {
    "prefill.tokensPerSecond": median(figures.prefill),
    "prefill.llamaTokensPerSecond": median(figures.llamaPrefill),
    "prefill.ratio": median(figures.prefill) / median(figures.llamaPrefill),
    "decode.tokensPerSecond": median(figures.decode),
    "decode.llamaTokensPerSecond": median(figures.llamaDecode),
    "decode.ratio": median(figures.decode) / median(figures.llamaDecode),
  };
}

type Rates = { readonly prefill: number; readonly decode: number };

/** Prefill, then one token at a time, each sampled as the recognizer does. */
async function runOurs({ llm }: FunAsrNano): Promise<Rates> {
  const embeds = llm.embed(prompt);
  const cache = llm.newCache(promptTokens + newTokens);
  let logits: Tensor | undefined;
  const prefillSeconds = await timed(async () => {
    logits = await llm.prefill(embeds, cache, async () => {});
    await values(logits);
  });
  const decodeSeconds = await timed(async () => {
    for (let i = 0; i < newTokens; i++) {
      const id = argmax(await values(logits!));
      dispose(logits!);
      logits = llm.step(id, cache);
    }
  });
  dispose([embeds, logits!]);
  cache.dispose();
  return { prefill: promptTokens / prefillSeconds, decode: newTokens / decodeSeconds };
}

/** The synthetic language model in llama.cpp. */
export async function openLlama(
  engine: () => Promise<NodeLlamaCpp> = () => peer("node-llama-cpp"),
): Promise<{ readonly sequence: LlamaSequence; dispose(): Promise<void> }> {
  const audio = join(tmpdir(), "fun-asr-bench", "official.gguf");
  const llm = join(tmpdir(), "fun-asr-bench", "official-qwen3.gguf");
  if (!existsSync(llm))
    await convert(await syntheticNano("Q8_0"), audio, { layout: "official", type: "Q8_0" });
  const { getLlama } = await engine();
  const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
  const model = await llama.loadModel({ modelPath: llm });
  const context = await model.createContext({ contextSize: 512, threads, batchSize: 512 });
  return {
    sequence: context.getSequence(),
    dispose: async () => {
      await model.dispose();
      await llama.dispose();
    },
  };
}

/** Seconds of the prompt, and of `count` tokens after it, one by one. */
export async function runLlama(
  sequence: LlamaSequence,
  ids: readonly number[],
  count: number,
): Promise<{ readonly prefill: number; readonly decode: number }> {
  await sequence.clearHistory();
  const prefill = await timed(() => sequence.evaluateWithoutGeneratingNewTokens([...ids]));
  let tokens = 0;
  const decode = await timed(async () => {
    for await (const _ of sequence.evaluate([1000], { temperature: 0, yieldEogToken: true })) {
      if (++tokens === count) break;
    }
  });
  return { prefill, decode };
}
