/** What an intervention does: the text before and after, and how far it moves what the model says first. */
import type { StageInfo } from "../nn/hook-point.ts";
import type { Run, RunOptions, TranscribeInput, Transcriber } from "../transcriber/transcriber.ts";
import { compare } from "./compare.ts";

export interface Outcome {
  readonly text: string;
  /** The logits that the text starts from. */
  readonly run: Run;
}

export interface Effect {
  readonly text: string;
  /** Of the logits of the first token (or of all frames, where the model writes by CTC) against the untouched ones. */
  readonly relativeL2: number | undefined;
  /** Share of their rows whose best token stayed. */
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
  // A predictor that counts otherwise makes other tokens, not the same ones differently.
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
