/**
 * Hotwords as vectors: the decoder's embeddings of a word's tokens go through an LSTM of two layers, and its output at the
 * last token is the word's. FunASR's SeacoParaformer._hotword_representation.
 */
import type { BiasConfig } from "../../configs/paraformer-bias.ts";
import {
  concatColumns,
  concatRows,
  dispose,
  embedding,
  linear,
  lstm,
  rows,
  stage,
  tidy,
} from "../../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../../nn/index.ts";

/** `<s>`, a word of its own behind the others: what is attended to where no hotword is spoken. */
const noWord = [1];
/** Words that are encoded in one turn. */
const wordsAtOnce = 64;

/** The tokens of each word → vectors [W, D], with that of `<s>` as the last. */
export type HotwordEncoder = (
  words: readonly (readonly number[])[],
  between: BetweenSteps,
) => Promise<Tensor>;

export function hotwordEncoder(root: Weights, config: BiasConfig): HotwordEncoder {
  const { vocabSize, bidirectional } = config;
  const { size } = config.decoder;
  const width = bidirectional ? 2 * size : size;
  const w = root.withRows("W");
  const embed = embedding(root.at("decoder"), "embed.0", vocabSize, size);
  const first = lstmLayer(w.at("bias_encoder"), 0, size, config);
  const second = lstmLayer(w.at("bias_encoder"), 1, width, config);
  const last = stage(w, "bias_encoder", width);
  const project = bidirectional ? linear(w, "lstm_proj", width, size) : undefined;

  const encode = (words: readonly (readonly number[])[]): Tensor => {
    const lengths = words.map((word) => word.length);
    const states = second(first(embed(words.flat()), lengths), lengths); // [ΣL, width]
    let end = 0;
    return concatRows(...lengths.map((length) => rows(states, (end += length) - 1, 1))); // [W, width]
  };

  return async (words, between) => {
    const all = [...words, noWord];
    const parts: Tensor[] = [];
    try {
      for (let from = 0; from < all.length; from += wordsAtOnce) {
        await between(from, all.length);
        parts.push(tidy(() => encode(all.slice(from, from + wordsAtOnce))));
      }
      return tidy(() => {
        const vectors = last.emit(concatRows(...parts)); // [W, width]
        return project?.(vectors) ?? vectors; // [W, D]
      });
    } finally {
      dispose(parts);
    }
  };
}

/** One direction, or both side by side, over the tokens of each word alone. */
function lstmLayer(
  w: Weights,
  layer: number,
  inFeatures: number,
  { bidirectional, decoder: { size } }: BiasConfig,
): (x: Tensor, lengths: readonly number[]) => Tensor {
  const forward = lstm(w, inFeatures, size, { layer, reverse: false });
  if (!bidirectional) return forward;
  const backward = lstm(w, inFeatures, size, { layer, reverse: true });
  return (x, lengths) => concatColumns(forward(x, lengths), backward(x, lengths)); // [ΣL, 2·D]
}
