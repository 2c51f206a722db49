/** What a config.json may state of Qwen3 and is not read: other values are those of a model that is not computed. */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { Config } from "../config.ts";

/** Throws `checkpoint_malformed` for variants of the architecture. */
export function requireQwen3(llm: Config): void {
  llm.require("model_type", "qwen3");
  llm.require("hidden_act", "silu");
  llm.require("attention_bias", false);
  llm.require("use_sliding_window", false);
  llm.require("rope_scaling", undefined);
  llm.require("rope_parameters.rope_type", "default");
  const layers = llm.value("layer_types");
  if (layers === undefined) return;
  const isFull = Array.isArray(layers) && layers.every((layer) => layer === "full_attention");
  if (!isFull) throw malformed(llm.where("layer_types"), "other layers", "full_attention in every layer");
}

/** Base of the rotary angles; Transformers 5 nests it. */
export function ropeBase(llm: Config): number {
  const nested = "rope_parameters.rope_theta";
  if (llm.value(nested) === undefined) return llm.number("rope_theta");
  llm.require("rope_theta", llm.number(nested));
  return llm.number(nested);
}
