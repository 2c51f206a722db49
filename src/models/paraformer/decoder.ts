/**
 * The parallel decoder: acoustic embeds become token logits in one pass, each layer a feed-forward, a memory over the
 * tokens and attention to the encoder. FunASR's ParaformerSANMDecoder; Gao et al., "Paraformer", arXiv:2206.08317,
 * with the FSMN memory of SAN-M (arXiv:2006.01713) in place of self-attention.
 */
import type { DecoderConfig } from "../../configs/paraformer.ts";
import {
  add,
  attention,
  attentionWeights,
  block,
  dispose,
  fsmn,
  fusedLinear,
  layerNorm,
  linear,
  runLayers,
  stage,
  tidy,
} from "../../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../../nn/index.ts";

const eps = 1e-12;

/** y = W₂·LN(relu(W₁·x)) */
const feedForward = block((w, { size, linearUnits }: StackConfig) => {
  const up = linear(w, "w_1", size, linearUnits);
  const norm = layerNorm(w, "norm", linearUnits, eps);
  const down = linear(w, "w_2", linearUnits, size, { bias: false });
  return (x: Tensor) => down(norm(up.relu(x)));
});

/** y = x + conv(x), over the tokens. */
const memory = block((w, { size, kernelSize, sanmShift }: StackConfig) =>
  fsmn(w, "fsmn_block", size, kernelSize, (kernelSize - 1) / 2 + sanmShift),
);

/** y = W·softmax(QKᵀ/√d)V with queries from the tokens, keys and values from the rows that are attended to. */
const crossAttention = block((w, { size, heads }: StackConfig, positions: string) => {
  const query = linear(w, "linear_q", size, size);
  const keyValue = fusedLinear(w.withRows(positions), "linear_k_v", ["k", "v"], size, size);
  const attend = attention(w, { heads, headDim: size / heads, positions });
  const output = linear(w, "linear_out", size, size);

  // x: [N, D], attended: [T, D]
  return (x: Tensor, attended: Tensor) => {
    const q = query(x); // [N, D]
    const [k, v] = keyValue(attended); // [T, D] each
    return output(attend(q, k, v)); // [N, D]
  };
});

/** x ← x + FSMN(LN(FFN(LN(x)))): one skip connection around both. */
function untilAttention(w: Weights, config: StackConfig): (x: Tensor) => Tensor {
  const { size } = config;
  const norm1 = layerNorm(w, "norm1", size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  const norm2 = layerNorm(w, "norm2", size, eps);
  const remember = memory(w.at("self_attn"), config);
  const residual = stage(w, "residual", size);
  return (x) => residual.emit(add(x, remember(norm2(feed(norm1(x)))))); // [N, D]
}

/** x ← x + FSMN(LN(FFN(LN(x)))). Then x ← x + Attn(LN(x), attended). */
export const decoderLayer = block((w, config: StackConfig, positions: string) => {
  const before = untilAttention(w, config);
  const norm3 = layerNorm(w, "norm3", config.size, eps);
  const attend = crossAttention(w.at("src_attn"), config, positions);

  return (x: Tensor, attended: Tensor) => {
    const h = before(x);
    return add(h, attend(norm3(h), attended)); // [N, D]
  };
});

/** What a layer attends to, softmax(QKᵀ/√d) [heads, N, T], and no more of it. */
export function layerAttention(
  w: Weights,
  config: StackConfig,
  positions: string,
): (x: Tensor, attended: Tensor) => Tensor {
  const { size, heads } = config;
  const before = untilAttention(w, config);
  const norm3 = layerNorm(w, "norm3", size, eps);
  const at = w.at("src_attn");
  const query = linear(at, "linear_q", size, size);
  const keyValue = fusedLinear(at.withRows(positions), "linear_k_v", ["k", "v"], size, size);
  const weights = attentionWeights(at, { heads, headDim: size / heads, positions });
  return (x, attended) => weights(query(norm3(before(x))), keyValue(attended)[0]);
}

/** x ← FFN(LN(x)), the last layer, without a skip connection. */
const lastLayer = block((w, config: StackConfig) => {
  const norm1 = layerNorm(w, "norm1", config.size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  return (x: Tensor) => feed(norm1(x)); // [N, D]
});

/** The sizes of a decoder without its output layer. */
export type StackConfig = Omit<DecoderConfig, "vocabSize">;

/** embeds [N, D] and the rows that they attend to [T, D] → hidden [N, D] */
export type DecoderStack = (embeds: Tensor, attended: Tensor, between: BetweenSteps) => Promise<Tensor>;

/** All layers and the norm after them. `positions` names the number of rows that are attended to. */
export function decoderStack(w: Weights, config: StackConfig, positions: string): DecoderStack {
  const layers = Array.from({ length: config.numBlocks }, (_, i) =>
    decoderLayer(w.at(`decoders.${i}`), config, positions),
  );
  const head = [lastLayer(w.at("decoders3.0"), config), layerNorm(w, "after_norm", config.size, eps)];
  return (embeds, attended, between) =>
    runLayers([...layers.map((layer) => (x: Tensor) => layer(x, attended)), ...head], embeds, between);
}

/** What the decoder gives for each token; the caller frees both. */
export interface Decoded {
  readonly hidden: Tensor; // [N, D]
  readonly logits: Tensor; // [N, V]
}

/** embeds [N, D] and encoder rows [T, D] → hidden [N, D] and logits [N, V] */
export function decoder(
  cursor: Weights,
  config: DecoderConfig,
): (embeds: Tensor, encoded: Tensor, between: BetweenSteps) => Promise<Decoded> {
  const w = cursor.withRows("N");
  const stack = decoderStack(w, config, "T");
  const output = linear(w, "output_layer", config.size, config.vocabSize);
  const steps = config.numBlocks + 3;
  return async (embeds, encoded, between) => {
    const hidden = await stack(embeds, encoded, (done) => between(done, steps));
    try {
      await between(steps - 1, steps);
      return { hidden, logits: tidy(() => output(hidden)) };
    } catch (error) {
      dispose(hidden);
      throw error;
    }
  };
}
