/** The published models without their weights: keys, and tensors of the real shapes that cannot be read. */
import type { OpenModel } from "../../../converters/readers/open-model.ts";
import { byteLength } from "../../../kernels/formats/table.ts";
import type { Checkpoint, MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { expectedTensors } from "../../../src/architectures/build.ts";

type Sizes = Readonly<Record<string, Readonly<Record<string, number>>>>;

const frontend = {
  sample_rate: 16_000,
  n_mels: 80,
  frame_length_ms: 25,
  frame_shift_ms: 10,
  lfr_m: 7,
  lfr_n: 6,
};
const encoder = {
  input_size: 560,
  output_size: 512,
  attention_heads: 4,
  linear_units: 2048,
  num_blocks: 50,
  kernel_size: 11,
};

export const realNano = (): OpenModel =>
  realSize(
    "fun-asr-nano",
    {
      frontend,
      encoder: { ...encoder, tp_blocks: 20 },
      adaptor: { encoder_dim: 512, ffn_dim: 2048, llm_dim: 1024, n_layer: 2, attention_heads: 8 },
      llm: {
        block_count: 28,
        embedding_length: 1024,
        feed_forward_length: 3072,
        head_count: 16,
        head_count_kv: 8,
        head_dim: 128,
        vocab_size: 151_936,
        context_length: 40_960,
        rope_freq_base: 1e6,
        rms_norm_eps: 1e-6,
      },
    },
    [
      ["fun-asr-nano.adaptor.use_low_frame_rate", true],
      ["fun-asr-nano.llm.tie_word_embeddings", true],
      ["tokenizer.ggml.model", "gpt2"],
      ["tokenizer.ggml.tokens", []],
      ["tokenizer.ggml.merges", []],
      ["tokenizer.ggml.eos_token_id", 151_645],
      ["tokenizer.ggml.padding_token_id", 151_643],
    ],
  );

export const realParaformer = (): OpenModel => {
  const model = realSize(
    "paraformer",
    {
      frontend,
      encoder,
      predictor: {
        threshold: 1,
        l_order: 1,
        r_order: 1,
        tail_threshold: Math.fround(0.45),
        smooth_factor: 1,
        noise_threshold: 0,
      },
      decoder: {
        attention_heads: 4,
        linear_units: 2048,
        num_blocks: 16,
        att_layer_num: 16,
        kernel_size: 11,
        sanm_shift: 0,
      },
    },
    [
      ["paraformer.vocab_size", 8404],
      ["tokenizer.ggml.model", "char"],
      ["tokenizer.ggml.tokens", ["<blank>"]],
    ],
    ["cmvn.shift", "cmvn.scale"],
  );
  const embedding = unread("decoder.embed.0.weight", [8404, 512]);
  return { ...model, extraTensors: new Map([[embedding.name, embedding]]) };
};

export const realSenseVoice = (): OpenModel =>
  realSize(
    "sensevoice",
    { frontend, encoder: { ...encoder, tp_blocks: 20 }, ctc: { blank_id: 0 } },
    [
      ["sensevoice.vocab_size", 25_055],
      ["tokenizer.ggml.model", "sentencepiece"],
      ["tokenizer.ggml.tokens", ["<unk>"]],
    ],
    ["cmvn.shift", "cmvn.scale"],
  );

export const realFsmnVad = (): OpenModel => {
  const model = realSize("fsmn-vad", { frontend: { ...frontend, lfr_m: 5, lfr_n: 1 } }, [
    ["fsmn-vad.input_dim", 400],
    ["fsmn-vad.input_affine_dim", 140],
    ["fsmn-vad.linear_dim", 250],
    ["fsmn-vad.proj_dim", 128],
    ["fsmn-vad.fsmn_layers", 4],
    ["fsmn-vad.lorder", 20],
    ["fsmn-vad.output_affine_dim", 140],
    ["fsmn-vad.output_dim", 248],
  ]);
  const cmvn = ["cmvn.shift", "cmvn.scale"].map((name) => [name, unread(name, [400])] as const);
  return { ...model, tensors: new Map([...cmvn, ...model.tensors]) };
};

function realSize(
  architecture: string,
  sizes: Sizes,
  others: readonly (readonly [string, MetadataValue])[],
  features: readonly string[] = [],
): OpenModel {
  const metadata = new Map<string, MetadataValue>([["general.architecture", architecture], ...others]);
  for (const [part, keys] of Object.entries(sizes)) {
    for (const [key, value] of Object.entries(keys)) metadata.set(`${architecture}.${part}.${key}`, value);
  }
  const bare: Checkpoint = {
    source: architecture,
    naming: "none",
    metadata,
    tensors: new Map(),
    [Symbol.asyncDispose]: async () => {},
  };
  const expected = expectedTensors(bare).map(({ path, shape }) => unread(path, shape));
  const entries = [...features.map((name) => unread(name, [560])), ...expected];
  return { ...bare, tensors: new Map(entries.map((entry) => [entry.name, entry])), notes: [], files: [] };
}

function unread(name: string, shape: readonly number[]): TensorEntry {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, shape, format: "BF16", byteLength: byteLength("BF16", count), read: async () => {} };
}
