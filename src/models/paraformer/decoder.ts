/**
 * The parallel decoder: acoustic embeds become token logits in one pass, each layer a feed-forward, a memory over the
 * tokens and attention to the encoder. FunASR's ParaformerSANMDecoder; Gao et al., "Paraformer", arXiv:2206.08317,
 * with the FSMN memory of SAN-M (arXiv:2006.01713) in place of self-attention.
 */
import type { DecoderConfig } from "../../configs/paraformer.ts";
import {
  add,
  attention,
  block,
  fsmn,
  fusedLinear,
  layerNorm,
  linear,
  runLayers,
  stage,
} from "../../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../../nn/index.ts";

const eps = 1e-12;

/** y = W₂·LN(relu(W₁·x)) */
const feedForward = block((w, { size, linearUnits }: DecoderConfig) => {
  const up = linear(w, "w_1", size, linearUnits);
  const norm = layerNorm(w, "norm", linearUnits, eps);
  const down = linear(w, "w_2", linearUnits, size, { bias: false });
  return (x: Tensor) => down(norm(up.relu(x)));
});

/** y = x + conv(x), over the tokens. */
const memory = block((w, { size, kernelSize, sanmShift }: DecoderConfig) =>
  fsmn(w, "fsmn_block", size, kernelSize, (kernelSize - 1) / 2 + sanmShift),
);

/** y = W·softmax(QKᵀ/√d)V with queries from the tokens, keys and values from the encoder. */
const crossAttention = block((w, { size, heads }: DecoderConfig) => {
  const query = linear(w, "linear_q", size, size);
  const keyValue = fusedLinear(w.withRows("T"), "linear_k_v", ["k", "v"], size, size);
  const attend = attention(w, { heads, headDim: size / heads, positions: "T" });
  const output = linear(w, "linear_out", size, size);

  // x: [N, D], encoded: [T, D]
  return (x: Tensor, encoded: Tensor) => {
    const q = query(x); // [N, D]
    const [k, v] = keyValue(encoded); // [T, D] each
    return output(attend(q, k, v)); // [N, D]
  };
});

/** x ← x + FSMN(LN(FFN(LN(x)))): one skip connection around both. Then x ← x + Attn(LN(x), encoded). */
const decoderLayer = block((w, config: DecoderConfig) => {
  const { size } = config;
  const norm1 = layerNorm(w, "norm1", size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  const norm2 = layerNorm(w, "norm2", size, eps);
  const remember = memory(w.at("self_attn"), config);
  const residual = stage(w, "residual", size);
  const norm3 = layerNorm(w, "norm3", size, eps);
  const attend = crossAttention(w.at("src_attn"), config);

  return (x: Tensor, encoded: Tensor) => {
    const h = residual.emit(add(x, remember(norm2(feed(norm1(x))))));
    return add(h, attend(norm3(h), encoded)); // [N, D]
  };
});

/** x ← FFN(LN(x)), the last layer, without a skip connection. */
const lastLayer = block((w, config: DecoderConfig) => {
  const norm1 = layerNorm(w, "norm1", config.size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  return (x: Tensor) => feed(norm1(x)); // [N, D]
});

/** embeds [N, D] and encoder rows [T, D] → logits [N, V] */
export function decoder(
  cursor: Weights,
  config: DecoderConfig,
): (embeds: Tensor, encoded: Tensor, between: BetweenSteps) => Promise<Tensor> {
  const { size, vocabSize, numBlocks } = config;
  const w = cursor.withRows("N");
  const layers = Array.from({ length: numBlocks }, (_, i) => decoderLayer(w.at(`decoders.${i}`), config));
  const head = [
    lastLayer(w.at("decoders3.0"), config),
    layerNorm(w, "after_norm", size, eps),
    linear(w, "output_layer", size, vocabSize),
  ];
  w.unused("embed.0.weight"); // token vectors, used in training only
  return (embeds, encoded, between) =>
    runLayers([...layers.map((layer) => (x: Tensor) => layer(x, encoded)), ...head], embeds, between);
}
