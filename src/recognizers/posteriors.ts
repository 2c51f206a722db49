/**
 * The output of a CTC head, computed a few frames at a time, since a row is as wide as the vocabulary. Only the best labels
 * of each row are kept; for labels that are needed later the head is computed again, for these alone. A hook on the logits
 * or the log probabilities gets the whole matrix, and its replacement is used for everything. Logits that are no numbers are refused
 * here, for all that is read from a CTC head.
 */
import type { CtcStages } from "../models/ctc-stages.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { checkFinite, checkLogProbs } from "../nn/finite.ts";
import { dispose, rows, tensor, tidy, topLabels, values, valuesInto } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { WideLinear } from "../nn/linear.ts";
import { bestLabels, topLabels as topOf } from "../decoding/ctc.ts";
import type { CtcScores, Posteriors, TopLabels } from "../decoding/ctc.ts";
import { withDisposal } from "./between-steps.ts";

interface CtcHead {
  /** Makes logits [rows, V] of any of the hidden rows. */
  readonly head: WideLinear;
  readonly vocabSize: number;
  readonly stages: CtcStages;
}

const framesAtOnce = 64;

/** hidden: [T, D]; `count`: the number of best labels of each frame. */
export async function ctcScores(
  hidden: Tensor,
  ctc: CtcHead,
  count: number,
  turn: BetweenSteps,
): Promise<CtcScores> {
  const { head, vocabSize, stages } = ctc;
  const [frames, size] = hidden.shape as [number, number];
  const read = new TopLabelCollector(frames, Math.min(count, vocabSize));
  const watched = head.stage.isWanted || stages.logProbs.isWanted;
  const whole = watched ? new Float32Array(frames * vocabSize) : undefined; // [T, V]
  for (let start = 0; start < frames; start += framesAtOnce) {
    await turn(start, frames);
    const some = rows(hidden, start, Math.min(framesAtOnce, frames - start));
    const logits = await withDisposal(some, () => tidy(() => head(some))); // [rows, V]
    await withDisposal(logits, async () => {
      await read.rows(logits, start);
      if (whole !== undefined)
        await valuesInto(logits, whole.subarray(start * vocabSize, start * vocabSize + logits.size));
    });
  }
  if (whole !== undefined) return shown(whole, read, ctc);

  const { shifts, top } = read;
  await stages.ids.emitValues(Float32Array.from(bestLabels(top)));
  const kept = await values(hidden);
  const of = async (labels: readonly number[]): Promise<Posteriors> => {
    const ids = [...new Set(labels)];
    const input = tensor(kept, [frames, size]);
    const logits = await withDisposal(input, () => tidy(() => head.some(input, ids))); // [T, ids]
    const found = await withDisposal(logits, () => values(logits));
    const logProbs = found.map((value, i) => value - shifts[Math.floor(i / ids.length)]!);
    return { logProbs, frames, vocabSize, columns: new Map(ids.map((id, column) => [id, column])) };
  };
  return { frames, vocabSize, top, of };
}

/** All logits [T, V], then the log probabilities, to the hook, one after the other in the same memory. */
async function shown(
  whole: Float32Array,
  read: TopLabelCollector,
  { head, vocabSize, stages }: CtcHead,
): Promise<CtcScores> {
  const { frames } = read.top;
  const shape = [frames, vocabSize];
  const logits = await head.stage.emitValues(whole, shape);
  if (logits !== whole) {
    const changed = tensor(logits, shape);
    await withDisposal(changed, () => read.rows(changed, 0));
  }
  const logProbs = await stages.logProbs.emitValues(shifted(logits, read.shifts), shape);
  const posteriors = { logProbs, frames, vocabSize };
  if (logProbs !== logits) checkLogProbs("ctc.log_probs", logProbs, vocabSize);
  const top = logProbs === logits ? read.top : topOf(posteriors, read.top.count);
  await stages.ids.emitValues(Float32Array.from(bestLabels(top)));
  return { frames, vocabSize, top, of: async () => posteriors };
}

/** Subtracts its shift from each row, in place. */
function shifted(x: Float32Array, shifts: Float32Array): Float32Array {
  const width = x.length / shifts.length;
  for (const [row, shift] of shifts.entries()) {
    for (let i = row * width; i < (row + 1) * width; i++) x[i] = x[i]! - shift;
  }
  return x;
}

/** Collects the best labels of the logits. */
class TopLabelCollector {
  readonly top: TopLabels;
  readonly shifts: Float32Array; // [T]

  constructor(frames: number, count: number) {
    const size = frames * count;
    this.top = { ids: new Int32Array(size), logProbs: new Float32Array(size), frames, count };
    this.shifts = new Float32Array(frames);
  }

  /** logits [rows, V] of the frames from `start` on */
  async rows(logits: Tensor, start: number): Promise<void> {
    const { count, ids, logProbs } = this.top;
    const best = topLabels(logits, count);
    try {
      ids.set(await values(best.labels), start * count);
      logProbs.set(await values(best.logProbs), start * count);
      this.shifts.set(await values(best.shifts), start);
      // of a row with a logit that is NaN or +∞, or with none above −∞, the shift is not finite
      checkFinite("ctc.ctc_lo", this.shifts);
    } finally {
      dispose([best.labels, best.logProbs, best.shifts]);
    }
  }
}
