/**
 * The parallel decoder: acoustic embeds become token logits in one pass, each layer a feed-forward, a memory over the
 * tokens and attention to the encoder. FunASR's ParaformerSANMDecoder; Gao et al., "Paraformer", arXiv:2206.08317,
 * with the FSMN memory of SAN-M (arXiv:2006.01713) in place of self-attention.
 */
import { runLayers } from "../../nn/layer-stack.ts";
import type { BetweenSteps } from "../../nn/layer-stack.ts";
import { attention } from "../../nn/attention.ts";
import { add } from "../../nn/ops.ts";
import type { Tensor } from "../../nn/ops.ts";
import { block } from "../../nn/weights.ts";
import type { Weights } from "../../nn/weights.ts";
import type { Settings } from "../../architectures/settings.ts";

export interface DecoderConfig {
  /** Width D of embeds, stream and encoder rows. */
  readonly size: number;
  readonly heads: number;
  /** Inner width of the feed-forwards. */
  readonly linearUnits: number;
  readonly numBlocks: number;
  /** Taps of the memory's kernel. */
  readonly kernelSize: number;
  /** How many taps the kernel is moved into the past; 0 is centered. */
  readonly sanmShift: number;
  readonly vocabSize: number;
}

const eps = 1e-12;

export function readDecoder(s: Settings, size: number, vocabSize: number): DecoderConfig {
  const config = {
    size,
    heads: s.integer("attention_heads", 1, 256),
    linearUnits: s.integer("linear_units", 1, 65_536),
    numBlocks: s.integer("num_blocks", 1, 512),
    kernelSize: s.integer("kernel_size", 1, 255),
    sanmShift: s.integer("sanm_shift", 0, 127),
    vocabSize,
  };
  const { heads, numBlocks, kernelSize, sanmShift } = config;
  const attending = s.integer("att_layer_num", 1, 512);
  s.require(size % heads === 0, "attention_heads", `${heads}`, `a divisor of ${size}`);
  s.require(attending === numBlocks, "att_layer_num", `${attending}`, `${numBlocks}, as in every release`);
  s.require(kernelSize % 2 === 1, "kernel_size", `${kernelSize}`, "an odd number");
  s.require(sanmShift <= (kernelSize - 1) / 2, "sanm_shift", `${sanmShift}`, "at most half of the kernel");
  return Object.freeze(config);
}

/** y = W₂·LN(relu(W₁·x)) */
const feedForward = block((w, { size, linearUnits }: DecoderConfig) => {
  const up = w.linear("w_1", size, linearUnits);
  const norm = w.layerNorm("norm", linearUnits, eps);
  const down = w.linear("w_2", linearUnits, size, { bias: false });
  return (x: Tensor) => down(norm(up.relu(x)));
});

/** y = x + conv(x), over the tokens. */
const memory = block((w, { size, kernelSize, sanmShift }: DecoderConfig) =>
  w.fsmn("fsmn_block", size, kernelSize, (kernelSize - 1) / 2 + sanmShift),
);

/** y = W·softmax(QKᵀ/√d)V with queries from the tokens, keys and values from the encoder. */
const crossAttention = block((w, { size, heads }: DecoderConfig) => {
  const query = w.linear("linear_q", size, size);
  const keyValue = w.withRows("T").fusedLinear("linear_k_v", ["k", "v"], size, size);
  const attend = attention(w, { heads, headDim: size / heads, positions: "T" });
  const output = w.linear("linear_out", size, size);

  // x: [N, D], encoded: [T, D]
  return (x: Tensor, encoded: Tensor) => {
    const q = query(x); // [N, D]
    const [k, v] = keyValue(encoded) as [Tensor, Tensor]; // [T, D] each
    return output(attend(q, k, v)); // [N, D]
  };
});

/** x ← x + FSMN(LN(FFN(LN(x)))): one skip around both. Then x ← x + Attn(LN(x), encoded). */
const decoderLayer = block((w, config: DecoderConfig) => {
  const { size } = config;
  const norm1 = w.layerNorm("norm1", size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  const norm2 = w.layerNorm("norm2", size, eps);
  const remember = memory(w.at("self_attn"), config);
  const residual = w.stage("residual", size);
  const norm3 = w.layerNorm("norm3", size, eps);
  const attend = crossAttention(w.at("src_attn"), config);

  return (x: Tensor, encoded: Tensor) => {
    const h = residual.emit(add(x, remember(norm2(feed(norm1(x))))));
    return add(h, attend(norm3(h), encoded)); // [N, D]
  };
});

/** x ← FFN(LN(x)), the last layer: nothing skips it. */
const lastLayer = block((w, config: DecoderConfig) => {
  const norm1 = w.layerNorm("norm1", config.size, eps);
  const feed = feedForward(w.at("feed_forward"), config);
  return (x: Tensor) => feed(norm1(x)); // [N, D]
});

/** embeds [N, D] and encoder rows [T, D] → logits [N, V] */
export function decoder(
  cursor: Weights,
  config: DecoderConfig,
): (embeds: Tensor, encoded: Tensor, turn: BetweenSteps) => Promise<Tensor> {
  const { size, vocabSize, numBlocks } = config;
  const w = cursor.withRows("N");
  const layers = Array.from({ length: numBlocks }, (_, i) => decoderLayer(w.at(`decoders.${i}`), config));
  const head = [
    lastLayer(w.at("decoders3.0"), config),
    w.layerNorm("after_norm", size, eps),
    w.linear("output_layer", size, vocabSize),
  ];
  w.unused("embed.0.weight"); // token vectors, for training alone
  return (embeds, encoded, turn) =>
    runLayers([...layers.map((layer) => (x: Tensor) => layer(x, encoded)), ...head], embeds, turn);
}
