/** The demo model's held-out test set, PyTorch's results on it, and a part of its validation set. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Language } from "./metrics.ts";

export interface Utterance {
  readonly id: string;
  readonly language: Language;
  /** Length of the clip at 16 kHz. */
  readonly samples: number;
  /** The spoken text, as the CTC branch writes it. */
  readonly spoken: string;
  /** As the language model writes it: punctuation, digits. */
  readonly written: string;
  /** Names that sound like others; their spelling is known from a hotword list only. */
  readonly hotwords: readonly string[];
  readonly distractors: readonly string[];
  readonly words: readonly { readonly word: string; readonly start: number; readonly end: number }[];
}

/** One utterance's results in PyTorch, float32. */
interface PyTorchResult {
  readonly id: string;
  readonly ctc: string;
  readonly plain: { readonly ids: readonly number[]; readonly text: string };
  readonly hotwords?: { readonly ids: readonly number[]; readonly text: string };
  readonly distractors: { readonly ids: readonly number[]; readonly text: string };
}

/** The folder fixtures/demo-model, from the sources as well as from dist. */
export const demoFolder: string = ["../..", "../../.."]
  .map((up) => resolve(import.meta.dirname, up, "fixtures/demo-model"))
  .find((folder) => existsSync(join(folder, "test-set.json")))!;

export async function readTestSet(name: "test" | "validation" = "test"): Promise<readonly Utterance[]> {
  return JSON.parse(await readFile(join(demoFolder, `${name}-set.json`), "utf8")) as Utterance[];
}

/** The demo model as it is published. */
export function shipped(): string {
  return resolve(demoFolder, "../../models/demo/fun-asr-demo-q8_0.gguf");
}

export async function readPyTorchResults(): Promise<readonly PyTorchResult[]> {
  const text = await readFile(join(demoFolder, "pytorch-results.json"), "utf8");
  return (JSON.parse(text) as { utterances: PyTorchResult[] }).utterances;
}

export function clipOf({ id }: Utterance): string {
  return join(demoFolder, id.replace(/-.*/, ""), `${id}.flac`);
}

/** The list that goes with an utterance: its names among its distractors, never in first place alone. */
export function hotwordList({
  hotwords,
  distractors,
}: Pick<Utterance, "hotwords" | "distractors">): readonly string[] {
  return [...distractors.slice(0, 1), ...hotwords, ...distractors.slice(1)];
}
