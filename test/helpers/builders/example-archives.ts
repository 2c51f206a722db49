/**
 * The example archives of fixtures/archives/ours, which fixtures/reference/check_archives.py reads with Python's
 * libraries. `node test/helpers/builders/example-archives.ts FOLDER` writes them (Node 24).
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createArchive } from "../../../src/diff/archives/index.ts";
import { bytesOf } from "../../../src/diff/archives/archive.ts";
import type { CreateOptions } from "../../../src/diff/archives/index.ts";
import { encodeMetadata } from "../../../src/diff/archives/metadata.ts";
import { encodeNpyHeader } from "../../../src/diff/archives/npy.ts";
import type { StageValues } from "../../../src/diff/compare.ts";
import { writeAtomically } from "../../../src/adapters/node/output/atomic-file.ts";
import { ZipWriter } from "../../../src/adapters/node/zip/write.ts";

export const exampleMetadata = new Map([
  ["result", '[{"text": "天气 \\"ok\\""}]'],
  ["seed", "7"],
]);

/** ((7 i + 3) mod 1001) / 8 − 60, as archive_example.py has it. */
export function wave(...shape: number[]): StageValues {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, values: Float32Array.from({ length: count }, (_, i) => ((7 * i + 3) % 1001) / 8 - 60) };
}

export const exampleStages: ReadonlyMap<string, StageValues> = new Map([
  ["lfr", wave(5, 14)],
  ["audio_encoder.encoders0.0", wave(5, 8)],
  ["audio_encoder.encoders.0.self_attn.scores", wave(2, 5, 5)],
  ["audio_encoder.tp_norm", { shape: [1, 4], values: Float32Array.of(0, -0, 1e-38, 3.4e38) }],
  ["audio_adaptor.blocks.1", wave(2, 3, 2, 4)],
  ["predictor.alphas", wave(7)],
  ["predictor.token_number", { shape: [], values: Float32Array.of(3.5) }],
  ["decoder.ids", wave(0)],
]);

/** GGUF has neither scalars nor tensors without values. */
export const ggufStages: ReadonlyMap<string, StageValues> = new Map(
  [...exampleStages].filter(([, { shape }]) => shape.length > 0 && !shape.includes(0)),
);

export const exampleFiles = [
  "stages.safetensors",
  "stages.npz",
  "stages.gguf",
  "crispasr.gguf",
  "zip64.npz",
  ...["metadata.json", ...[...exampleStages.keys()].map((name) => `${name}.npy`)].map(
    (file) => `stages/${file}`,
  ),
];

export async function writeStages(
  path: string,
  stages: ReadonlyMap<string, StageValues>,
  options: CreateOptions = {},
): Promise<void> {
  await using archive = await createArchive(path, options);
  for (const [name, { shape, values }] of stages) await archive.add(name, shape, values);
  await archive.finish(exampleMetadata);
}

export async function writeExamples(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ["stages.safetensors", "stages.npz", "stages"])
    await writeStages(join(folder, name), exampleStages);
  await writeStages(join(folder, "stages.gguf"), ggufStages);
  await writeStages(join(folder, "crispasr.gguf"), ggufStages, { format: "crispasr" });
  await writeAtomically(join(folder, "zip64.npz"), async (write) => {
    const zip = new ZipWriter(write, 100);
    for (const [name, { shape, values }] of exampleStages)
      await zip.add(`${name}.npy`, [encodeNpyHeader(shape), bytesOf(values)]);
    await zip.add("__metadata__.json", [encodeMetadata(exampleMetadata)]);
    await zip.end();
  });
}

if (process.argv[1] === import.meta.filename) await writeExamples(process.argv[2]!);
