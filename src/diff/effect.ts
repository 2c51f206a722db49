/** The effect of an intervention: the text before and after, and how far the logits of the first token move. */
import type { StageInfo } from "../nn/hook-point.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Run, RunOptions, TranscribeInput } from "../transcriber/types.ts";
import { compare } from "./compare.ts";

export interface Outcome {
  readonly text: string;
  /** With the captured logits. */
  readonly run: Run;
}

export interface Effect {
  readonly text: string;
  /** Of the first token's logits (of all frames' for a CTC model) against those without the intervention. */
  readonly relativeL2: number | undefined;
  /** Share of their rows whose best token is the same. */
  readonly argmaxAgreement: number | undefined;
}

/** One transcription that also keeps the logits. */
export async function observe(
  model: Transcriber,
  audio: TranscribeInput,
  options: RunOptions,
): Promise<Outcome> {
  const run = await model.run(audio, { ...options, capture: [logitsOf(model.stages())] });
  return { text: run.transcription?.text ?? "", run };
}

export async function effectOf(
  model: Transcriber,
  audio: TranscribeInput,
  options: RunOptions,
  before: Outcome,
): Promise<Effect> {
  const { text, run } = await observe(model, audio, options);
  const name = logitsOf(model.stages());
  const [ours, theirs] = [run.stages.get(name), before.run.stages.get(name)];
  // With another token count from the predictor there are other tokens, which are not comparable.
  const comparable = ours !== undefined && theirs !== undefined && ours.shape.join() === theirs.shape.join();
  if (!comparable) return { text, relativeL2: undefined, argmaxAgreement: undefined };
  const { relativeL2, argmaxAgreement } = compare(name, ours, theirs);
  return { text, relativeL2, argmaxAgreement };
}

/** The stage of the last logits of a pass. */
function logitsOf(stages: readonly StageInfo[]): string {
  const heads = stages.filter(({ name }) => /(?:\.lm_head|\.output_layer|\.ctc_lo)$/u.test(name));
  return heads.at(-1)!.name;
}
