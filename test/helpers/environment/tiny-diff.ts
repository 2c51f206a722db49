/** Tiny models compared with their references: a raw pass and a teacher-forced pass, each within its bounds. */
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { openArchive } from "../../../src/diff/archives/index.ts";
import { diff } from "../../../src/diff/diff.ts";
import type { DiffPass, DiffReport } from "../../../src/diff/diff.ts";
import { openCheckpoint } from "../../../src/architectures/open.ts";
import { load } from "../../../src/index.ts";
import { fixture } from "./fixtures.ts";

export const clip = fixture("audio/tiny.wav");

interface Bounds {
  readonly file: string;
  /** What the correct model stays within. */
  readonly raw: number;
  readonly forced: number;
}

export const models = {
  nano: { file: "fun-asr-nano/fun-asr-nano-bf16.gguf", raw: 1e-5, forced: 5e-6 },
  paraformer: { file: "paraformer/paraformer-bf16.gguf", raw: 1e-4, forced: 5e-6 },
  "nano-q8_0": { file: "fun-asr-nano/fun-asr-nano-q8_0.gguf", raw: 1e-5, forced: 5e-6 },
} satisfies Record<string, Bounds>;

export type ModelName = keyof typeof models;

/** PyTorch's dumps. */
export const references = {
  nano: fixture("reference/fun-asr-nano.safetensors"),
  paraformer: fixture("reference/paraformer.safetensors"),
};

/** Compares the model, after `edit` of its checkpoint, with the archive `reference`. */
export async function compareTinyModel(
  name: ModelName,
  reference: string,
  edit: (checkpoint: Checkpoint) => Checkpoint = (checkpoint) => checkpoint,
): Promise<DiffReport> {
  const { file, raw, forced } = models[name];
  await using checkpoint = await openCheckpoint(fixture(`tiny/${file}`));
  using model = await load(edit(checkpoint), { backend: "cpu" });
  await using archive = await openArchive(reference);
  const within = (relativeL2: number) => ({ relativeL2, cosine: 0 });
  return await diff(model, archive, clip, {
    tolerances: { raw: within(raw), forced: within(forced) },
  });
}

/** The stages that a pass reports. */
export const flagged = (pass: DiffPass | undefined): string[] =>
  (pass?.stages ?? []).filter(({ problem }) => problem !== undefined).map(({ name }) => name);
