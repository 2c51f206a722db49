/**
 * When SenseVoice's labels were said: forced alignment of the labels over the rows of the audio, with a blank for
 * certain wherever it is the best label, which sharpens the edges. FunASR's SenseVoiceSmall.inference with
 * output_timestamp; edges lie half a frame early, as there.
 */
import type { TimeSpan } from "./cif-timestamps.ts";
import { bestLabels } from "./ctc.ts";
import type { Posteriors } from "./ctc.ts";
import { alignLabels } from "./forced-align.ts";

export interface ScoredSpan extends TimeSpan {
  /** Highest probability of the label within the span. */
  readonly score: number;
}

/** A span for each label, in seconds; none at all where the labels do not fit into the rows. */
export function labelSpans(speech: Posteriors, labels: readonly number[], blank: number): ScoredSpan[] {
  const { frames, vocabSize } = speech;
  const logProbs = speech.logProbs.slice();
  for (const [t, best] of bestLabels(speech).entries())
    if (best === blank) logProbs[t * vocabSize + blank] = 0;
  return alignLabels({ logProbs, frames, vocabSize }, labels, blank).map(({ start, end, score }) => ({
    start: Math.max(edge(start), 0),
    end: Math.min(edge(end), edge(frames)),
    score,
  }));
}

/** Seconds between two rows of 60 ms. */
function edge(row: number): number {
  return (row * 60 - 30) / 1000;
}
