/**
 * The SAN-M encoder layer: self-attention with an FSMN memory.
 * Gao et al., "SAN-M: Memory Equipped Self-Attention for End-to-End Speech Recognition", arXiv:2006.01713.
 * Shared by SenseVoice's encoder (Fun-ASR-Nano) and Paraformer's. FunASR's EncoderLayerSANM.
 */
import type { SanmConfig } from "../configs/encoders.ts";
import {
  add,
  attention,
  block,
  fsmn,
  fusedLinear,
  fusedSanmLayer,
  layerNorm,
  linear,
  stage,
} from "../nn/index.ts";
import type { Tensor } from "../nn/index.ts";

/** y = W·softmax(QKᵀ/√d)V + FSMN(V), where FSMN(V) = V + conv(V) is a memory of nearby frames (section 2.2). */
const sanmAttention = block((w, inSize: number, { size, heads, kernelSize }: SanmConfig) => {
  const queryKeyValue = fusedLinear(w, "linear_q_k_v", ["q", "k", "v"], inSize, size);
  const attend = attention(w, { heads, headDim: size / heads });
  const output = linear(w, "linear_out", size, size);
  const memory = fsmn(w, "fsmn_block", size, kernelSize);

  // x: [T, inSize]
  const forward = (x: Tensor): Tensor => {
    const [q, k, v] = queryKeyValue(x); // [T, D] each
    return add(output(attend(q, k, v)), memory(v)); // [T, D]
  };
  return Object.assign(forward, { parts: { queryKeyValue, output, memory } });
});

/** y = W₂·relu(W₁·x) */
export const feedForward = block((w, size: number, inner: number) => {
  const up = linear(w, "w_1", size, inner);
  const down = linear(w, "w_2", inner, size);
  return Object.assign((x: Tensor) => down(up.relu(x)), { parts: { up, down } });
});

/**
 * x ← x + SANM(LN(x)), then x ← x + FFN(LN(x)); in one kernel where there is one and no hook wants a stage of
 * it. A layer that widens its input has no first skip.
 */
export const sanmLayer = block((w, inSize: number, config: SanmConfig) => {
  const { size, heads, linearUnits, eps } = config;
  const attentionNorm = layerNorm(w, "norm1", inSize, eps);
  const attend = sanmAttention(w.at("self_attn"), inSize, config);
  const residual = stage(w, "residual", size);
  const feedForwardNorm = layerNorm(w, "norm2", size, eps);
  const feed = feedForward(w.at("feed_forward"), size, linearUnits);
  const modules = { attentionNorm, ...attend.parts, feedForwardNorm, ...feed.parts };
  const fused = fusedSanmLayer(w, modules, { heads, inner: linearUnits, eps });

  // x: [T, inSize]
  return (x: Tensor) => {
    const z = fused(x);
    if (z !== undefined) return z;
    const y = attend(attentionNorm(x));
    const h = residual.emit(inSize === size ? add(x, y) : y);
    return add(h, feed(feedForwardNorm(h))); // [T, D]
  };
});
