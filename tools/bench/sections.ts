/** The sections of the benchmark: a line each. */
import type { LoadOptions } from "../../src/node.ts";
import { benchBandwidth } from "./bandwidth.ts";
import { benchDrafts, benchNoise } from "./drafts.ts";
import { benchEncoder } from "./encoder.ts";
import { benchFirstToken } from "./first-token.ts";
import { benchGrowth } from "./growth.ts";
import { benchHotwords } from "./hotwords.ts";
import { benchHour } from "./hour.ts";
import { benchLlama } from "./llama.ts";
import { benchParaformer } from "./paraformer.ts";
import { llamaForAvx2 } from "./peers.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchPunctuation } from "./punctuation.ts";
import { benchQuantize } from "./quantize.ts";
import { benchSeed } from "./seed.ts";
import { benchStart } from "./start.ts";
import { benchSoak } from "../soak/soak.ts";
import { benchSteps } from "./steps.ts";
import { benchCapture, benchUnusedHooks } from "./stages.ts";
import { syntheticNano } from "./synthetic.ts";
import { benchDecoding } from "./tensorflow.ts";
import { syntheticParaformer } from "./synthetic-paraformer.ts";

/** Named figures; the unit is part of the name. */
export type Figures = { readonly [name: string]: number | string };

interface Section {
  readonly title: string;
  readonly run: () => Promise<Figures>;
  /** Runs only if named: it needs a special setup, or has its own command. */
  readonly onRequest?: true;
}

const onTensorflow = (arithmetic: "float32" | "bfloat16"): LoadOptions => ({
  backend: "tensorflow",
  tensorflow: { arithmetic, expanded: true },
});

export const sections: { readonly [name: string]: Section } = {
  pipeline: {
    title: "Fun-ASR-Nano at full size (synthetic Q8_0), a 5 s clip, wasm",
    run: () => benchPipeline("wasm", 5, 50),
  },
  "pipeline-60s": {
    title: "The same, a 60 s clip",
    run: () => benchPipeline("wasm", 60, 100),
  },
  seed: {
    title: "60 s to 255 tokens, drafts right with p = 0.82, against onnxruntime-node and node-llama-cpp",
    run: benchSeed,
  },
  hour: {
    title: "Windows of 30 s of a long recording, one at a time and 8 at once, without and with drafts",
    run: benchHour,
  },
  paraformer: {
    title: "Paraformer at full size (synthetic Q8_0), 60 s in one pass, wasm",
    run: () => benchParaformer("wasm", "Q8_0", 60),
  },
  "paraformer-q4_k": {
    title: "The same in Q4_K",
    run: () => benchParaformer("wasm", "Q4_K", 60),
  },
  encoder: {
    title:
      "Fun-ASR-Nano's encoder (70 layers, Q8_0), 60 s, against onnxruntime-node's products and whole in f32",
    run: async () => benchEncoder(await syntheticNano("Q8_0"), 70, 60),
  },
  "paraformer-encoder": {
    title: "Paraformer's encoder (50 layers, Q8_0), 60 s, against onnxruntime-node in f32",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60),
  },
  punctuation: {
    title: "1,000 words through CT-Transformer large (12 layers of 516), f32, against onnxruntime-node",
    run: benchPunctuation,
  },
  llama: {
    title: "Qwen3-0.6B in Q8_0: prefill and decoding, against node-llama-cpp",
    run: () => benchLlama(),
  },
  "llama-avx2": {
    title: "The same against llama.cpp's library for AVX2",
    run: () => benchLlama(llamaForAvx2),
  },
  steps: {
    title: "Several tokens in one step, and overhead around the kernels (Qwen3-0.6B in Q8_0)",
    run: benchSteps,
  },
  drafts: {
    title: "Qwen3-0.6B with drafts that are right with a probability, against one token at a time",
    run: benchDrafts,
  },
  noise: {
    title: "Fun-ASR-Nano at full size with drafts that are noise, 10 s, against without drafts",
    run: benchNoise,
  },
  "first-token": {
    title: "Time to the first token of a 5 s clip, and of reading its prompt (the same)",
    run: () => benchFirstToken(5),
  },
  bandwidth: {
    title: "Reading memory, 2 threads",
    run: benchBandwidth,
  },
  start: {
    title: "Import of the library, and load of the demo, each in a new process",
    run: benchStart,
  },
  soak: {
    title:
      "1,000 transcriptions with a tiny model, four at a time, with drafts and windows at once: memory growth",
    run: () => benchSoak("fixtures/tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf", 1000),
    onRequest: true,
  },
  growth: {
    title: "The cost of a second of audio in recordings of 10 s to 2 h, the demo model, one thread",
    run: () => benchGrowth("models/demo/fun-asr-demo-q8_0.gguf"),
    onRequest: true,
  },
  "tensorflow-encoder": {
    title:
      "Paraformer's encoder on tensorflow in f32, 60 s, against onnxruntime-node (needs setup:tensorflow)",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60, onTensorflow("float32")),
    onRequest: true,
  },
  "tensorflow-encoder-bf16": {
    title: "The same in bfloat16",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60, onTensorflow("bfloat16")),
    onRequest: true,
  },
  "tensorflow-decoding": {
    title: "The demo model's decoding on tensorflow: eager, graph, XLA (needs setup:tensorflow)",
    run: () => benchDecoding("models/demo/fun-asr-demo-q8_0.gguf", 200),
    onRequest: true,
  },
  hotwords: {
    title: "Hotwords in a draft of 350 characters",
    run: benchHotwords,
  },
  capture: {
    title: "Every stage of a 60 s clip to disk, Fun-ASR-Nano at full size, against the same pass without",
    run: () => benchCapture(60),
  },
  silence: {
    title: "Cost of unused hook points: the demo model, a 5 s clip, against an engine without hook points",
    run: () => benchUnusedHooks("models/demo/fun-asr-demo-q8_0.gguf", 5, 100),
  },
  "silence-full": {
    title: "The same with Fun-ASR-Nano at full size",
    run: async () => benchUnusedHooks(await syntheticNano("Q8_0"), 5, 6),
    onRequest: true,
  },
  quantize: {
    title: "Floats to blocks, one thread",
    run: benchQuantize,
  },
};

/** The figures that the project is judged by; a ratio is our speed over the peer's. */
export function headline(all: { readonly [section: string]: Figures }): Figures {
  const from = (section: string, ...keys: string[]): [string, number | string][] =>
    keys.flatMap((key) => {
      const value = all[section]?.[key];
      return value === undefined ? [] : [[key, value] as [string, number | string]];
    });
  return Object.fromEntries([
    ...from("llama", "decode.tokensPerSecond", "decode.ratio", "prefill.tokensPerSecond", "prefill.ratio"),
    ...from("steps", "steps.m8", "overhead.ratio"),
    ...from("encoder", "encoder.seconds", "encoder.ratio", "encoder.wholeRatio"),
    ...from("seed", "seed.seconds", "seed.ratio"),
    ...from("pipeline-60s", "memory.peakBytes", "load.seconds", "realTimeFactor"),
  ]);
}
