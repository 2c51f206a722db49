/**
 * Fun-ASR-Nano as Hugging Face's Transformers names it: queries, keys and values apart, the encoder's blocks in one
 * numbering, its two norms within the last block of each stack. Names may begin with `model.`.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { NamePair } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { repeat, under, weightAndBias } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { TensorsError } from "../../../src/errors.ts";
import { joinedRows } from "../joined-rows.ts";

/** Numbers of blocks. */
interface Blocks {
  /** The encoder's, both stacks together. */
  readonly encoder: number;
  /** The second stack's share of them. */
  readonly timePrediction: number;
  readonly adaptor: number;
}

/** The parts of a tensor that has the rows of several, in their order. */
export const fused = ["q", "k", "v"] as const;

/** Queries, keys and values are the parts `….q` etc. of one tensor. */
const encoderLayer: readonly NamePair[] = [
  ...weightAndBias("input_layernorm", "norm1"),
  ...weightAndBias("post_attention_layernorm", "norm2"),
  ...fused.flatMap((part) => weightAndBias(`self_attn.${part}_proj`, `self_attn.linear_q_k_v/${part}`)),
  ...weightAndBias("self_attn.o_proj", "self_attn.linear_out"),
  ["self_attn.fsmn.conv.weight", "self_attn.fsmn_block.weight"],
  ...weightAndBias("mlp.fc1", "feed_forward.w_1"),
  ...weightAndBias("mlp.fc2", "feed_forward.w_2"),
];

const adaptorLayer: readonly NamePair[] = [
  ...weightAndBias("input_layernorm", "norm1"),
  ...weightAndBias("post_attention_layernorm", "norm2"),
  ...fused.flatMap((part) => weightAndBias(`self_attn.${part}_proj`, `self_attn.linear_${part}`)),
  ...weightAndBias("self_attn.o_proj", "self_attn.linear_out"),
  ...weightAndBias("mlp.fc1", "feed_forward.w_1"),
  ...weightAndBias("mlp.fc2", "feed_forward.w_2"),
];

/** Names of the audio half; those of the language model differ in their beginning only. */
export const transformersNames = ({ encoder, timePrediction, adaptor }: Blocks): readonly NamePair[] => {
  const base = encoder - timePrediction;
  const layers = "audio_tower.layers";
  return [
    ...repeat(encoder, (i) => {
      const rest = i < base ? `encoders.${i - 1}.` : `tp_encoders.${i - base}.`;
      const ours = `audio_encoder.${i === 0 ? "encoders0.0." : rest}`;
      return under(`${layers}.${i}.`, ours, encoderLayer);
    }),
    ...weightAndBias(`${layers}.${base - 1}.final_layernorm`, "audio_encoder.after_norm"),
    ...weightAndBias(`${layers}.${encoder - 1}.final_layernorm`, "audio_encoder.tp_norm"),
    ...weightAndBias("multi_modal_projector.linear_1", "audio_adaptor.linear1"),
    ...weightAndBias("multi_modal_projector.linear_2", "audio_adaptor.linear2"),
    ...repeat(adaptor, (i) =>
      under(`multi_modal_projector.layers.${i}.`, `audio_adaptor.blocks.${i}.`, adaptorLayer),
    ),
  ];
};

/**
 * `tensors` under canonical names, in the order of the file; a name that is in no table stays as it is. Throws `bad_tensors`
 * where two get the same name.
 */
export function renamed(
  source: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  pairs: readonly NamePair[],
): ReadonlyMap<string, TensorEntry> {
  const table = new Map(pairs);
  const result = new Map<string, TensorEntry>();
  const parts = new Map<string, Map<string, TensorEntry>>();
  for (const [name, entry] of tensors) {
    const plain = name.replace(/^model\./u, "");
    const canonical = table.get(plain) ?? plain.replace(/^language_model\./u, "llm.model.");
    const [whole = "", part, suffix] = canonical.split(/\/(\w)/u);
    if (part === undefined || suffix === undefined) {
      const ours = canonical === "lm_head.weight" ? "llm.lm_head.weight" : canonical;
      if (result.has(ours)) throw twice(source, ours);
      result.set(ours, { ...entry, name: ours });
      continue;
    }
    const known = parts.get(whole + suffix) ?? new Map<string, TensorEntry>();
    if (known.has(part)) throw twice(source, plain);
    parts.set(whole + suffix, known.set(part, entry));
    result.set(whole + suffix, entry); // its place
  }
  for (const [name, held] of parts) {
    const [first, ...others] = fused.flatMap((part) => held.get(part) ?? []);
    // with a part missing, the whole has too few rows, and is refused for its shape
    if (first !== undefined) result.set(name, joinedRows(name, [first, ...others]));
  }
  return result;
}

export const twice = (source: string, name: string): TensorsError =>
  new TensorsError(source, [{ name, problem: "two tensors have this name" }]);
