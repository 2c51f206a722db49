/**
 * The SAN-M encoder layer: self-attention with an FSMN memory.
 * Gao et al., "SAN-M: Memory Equipped Self-Attention for End-to-End Speech Recognition", arXiv:2006.01713.
 * Shared by SenseVoice's encoder (Fun-ASR-Nano), Paraformer's and CT-Transformer's. FunASR's EncoderLayerSANM, and
 * EncoderLayerSANM with a mask in SANMVadEncoder.
 */
import type { SanmConfig, SanmMask } from "../configs/encoders.ts";
import {
  add,
  attention,
  block,
  fsmn,
  fusedLinear,
  fusedSanmLayer,
  layerNorm,
  linear,
  prefixAttention,
  stage,
} from "../nn/index.ts";
import type { Tensor, Weights } from "../nn/index.ts";

/** From q, k, v [T, D] to [T, D]; `prefix` is the number of rows of the prefix, for the mask of this name. */
type Attend = (q: Tensor, k: Tensor, v: Tensor, prefix: number) => Tensor;

function attentionOf(w: Weights, { size, heads }: SanmConfig, mask: SanmMask): Attend {
  const shape = { heads, headDim: size / heads };
  if (mask === "prefix") return prefixAttention(w, shape);
  const attend = attention(w, { ...shape, causal: mask === "causal" });
  return (q, k, v) => attend(q, k, v);
}

/** y = W·softmax(QKᵀ/√d)V + FSMN(V), where FSMN(V) = V + conv(V) is a memory of nearby frames (section 2.2). */
const sanmAttention = block((w, inSize: number, config: SanmConfig, mask: SanmMask) => {
  const { size, kernelSize, sanmShift } = config;
  const queryKeyValue = fusedLinear(w, "linear_q_k_v", ["q", "k", "v"], inSize, size);
  const attend = attentionOf(w, config, mask);
  const output = linear(w, "linear_out", size, size);
  const memory = fsmn(w, "fsmn_block", size, kernelSize, (kernelSize - 1) / 2 + sanmShift);

  // x: [T, inSize]
  const forward = (x: Tensor, prefix: number): Tensor => {
    const [q, k, v] = queryKeyValue(x); // [T, D] each
    return add(output(attend(q, k, v, prefix)), memory(v)); // [T, D]
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
 * it. A layer that widens its input has no first skip. The kernel masks nothing, and its memory is centered.
 */
export const sanmLayer = block((w, inSize: number, config: SanmConfig, mask: SanmMask = "none") => {
  const { size, heads, linearUnits, sanmShift, eps } = config;
  const attentionNorm = layerNorm(w, "norm1", inSize, eps);
  const attend = sanmAttention(w.at("self_attn"), inSize, config, mask);
  const residual = stage(w, "residual", size);
  const feedForwardNorm = layerNorm(w, "norm2", size, eps);
  const feed = feedForward(w.at("feed_forward"), size, linearUnits);
  const modules = { attentionNorm, ...attend.parts, feedForwardNorm, ...feed.parts };
  const fused = fusedSanmLayer(w, modules, { heads, inner: linearUnits, eps });
  const hasKernel = mask === "none" && sanmShift === 0;

  // x: [T, inSize]
  return (x: Tensor, prefix: number = 0) => {
    const z = hasKernel ? fused(x) : undefined;
    if (z !== undefined) return z;
    const y = attend(attentionNorm(x), prefix);
    const h = residual.emit(inSize === size ? add(x, y) : y);
    return add(h, feed(feedForwardNorm(h))); // [T, D]
  };
});
