/**
 * The small Transformer that Fun-ASR-Nano uses twice, as the audio adaptor (into the LLM's space) and as the CTC
 * decoder: two linear maps, then pre-norm layers without positions and without a final norm.
 * FunASR's llm_asr.adaptor.Transformer; the feed-forward's inner width is a quarter of the stream's.
 */
import type { TransformerConfig } from "../../configs/fun-asr-nano.ts";
import {
  add,
  attention,
  block,
  blockOfLayers,
  layerNorm,
  linear,
  parallelLinears,
  runLayers,
  stage,
} from "../../nn/index.ts";
import type { Tensor, Weights } from "../../nn/index.ts";
import type { Encode } from "../sanm-encoder.ts";
import { feedForward } from "../sanm.ts";

const eps = 1e-12;

/** y = W·softmax(QKᵀ/√d)V, where every row attends to every row. */
const multiHeadedAttention = block((w, size: number, heads: number) => {
  const queryKeyValue = parallelLinears(w, ["linear_q", "linear_k", "linear_v"], size, [size, size, size]);
  const attend = attention(w, { heads, headDim: size / heads });
  const output = linear(w, "linear_out", size, size);
  return (x: Tensor) => {
    const [q, k, v] = queryKeyValue(x); // [T, D] each
    return output(attend(q, k, v));
  };
});

/** x ← x + MHA(LN(x)), then x ← x + FFN(LN(x)). */
const encoderLayer = block((w, size: number, heads: number) => {
  const norm1 = layerNorm(w, "norm1", size, eps);
  const attend = multiHeadedAttention(w.at("self_attn"), size, heads);
  const residual = stage(w, "residual", size);
  const norm2 = layerNorm(w, "norm2", size, eps);
  const feed = feedForward(w.at("feed_forward"), size, size / 4);
  return (x: Tensor) => {
    const h = residual.emit(add(x, attend(norm1(x))));
    return add(h, feed(norm2(h)));
  };
});

/** y = W₂·relu(W₁·x), before the layers, at the Transformer's own cursor. */
function front(w: Weights, { encoderDim, ffnDim, llmDim }: TransformerConfig): (x: Tensor) => Tensor {
  const linear1 = linear(w, "linear1", encoderDim, ffnDim);
  const linear2 = linear(w, "linear2", ffnDim, llmDim);
  return (encoded) => linear2(linear1.relu(encoded)); // [T, llmDim]
}

/** Layers [T, encoderDim] → [T, llmDim], to be applied one after the other. */
export function transformerLayers(w: Weights, config: TransformerConfig): ((x: Tensor) => Tensor)[] {
  const { llmDim, heads } = config;
  const first = front(w, config);
  const blocks = Array.from({ length: config.layers }, (_, i) =>
    encoderLayer(w.at(`blocks.${i}`), llmDim, heads),
  );
  return blockOfLayers(w, [first, ...blocks]);
}

export function transformer(w: Weights, config: TransformerConfig): Encode {
  const layers = transformerLayers(w, config);
  return (encoded, between) => runLayers(layers, encoded, between);
}
