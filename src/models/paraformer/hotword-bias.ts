/**
 * SeACo's bias towards hotwords: a second decoder attends from the acoustic embeds, and from the hidden rows of the first
 * one, to the vectors of the words; the sum of both gives logits for each token, among them one that says that no hotword is
 * here. Of many words, those that the hidden rows attend to most are kept (attention score filtering). FunASR's
 * SeacoParaformer._seaco_decode_with_ASF; Shi et al., "SeACo-Paraformer: A Non-Autoregressive ASR System with Flexible and
 * Effective Hotword Customization Ability", arXiv:2308.03266.
 */
import type { BiasConfig } from "../../configs/paraformer-bias.ts";
import { filterBlocks } from "../../configs/paraformer-bias.ts";
import { add, concatRows, dispose, linear, rows, runLayers, stage, tidy, values } from "../../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../../nn/index.ts";
import { decoderLayer, decoderStack, layerAttention } from "./decoder.ts";
import type { StackConfig } from "./decoder.ts";
import { hotwordEncoder } from "./hotword-encoder.ts";
import type { HotwordEncoder } from "./hotword-encoder.ts";

/** Most vectors that the filter keeps, that of `<s>` apart: FunASR's `nfilter`. */
export const mostKept = 50;

export interface HotwordBias {
  readonly config: BiasConfig;
  readonly encode: HotwordEncoder;
  /** How much the hidden rows [N, D] attend to each of the words [W, D], summed over heads and tokens: [W]. */
  readonly score: (hidden: Tensor, words: Tensor, between: BetweenSteps) => Promise<Float32Array>;
  /** Logits [N, V] of the embeds [N, D] and the hidden rows [N, D], attending to words [K, D]. */
  readonly attend: (rows: BiasRows, words: Tensor, between: BetweenSteps) => Promise<Tensor>;
}

interface BiasRows {
  readonly embeds: Tensor;
  readonly hidden: Tensor;
}

export function hotwordBias(root: Weights, config: BiasConfig): HotwordBias {
  const { size } = config.decoder;
  const w = root.withRows("N");
  const bias = w.at("seaco_decoder");
  const encode = hotwordEncoder(root, config);
  const score = filter(bias.named("seaco_decoder.filter"), config.decoder);
  const ofEmbeds = decoderStack(bias.named("seaco_decoder.embeds"), config.decoder, "K");
  const ofHidden = decoderStack(bias.named("seaco_decoder.hidden"), config.decoder, "K");
  const merged = stage(bias, "", size);
  const output = linear(w, "hotword_output_layer", size, config.vocabSize);

  const attend = async (
    { embeds, hidden }: BiasRows,
    words: Tensor,
    between: BetweenSteps,
  ): Promise<Tensor> => {
    const attended: Tensor[] = [];
    try {
      attended.push(await ofEmbeds(embeds, words, between)); // [N, D]
      attended.push(await ofHidden(hidden, words, between)); // [N, D]
      return tidy(() => output(merged.emit(add(attended[0]!, attended[1]!)))); // [N, V]
    } finally {
      dispose(attended);
    }
  };
  return { config, encode, score, attend };
}

/** Five layers, and what the sixth attends to: FunASR's ParaformerSANMDecoder.forward_asf6. */
function filter(w: Weights, config: StackConfig): HotwordBias["score"] {
  const layers = Array.from({ length: filterBlocks - 1 }, (_, i) =>
    decoderLayer(w.at(`decoders.${i}`), config, "W"),
  );
  const attention = layerAttention(w.at(`decoders.${filterBlocks - 1}`), config, "W");
  const scores = stage(w, "scores", ["W"]);

  return async (hidden, words, between) => {
    const x = await runLayers(
      layers.map((layer) => (y: Tensor) => layer(y, words)),
      hidden,
      between,
    ); // [N, D]
    const used = [x];
    try {
      used.push(tidy(() => attention(x, words))); // [heads, N, W]
      return await scores.emitValues(sumOfRows(await values(used[1]!), words.shape[0]!));
    } finally {
      dispose(used);
    }
  };
}

function sumOfRows(all: Float32Array, width: number): Float32Array {
  const sums = new Float32Array(width);
  for (const [i, value] of all.entries()) sums[i % width]! += value;
  return sums;
}

/**
 * The rows of words that are attended to, best first, with `<s>` as the last: all where there are no more than
 * {@link mostKept}. As in the original, `<s>` is filtered with the others, and may be there twice.
 */
export function keptWords(scores: Float32Array): number[] {
  const ranked = Array.from(scores.keys()).toSorted((a, b) => scores[b]! - scores[a]!);
  return [...ranked.slice(0, mostKept), scores.length - 1];
}

/** Rows of a matrix, in this order. */
export function pickRows(x: Tensor, chosen: readonly number[]): Tensor {
  return tidy(() => concatRows(...chosen.map((row) => rows(x, row, 1)))); // [K, D]
}
