/**
 * The SAN-M encoder layer: self-attention with a memory.
 * Gao et al., "SAN-M: Memory Equipped Self-Attention for End-to-End Speech Recognition", arXiv:2006.01713.
 * Shared by SenseVoice's encoder (Fun-ASR-Nano) and Paraformer's. FunASR's EncoderLayerSANM.
 */
import { attention } from "../nn/attention.ts";
import { add } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { block } from "../nn/weights.ts";
import { fusedSanmLayer } from "../nn/whole-sanm-layer.ts";

export interface SanmConfig {
  /** Width D of the stream. */
  readonly size: number;
  readonly heads: number;
  /** Inner width of the feed-forward. */
  readonly linearUnits: number;
  /** Taps of the memory's kernel, centered. */
  readonly kernelSize: number;
  readonly eps: number;
}

/** y = W·softmax(QKᵀ/√d)V + FSMN(V), where FSMN(V) = V + conv(V) remembers the frames nearby (section 2.2). */
export const sanmAttention = block((w, inSize: number, { size, heads, kernelSize }: SanmConfig) => {
  const queryKeyValue = w.fusedLinear("linear_q_k_v", ["q", "k", "v"], inSize, size);
  const attend = attention(w, { heads, headDim: size / heads });
  const output = w.linear("linear_out", size, size);
  const memory = w.fsmn("fsmn_block", size, kernelSize);

  // x: [T, inSize]
  return (x: Tensor) => {
    const [q, k, v] = queryKeyValue(x) as [Tensor, Tensor, Tensor]; // [T, D] each
    return add(output(attend(q, k, v)), memory(v)); // [T, D]
  };
});

/** y = W₂·relu(W₁·x) */
export const feedForward = block((w, size: number, inner: number) => {
  const up = w.linear("w_1", size, inner);
  const down = w.linear("w_2", inner, size);
  return (x: Tensor) => down(up.relu(x));
});

/** The weights of a layer by their part in it. */
const layerNames = {
  matrices: {
    queryKeyValue: "self_attn.linear_q_k_v",
    output: "self_attn.linear_out",
    up: "feed_forward.w_1",
    down: "feed_forward.w_2",
  },
  norms: { attentionNorm: "norm1", feedForwardNorm: "norm2" },
  memory: "self_attn.fsmn_block",
} as const;

/**
 * x ← x + SANM(LN(x)), then x ← x + FFN(LN(x)); in one kernel where there is one and nobody listens. A layer that widens
 * its input has no first skip.
 */
export const sanmLayer = block((w, inSize: number, config: SanmConfig) => {
  const { size, heads, linearUnits, kernelSize, eps } = config;
  const norm1 = w.layerNorm("norm1", inSize, eps);
  const attend = sanmAttention(w.at("self_attn"), inSize, config);
  const residual = w.stage("residual", size);
  const norm2 = w.layerNorm("norm2", size, eps);
  const feed = feedForward(w.at("feed_forward"), size, linearUnits);
  const sizes = { inSize, size, inner: linearUnits, heads, taps: kernelSize, eps };
  const whole = fusedSanmLayer(w, layerNames, sizes);

  // x: [T, inSize]
  return (x: Tensor) => {
    const z = whole(x);
    if (z !== undefined) return z;
    const y = attend(norm1(x));
    const h = residual.emit(inSize === size ? add(x, y) : y);
    return add(h, feed(norm2(h))); // [T, D]
  };
});
