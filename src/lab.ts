/**
 * `fun-asr/lab`: tools to look into a model. `model.run` gives the activations of a pass and changes them; the functions
 * here build on it, compare activations, and store them in archives.
 */
export { capture, labelText, lens } from "./transcriber/inspect.ts";
export type { CtcDraft, CtcOptions, Run, RunOptions } from "./transcriber/types.ts";
export type { Hook, StageInfo } from "./nn/hook-point.ts";
export type { Activation } from "./activations/recorder.ts";
export type { Ablation, Patch, Scaling } from "./activations/interventions.ts";
export type { LensLabel, LensLayer, LensOptions } from "./recognizers/logit-lens.ts";
export { diff } from "./diff/diff.ts";
export type { DiffOptions, DiffReport } from "./diff/diff.ts";
export { diffArchives } from "./diff/archive-pair.ts";
export type { ArchiveDiffOptions, ArchiveDiffReport } from "./diff/archive-pair.ts";
export { compare } from "./diff/compare.ts";
export type { Comparison } from "./diff/compare.ts";
export { createArchive, openArchive } from "./diff/archives/index.ts";
export type { ArchiveMetadata, StageReader, StageWriter } from "./diff/archives/index.ts";
