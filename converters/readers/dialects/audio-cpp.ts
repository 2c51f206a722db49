/**
 * audio.cpp's GGUF files: any model's safetensors with their names and shapes in arrays of the header, since GGUF's own
 * are shorter, and the files beside them (config.json, tokenizer) in others. What is read is the dialect within.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { GgufFile } from "../../../src/checkpoints/gguf/file.ts";
import type { FileContent, OpenOptions } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import { Companions } from "../companions.ts";
import { readConfigJson } from "../config.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { dialectOf } from "./index.ts";

const family = "fun_asr_nano";

/** Throws `unknown_architecture` for another model family, `bad_metadata` where the arrays do not fit the tensors. */
export async function readAudioCpp(file: GgufFile, options: OpenOptions): Promise<FileContent> {
  const stated = file.metadata.get("audiocpp.model_spec.family") ?? family;
  if (stated !== family) {
    throw new ModelFormatError("unknown_architecture", file.source, `audio.cpp's family ${String(stated)}`, {
      wanted: `the family ${family}`,
    });
  }
  const companions = new Companions(embeddedFiles(file));
  const inner = {
    source: file.source,
    tensors: namedTensors(file),
    metadata: new Map<string, string>(),
    config: await readConfigJson(companions, "config.json"),
    companions,
    options,
  };
  const { name, architecture, title, read } = dialectOf(inner);
  const { metadata, tensors, notes } = await read(inner);
  return {
    metadata: new Map<string, MetadataValue>([
      ["general.architecture", architecture],
      ["general.name", title],
      ...metadata,
    ]),
    tensors,
    notes: [`audio.cpp's container of ${name}`, ...notes],
  };
}

/** The tensors under their real names and in their real shapes. */
function namedTensors(file: GgufFile): ReadonlyMap<string, TensorEntry> {
  const names = listOf(file, "audiocpp.tensor_names", "string");
  const ranks = listOf(file, "audiocpp.tensor_ranks", "number");
  const shapes = listOf(file, "audiocpp.tensor_shapes", "number");
  const entries = [...file.tensors.values()];
  if (names.length !== entries.length || ranks.length !== entries.length)
    throw misfit(
      file,
      "audiocpp.tensor_names",
      `${names.length} names`,
      `${entries.length}, one for each tensor`,
    );
  let at = 0;
  const named = entries.map((entry, i): [string, TensorEntry] => {
    const [name = "", rank = 0] = [names[i], ranks[i]];
    const shape = shapes.slice(at, at + rank);
    at += rank;
    const count = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
    if (count(shape) !== count(entry.shape))
      throw misfit(file, `audiocpp.tensor_shapes of ${name}`, `[${shape.join()}]`, `[${entry.shape.join()}]`);
    return [name, { ...entry, name, shape }];
  });
  if (at !== shapes.length)
    throw misfit(file, "audiocpp.tensor_shapes", `${shapes.length} sizes`, `${at}, the sum of the ranks`);
  if (new Set(names).size !== names.length)
    throw misfit(file, "audiocpp.tensor_names", "a name twice", "each once");
  return new Map(named);
}

function listOf(file: GgufFile, key: string, type: "string"): readonly string[];
function listOf(file: GgufFile, key: string, type: "number"): readonly number[];
function listOf(file: GgufFile, key: string, type: string): readonly unknown[] {
  const value = file.metadata.get(key);
  if (Array.isArray(value) && value.every((item) => typeof item === type)) return value as readonly unknown[];
  throw misfit(file, key, value === undefined ? "nothing" : "another value", `an array of ${type}s`);
}

function misfit(file: GgufFile, key: string, found: string, wanted: string): ModelFormatError {
  return new ModelFormatError("bad_metadata", `${file.source}, key ${key}`, found, { wanted });
}
