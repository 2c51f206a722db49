/** Opens a folder of safetensors with Hugging Face's files: Transformers', MLX's and vLLM's models. */
import type { MetadataValue } from "../checkpoints/checkpoint.ts";
import type { OpenOptions } from "../checkpoints/gguf/namings/naming.ts";
import type { FileSet, Location } from "../platform/file-set.ts";
import { Companions } from "../../converters/readers/companions.ts";
import { readConfigJson } from "../../converters/readers/config.ts";
import { dialectOf } from "../../converters/readers/dialects/index.ts";
import type { OpenModel } from "../../converters/readers/open-model.ts";
import { openSafetensors } from "../../converters/readers/safetensors.ts";
import type { SafetensorsState } from "../../converters/readers/safetensors.ts";
import { indexFile, openShards } from "../../converters/readers/shards.ts";
import { headOf, isSafetensors } from "./kind.ts";

/** The model at a place that holds a dialect's files: safetensors, and config.json but no config.yaml. Undefined elsewhere. */
export async function openDialect(
  { files, file }: Location,
  options: OpenOptions,
): Promise<OpenModel | undefined> {
  const name = await weightsFile(files, file);
  if (name === undefined) return undefined;
  const companions = new Companions(files);
  const state = await openState(files, name);
  try {
    const config = await readConfigJson(companions, "config.json");
    const { source, tensors, stored, metadata } = state;
    const content = { source, tensors, stored, metadata, config, companions, options };
    const dialect = dialectOf(content);
    const read = await dialect.read(content);
    return {
      ...read,
      source,
      naming: `safetensors (${dialect.name})`,
      metadata: new Map<string, MetadataValue>([
        ["general.architecture", dialect.architecture],
        ["general.name", dialect.title],
        ...read.metadata,
      ]),
      files: (state.shards ?? [name]).map((part) => companions.where(part)),
      [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
    };
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

async function weightsFile(files: FileSet, file: string | undefined): Promise<string | undefined> {
  if ((await files.has("config.yaml")) || !(await files.has("config.json"))) return undefined;
  if (file === undefined) {
    for (const name of [indexFile, "model.safetensors"]) if (await files.has(name)) return name;
    return undefined;
  }
  await using source = await files.open(file);
  if (!isSafetensors(await headOf(source))) return undefined;
  return (await files.has(indexFile)) ? indexFile : file;
}

async function openState(files: FileSet, name: string): Promise<SafetensorsState> {
  if (name === indexFile) return openShards(files);
  const source = await files.open(name);
  try {
    return await openSafetensors(source);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}
