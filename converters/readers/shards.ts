/**
 * Safetensors in several files: `model.safetensors.index.json` states in its `weight_map` which file has which tensor, as
 * Hugging Face's libraries write them.
 */
import { malformed } from "../../src/checkpoints/malformed.ts";
import type { FileSet } from "../../src/platform/file-set.ts";
import { Companions } from "./companions.ts";
import type { SafetensorsState } from "./safetensors.ts";
import { openSafetensors } from "./safetensors.ts";

export const indexFile = "model.safetensors.index.json";

/** More than a model of any family here is ever cut into. */
const maxShards = 1_000;

/** Opens all files that the index names. Throws `checkpoint_malformed` where they do not hold what it states. */
export async function openShards(files: FileSet, index = indexFile): Promise<SafetensorsState> {
  const companions = new Companions(files);
  const where = companions.where(index);
  const places = weightMap(await companions.json(index), where);
  const names = [...new Set(places.values())];
  if (names.length > maxShards) throw malformed(where, `${names.length} files`, `at most ${maxShards}`);
  const shards = new Map<string, SafetensorsState>();
  const close = async (): Promise<void> => {
    for (const shard of shards.values()) await shard[Symbol.asyncDispose]();
  };
  try {
    for (const name of names) shards.set(name, await openSafetensors(await files.open(name)));
    const held = [...shards].flatMap(([file, { tensors }]) =>
      [...tensors.keys()].map((name) => [name, file]),
    );
    for (const [name = "", file = ""] of held) {
      if (places.get(name) !== file)
        throw malformed(where, `${name} is in ${file}`, places.get(name) ?? "a place for it in weight_map");
    }
    const lost = [...places].find(([name, file]) => shards.get(file)?.tensors.has(name) !== true);
    if (lost !== undefined) throw malformed(where, `${lost[1]} does not hold ${lost[0]}`);
    const all = [...shards.values()];
    return {
      source: index,
      metadata: new Map(all.flatMap(({ metadata }) => [...metadata])),
      tensors: new Map(all.flatMap(({ tensors }) => [...tensors])),
      stored: new Map(all.flatMap(({ stored }) => [...stored])),
      shards: names,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file of each tensor. Paths that lead out of the folder are refused by their separators. */
function weightMap(json: unknown, where: string): ReadonlyMap<string, string> {
  const map: unknown =
    typeof json === "object" && json !== null ? (json as { weight_map?: unknown }).weight_map : undefined;
  if (typeof map !== "object" || map === null)
    throw malformed(where, "no weight_map", "tensors and their files");
  return new Map(
    Object.entries(map).map(([name, file]: [string, unknown]) => {
      if (typeof file !== "string" || !/^[\w.-]+\.safetensors$/u.test(file))
        throw malformed(
          `${where}, ${name}`,
          JSON.stringify(file) ?? "nothing",
          "a safetensors file of the folder",
        );
      return [name, file];
    }),
  );
}
