/** The sections of the benchmark: a line each. */
import type { LoadOptions } from "../../src/index.ts";
import { benchEncoder } from "./encoder.ts";
import { benchHotwords } from "./hotwords.ts";
import { benchLlama } from "./llama.ts";
import { benchParaformer } from "./paraformer.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchQuantize } from "./quantize.ts";
import { syntheticNano } from "./synthetic.ts";
import { benchDecoding } from "./tensorflow.ts";
import { syntheticParaformer } from "./synthetic-paraformer.ts";

/** Named figures; the unit is part of the name. */
export type Figures = { readonly [name: string]: number | string };

export interface Section {
  readonly title: string;
  readonly run: () => Promise<Figures>;
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
  paraformer: {
    title: "Paraformer at full size (synthetic Q8_0), 60 s in one pass, wasm",
    run: () => benchParaformer("wasm", "Q8_0", 60),
  },
  "paraformer-q4_k": {
    title: "The same in Q4_K",
    run: () => benchParaformer("wasm", "Q4_K", 60),
  },
  encoder: {
    title: "Fun-ASR-Nano's encoder (70 layers, Q8_0), 60 s, against onnxruntime-node in f32",
    run: async () => benchEncoder(await syntheticNano("Q8_0"), 70, 60),
  },
  "paraformer-encoder": {
    title: "Paraformer's encoder (50 layers, Q8_0), 60 s, against onnxruntime-node in f32",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60),
  },
  llama: {
    title: "Qwen3-0.6B in Q8_0: prefill and decoding, against node-llama-cpp",
    run: benchLlama,
  },
  "tensorflow-encoder": {
    title:
      "Paraformer's encoder on tensorflow in f32, 60 s, against onnxruntime-node (needs setup:tensorflow)",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60, onTensorflow("float32")),
  },
  "tensorflow-encoder-bf16": {
    title: "The same in bfloat16",
    run: async () => benchEncoder(await syntheticParaformer("Q8_0"), 50, 60, onTensorflow("bfloat16")),
  },
  "tensorflow-decoding": {
    title: "The demo model's decoding on tensorflow: eager, graph, XLA (needs setup:tensorflow)",
    run: () => benchDecoding("models/demo/fun-asr-demo-q8_0.gguf", 200),
  },
  hotwords: {
    title: "Hotwords in a draft of 350 characters",
    run: benchHotwords,
  },
  quantize: {
    title: "Floats to blocks, one thread",
    run: benchQuantize,
  },
};
