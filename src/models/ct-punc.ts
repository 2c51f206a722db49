/**
 * CT-Transformer punctuation: which mark stands behind each word. FunASR's CTTransformer, and CTTransformerStreaming for
 * text that arrives in segments of speech; Chen et al., "Controllable Time-Delay Transformer for Real-Time Punctuation
 * Prediction and Disfluency Detection", arXiv:2003.01309, with SAN-M layers.
 */
import type { CtPuncConfig } from "../configs/ct-punc.ts";
import { dispose, embedding, linear, runLayers } from "../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../nn/index.ts";
import { sanmEncoderLayers } from "./sanm-encoder.ts";

export interface CtPunc {
  readonly config: CtPuncConfig;
  /**
   * Logits of the marks [T, classes] behind the words with these ids. `carried` is the number of words of earlier
   * segments, as the original counts them; where the model is not for real time, nothing depends on it.
   */
  logits(ids: readonly number[], carried: number, between: BetweenSteps): Promise<Tensor>;
}

export function ctPunc(w: Weights, config: CtPuncConfig): CtPunc {
  const { encoder, vocabSize, marks, realtime } = config;
  const words = embedding(w, "embed", vocabSize, encoder.inputSize);
  const last = encoder.numBlocks - 1;
  // FunASR's first layer is causal even where it is the only one
  const maskOf = (layer: number) => (layer === last && layer > 0 ? "prefix" : "causal");
  const layers = sanmEncoderLayers(w.at("encoder"), encoder, realtime ? maskOf : undefined);
  const classes = linear(w, "decoder", encoder.size, marks.length);
  return {
    config,
    async logits(ids, carried, between) {
      const x = words(ids); // [T, E]
      const steps = [...layers.map((layer) => (x: Tensor) => layer(x, carried)), classes];
      try {
        return await runLayers(steps, x, between); // [T, classes]
      } finally {
        dispose(x);
      }
    },
  };
}
