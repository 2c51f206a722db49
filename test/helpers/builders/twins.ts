/** Two GGUF namings of a model must give the same model: the same keys, names, shapes and values. */
import { join } from "node:path";
import { expect } from "vitest";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { writeGguf } from "../../../converters/writers/node.ts";
import type { GgufContent } from "../../../src/checkpoints/gguf/index.ts";
import { valuesOf } from "./namings.ts";
import type { Model } from "./namings.ts";
import { temporaryFolder } from "../environment/temporary.ts";

/** Paths of files with these contents, until the test ends. */
export async function written(...contents: readonly GgufContent[]): Promise<string[]> {
  const folder = await temporaryFolder();
  const paths: string[] = [];
  for (const [i, content] of contents.entries()) {
    paths.push(join(folder, `${i}.gguf`));
    await writeGguf(paths[i]!, content);
  }
  return paths;
}

/** Every tensor of `model` is there, no other, and every key of it except the general ones. */
export async function expectTwin(checkpoint: Checkpoint, { metadata, tensors }: Model): Promise<void> {
  const name = "general.architecture";
  expect(checkpoint.metadata.get(name)).toBe(metadata.get(name));
  const keys = [...metadata].filter(([key]) => !key.startsWith("general."));
  expect(keys.map(([key]) => [key, checkpoint.metadata.get(key)])).toStrictEqual(keys);

  expect([...checkpoint.tensors.keys()].toSorted()).toStrictEqual([...tensors.keys()].toSorted());
  for (const [path, { shape, values }] of tensors) {
    const twin = await valuesOf(checkpoint.tensors.get(path)!);
    const equal = Buffer.compare(Buffer.from(twin.values.buffer), Buffer.from(values.buffer)) === 0;
    expect([path, twin.shape, equal]).toStrictEqual([path, shape, true]);
  }
}
