/** A random Fun-ASR-Nano of the real shape , small, with random numbers. */
import type { Checkpoint, Metadata } from "../../../src/checkpoints/checkpoint.ts";
import { memoryCheckpoint } from "../fakes/memory-checkpoint.ts";
import type { MemoryTensor } from "../fakes/memory-checkpoint.ts";
import { normals } from "./random.ts";

const size = 32;
const inputSize = 28;
const linearUnits = 48;
const kernelSize = 11;
const llm = { layers: 2, size: 32, heads: 4, kvHeads: 2, headDim: 16, inner: 40, vocab: 50 };
const ctcVocab = 20;

export const tinyNano = { size, inputSize, vocab: llm.vocab, ctcVocab, llmSize: llm.size } as const;

const metadata: Metadata = new Map<string, string | number | boolean>([
  ["general.architecture", "fun-asr-nano"],
  ...keys("fun-asr-nano.frontend", { n_mels: inputSize / 7 }),
  ...keys("fun-asr-nano.encoder", {
    input_size: inputSize,
    output_size: size,
    attention_heads: 4,
    linear_units: linearUnits,
    num_blocks: 3,
    tp_blocks: 2,
    kernel_size: kernelSize,
  }),
  ...keys("fun-asr-nano.adaptor", {
    encoder_dim: size,
    ffn_dim: 24,
    llm_dim: llm.size,
    n_layer: 2,
    attention_heads: 8,
    use_low_frame_rate: true,
  }),
  ...keys("fun-asr-nano.ctc_decoder", {
    encoder_dim: size,
    ffn_dim: 24,
    llm_dim: size,
    n_layer: 1,
    attention_heads: 4,
  }),
  ...keys("fun-asr-nano.ctc", { vocab_size: ctcVocab, blank_id: ctcVocab - 1 }),
  ...keys("fun-asr-nano.llm", {
    block_count: llm.layers,
    embedding_length: llm.size,
    feed_forward_length: llm.inner,
    head_count: llm.heads,
    head_count_kv: llm.kvHeads,
    head_dim: llm.headDim,
    vocab_size: llm.vocab,
    context_length: 512,
    rope_freq_base: 1e6,
    rms_norm_eps: 1e-6,
  }),
]);

function keys(prefix: string, values: { [key: string]: number | boolean }): [string, number | boolean][] {
  return Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]);
}

/** The checkpoint; `edit` may change its tensors or keys first. */
export function tinyNanoCheckpoint(
  edit: (
    tensors: Map<string, MemoryTensor>,
    metadata: Map<string, string | number | boolean>,
  ) => void = () => {},
): Checkpoint {
  const tensors = new Map<string, MemoryTensor>();
  let seed = 0;
  const put = (name: string, ...shape: number[]): void => {
    const count = shape.reduce((a, b) => a * b, 1);
    const deviation = shape.length === 1 ? 0.3 : 1 / Math.sqrt(shape.at(-1)!);
    const values = normals(++seed, count, deviation);
    if (/norm.*\.weight$/.test(name)) for (let i = 0; i < count; i++) values[i]! += 1;
    tensors.set(name, { shape, values });
  };
  const linear = (path: string, input: number, output: number): void => {
    put(`${path}.weight`, output, input);
    put(`${path}.bias`, output);
  };
  const norm = (path: string, width: number): void => {
    put(`${path}.weight`, width);
    put(`${path}.bias`, width);
  };
  const feedForward = (path: string, width: number, inner: number): void => {
    linear(`${path}.w_1`, width, inner);
    linear(`${path}.w_2`, inner, width);
  };

  const encoder = "audio_encoder";
  for (const layer of ["encoders0.0", "encoders.0", "encoders.1", "tp_encoders.0", "tp_encoders.1"]) {
    const input = layer === "encoders0.0" ? inputSize : size;
    norm(`${encoder}.${layer}.norm1`, input);
    linear(`${encoder}.${layer}.self_attn.linear_q_k_v`, input, 3 * size);
    linear(`${encoder}.${layer}.self_attn.linear_out`, size, size);
    put(`${encoder}.${layer}.self_attn.fsmn_block.weight`, size, kernelSize);
    norm(`${encoder}.${layer}.norm2`, size);
    feedForward(`${encoder}.${layer}.feed_forward`, size, linearUnits);
  }
  norm(`${encoder}.after_norm`, size);
  norm(`${encoder}.tp_norm`, size);

  const transformer = (path: string, layers: number, width: number): void => {
    linear(`${path}.linear1`, size, 24);
    linear(`${path}.linear2`, 24, width);
    for (let i = 0; i < layers; i++) {
      norm(`${path}.blocks.${i}.norm1`, width);
      for (const part of ["q", "k", "v", "out"])
        linear(`${path}.blocks.${i}.self_attn.linear_${part}`, width, width);
      norm(`${path}.blocks.${i}.norm2`, width);
      feedForward(`${path}.blocks.${i}.feed_forward`, width, width / 4);
    }
  };
  transformer("audio_adaptor", 2, llm.size);
  transformer("ctc_decoder", 1, size);
  linear("ctc.ctc_lo", size, ctcVocab);

  put("llm.model.embed_tokens.weight", llm.vocab, llm.size);
  for (let i = 0; i < llm.layers; i++) {
    const path = `llm.model.layers.${i}`;
    put(`${path}.input_layernorm.weight`, llm.size);
    put(`${path}.self_attn.q_proj.weight`, llm.heads * llm.headDim, llm.size);
    put(`${path}.self_attn.k_proj.weight`, llm.kvHeads * llm.headDim, llm.size);
    put(`${path}.self_attn.v_proj.weight`, llm.kvHeads * llm.headDim, llm.size);
    put(`${path}.self_attn.q_norm.weight`, llm.headDim);
    put(`${path}.self_attn.k_norm.weight`, llm.headDim);
    put(`${path}.self_attn.o_proj.weight`, llm.size, llm.heads * llm.headDim);
    put(`${path}.post_attention_layernorm.weight`, llm.size);
    put(`${path}.mlp.gate_proj.weight`, llm.inner, llm.size);
    put(`${path}.mlp.up_proj.weight`, llm.inner, llm.size);
    put(`${path}.mlp.down_proj.weight`, llm.size, llm.inner);
  }
  put("llm.model.norm.weight", llm.size);

  const edited = new Map(metadata) as Map<string, string | number | boolean>;
  edit(tensors, edited);
  return memoryCheckpoint(edited, tensors);
}
