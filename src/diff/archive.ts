/**
 * Stage archives on disk: named float32 activations and a little text about their origin, as a safetensors file.
 * Ours and those of the reference scripts are alike.
 */
import { floatTensor, floatsOf, readSafetensors, writeSafetensors } from "../safetensors/index.ts";
import type { Activation } from "./compare.ts";

export interface StageArchive {
  readonly stages: ReadonlyMap<string, Activation>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Reads every stage. Throws `archive_malformed` or a reader's error. */
export async function readArchive(source: string | Uint8Array): Promise<StageArchive> {
  const { tensors, metadata } = await readSafetensors(source);
  const stages = [...tensors.values()].map((tensor): [string, Activation] => [
    tensor.name,
    { shape: tensor.shape, values: floatsOf(tensor) },
  ]);
  return { stages: new Map(stages), metadata };
}

/** Writes the stages in their order, atomically. */
export async function writeArchive(path: string, { stages, metadata }: StageArchive): Promise<void> {
  const tensors = [...stages].map(([name, { shape, values }]) => floatTensor(name, shape, values));
  await writeSafetensors(path, tensors, metadata);
}
