/**
 * The small Transformer that Fun-ASR-Nano uses twice, as the audio adaptor (into the LLM's space) and as the CTC
 * decoder: two linear maps, then pre-norm layers without positions and without a final norm.
 * FunASR's llm_asr.adaptor.Transformer; the feed-forward's inner width is a quarter of the stream's.
 */
import { attention } from "../../nn/attention.ts";
import { runLayers } from "../../nn/layer-stack.ts";
import { add } from "../../nn/ops.ts";
import type { Tensor } from "../../nn/ops.ts";
import { block } from "../../nn/weights.ts";
import type { Weights } from "../../nn/weights.ts";
import type { Encode } from "../sanm-encoder.ts";
import { feedForward } from "../sanm.ts";
import type { Settings } from "../../architectures/settings.ts";

export interface TransformerConfig {
  /** Width of the encoder's rows. */
  readonly encoderDim: number;
  /** Inner width of the two maps in front. */
  readonly ffnDim: number;
  /** Width D of the stream and of the result. */
  readonly llmDim: number;
  readonly layers: number;
  readonly heads: number;
}

const eps = 1e-12;

export function readTransformer(s: Settings): TransformerConfig {
  const config = {
    encoderDim: s.integer("encoder_dim", 1, 16_384),
    ffnDim: s.integer("ffn_dim", 1, 65_536),
    llmDim: s.integer("llm_dim", 4, 16_384),
    layers: s.integer("n_layer", 0, 128),
    heads: s.integer("attention_heads", 1, 256),
  };
  s.require(
    config.llmDim % config.heads === 0,
    "attention_heads",
    `${config.heads}`,
    `a divisor of ${config.llmDim}`,
  );
  s.require(config.llmDim % 4 === 0, "llm_dim", `${config.llmDim}`, "a multiple of 4");
  return Object.freeze(config);
}

/** y = W·softmax(QKᵀ/√d)V, every row seeing every row. */
const multiHeadedAttention = block((w, size: number, heads: number) => {
  const queryKeyValue = w.parallelLinears(["linear_q", "linear_k", "linear_v"], size, [size, size, size]);
  const attend = attention(w, { heads, headDim: size / heads });
  const output = w.linear("linear_out", size, size);
  return (x: Tensor) => {
    const [q, k, v] = queryKeyValue(x) as [Tensor, Tensor, Tensor]; // [T, D] each
    return output(attend(q, k, v));
  };
});

/** x ← x + MHA(LN(x)), then x ← x + FFN(LN(x)). */
const encoderLayer = block((w, size: number, heads: number) => {
  const norm1 = w.layerNorm("norm1", size, eps);
  const attend = multiHeadedAttention(w.at("self_attn"), size, heads);
  const residual = w.stage("residual", size);
  const norm2 = w.layerNorm("norm2", size, eps);
  const feed = feedForward(w.at("feed_forward"), size, size / 4);
  return (x: Tensor) => {
    const h = residual.emit(add(x, attend(norm1(x))));
    return add(h, feed(norm2(h)));
  };
});

/** y = W₂·relu(W₁·x), in front of the layers: parts of the Transformer itself. */
function front(w: Weights, { encoderDim, ffnDim, llmDim }: TransformerConfig): (x: Tensor) => Tensor {
  const linear1 = w.linear("linear1", encoderDim, ffnDim);
  const linear2 = w.linear("linear2", ffnDim, llmDim);
  return (encoded) => linear2(linear1.relu(encoded)); // [T, llmDim]
}

/** [T, encoderDim] → [T, llmDim], to be applied one after the other; what the last one gives is the whole's result. */
export function transformerLayers(w: Weights, config: TransformerConfig): ((x: Tensor) => Tensor)[] {
  const layers = [
    front(w, config),
    ...Array.from({ length: config.layers }, (_, i) =>
      encoderLayer(w.at(`blocks.${i}`), config.llmDim, config.heads),
    ),
  ];
  w.declareBlock();
  const last = layers.pop()!;
  return [...layers, (x) => w.emitOutput(last(x))];
}

export function transformer(w: Weights, config: TransformerConfig): Encode {
  const layers = transformerLayers(w, config);
  return (encoded, turn) => runLayers(layers, encoded, turn);
}
