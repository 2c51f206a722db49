/**
 * Fun-ASR-Nano as earlier revisions of `Fun-ASR-Nano-2512-hf` name it, and audio.cpp's published files, which were made from
 * one: the encoder in three stacks (`stem`, `layers`, `timestamp_prediction_layers`) with norms of their own. Revisions
 * differ in single modules, which are brought to one spelling first.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { NamePair } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { repeat, under, weightAndBias } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { modulesIn } from "./sizes.ts";
import { fused, twice } from "./transformers-names.ts";

/** Spellings of other revisions, below `audio_tower` and the adaptor. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/^audio_adaptor\./u, "multi_modal_projector."],
  [/^(multi_modal_projector)\.layers\./u, "$1.blocks."],
  [/\.feedforward_sequential_memory\./u, ".fsmn."],
  [/\.self_attn\.o_proj\./u, ".self_attn.out_proj."],
  [/\.mlp\.(fc[12])\./u, ".$1."],
];

const layer: readonly NamePair[] = [
  ...weightAndBias("self_attn_layer_norm", "norm1"),
  ...weightAndBias("final_layer_norm", "norm2"),
  ...weightAndBias("self_attn.out_proj", "self_attn.linear_out"),
  ...weightAndBias("fc1", "feed_forward.w_1"),
  ...weightAndBias("fc2", "feed_forward.w_2"),
];

const encoderLayer: readonly NamePair[] = [
  ...layer,
  ...fused.flatMap((part) => weightAndBias(`self_attn.${part}_proj`, `self_attn.linear_q_k_v/${part}`)),
  ["fsmn.conv.weight", "self_attn.fsmn_block.weight"],
];

const adaptorLayer: readonly NamePair[] = [
  ...layer,
  ...fused.flatMap((part) => weightAndBias(`self_attn.${part}_proj`, `self_attn.linear_${part}`)),
];

/** Numbers of layers in each stack. */
interface Stacks {
  readonly layers: number;
  readonly timePrediction: number;
  readonly adaptor: number;
}

export const splitNames = ({ layers, timePrediction, adaptor }: Stacks): readonly NamePair[] => [
  ...under("audio_tower.stem.", "audio_encoder.encoders0.0.", encoderLayer),
  ...repeat(layers, (i) => under(`audio_tower.layers.${i}.`, `audio_encoder.encoders.${i}.`, encoderLayer)),
  ...repeat(timePrediction, (i) =>
    under(`audio_tower.timestamp_prediction_layers.${i}.`, `audio_encoder.tp_encoders.${i}.`, encoderLayer),
  ),
  ...weightAndBias("audio_tower.layer_norm", "audio_encoder.after_norm"),
  ...weightAndBias("audio_tower.timestamp_prediction_layer_norm", "audio_encoder.tp_norm"),
  ...weightAndBias("multi_modal_projector.linear_1", "audio_adaptor.linear1"),
  ...weightAndBias("multi_modal_projector.linear_2", "audio_adaptor.linear2"),
  ...repeat(adaptor, (i) =>
    under(`multi_modal_projector.blocks.${i}.`, `audio_adaptor.blocks.${i}.`, adaptorLayer),
  ),
];

/** `tensors` in one spelling, without `model.`. Throws `bad_tensors` where two get the same name. */
export function inOneSpelling(
  source: string,
  tensors: ReadonlyMap<string, TensorEntry>,
): ReadonlyMap<string, TensorEntry> {
  const result = new Map<string, TensorEntry>();
  for (const [name, entry] of tensors) {
    const plain = name.replace(/^model\./u, "");
    const isAudio = !/^(language_model|lm_head)\./u.test(plain);
    const spelled = isAudio ? spellings.reduce((text, [from, to]) => text.replace(from, to), plain) : plain;
    if (result.has(spelled)) throw twice(source, spelled);
    result.set(spelled, entry);
  }
  return result;
}

/** How many layers the stacks have. */
export function stacksOf(names: readonly string[]): Stacks {
  return {
    layers: modulesIn("audio_tower.layers", names),
    timePrediction: modulesIn("audio_tower.timestamp_prediction_layers", names),
    adaptor: modulesIn("multi_modal_projector.blocks", names),
  };
}
