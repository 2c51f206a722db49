/** Paraformer-zh at full size: 50 encoder and 16 decoder blocks, 8404 tokens, 220 million random weights. */
import { float32, string, strings, uint32 } from "../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../src/checkpoints/gguf/index.ts";
import { synthesise } from "./synthetic.ts";
import type { StoredMatrices } from "./synthetic.ts";

const vocabSize = 8404;
const featureSize = 560;

export function syntheticParaformer(format: StoredMatrices): Promise<string> {
  const extra = ["cmvn.shift", "cmvn.scale"].map((path) => ({ path, shape: [featureSize] }));
  return synthesise({ name: "paraformer", metadata: metadata(), extra }, format);
}

function metadata(): Map<string, TypedValue> {
  const attention = { attention_heads: 4, linear_units: 2048, kernel_size: 11 };
  const numbers = (part: string, values: { readonly [key: string]: number }): [string, TypedValue][] =>
    Object.entries(values).map(([key, value]) => [`paraformer.${part}.${key}`, uint32(value)]);
  const fractions = { threshold: 1, tail_threshold: 0.45, smooth_factor: 1, noise_threshold: 0 };
  return new Map<string, TypedValue>([
    ["general.architecture", string("paraformer")],
    ...numbers("encoder", { input_size: featureSize, output_size: 512, ...attention, num_blocks: 50 }),
    ...numbers("predictor", { l_order: 1, r_order: 1 }),
    ...Object.entries(fractions).map(([key, value]): [string, TypedValue] => [
      `paraformer.predictor.${key}`,
      float32(value),
    ]),
    ...numbers("decoder", { ...attention, num_blocks: 16, att_layer_num: 16, sanm_shift: 0 }),
    ["paraformer.vocab_size", uint32(vocabSize)],
    ["tokenizer.ggml.tokens", strings(vocabulary())],
  ]);
}

/** The three control tokens, ideographs for the other places, and the unknown token. */
function vocabulary(): string[] {
  const ideographs = Array.from({ length: vocabSize - 4 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  return ["<blank>", "<s>", "</s>", ...ideographs, "<unk>"];
}
