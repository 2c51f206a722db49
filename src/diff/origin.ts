/**
 * How activations were computed: which weights, on which backend. An archive states it in its metadata, a model by itself.
 * What the two sides have in common decides how far apart they may be.
 */
import { createHash } from "node:crypto";
import { formats } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import type { ArchiveMetadata } from "./archives/index.ts";

/** What is known of one side. */
export interface Origin {
  /** What computed, and what computed the language model; undefined for another program. */
  readonly backend?: string | undefined;
  readonly llm?: string | undefined;
  /** The coarsest format of the weights. */
  readonly format?: Format | undefined;
  /** {@link fingerprint} of the weights. */
  readonly weights?: string | undefined;
}

/** `cpu` with the rounding of `wasm`, as an origin's backend. */
export const roundedCpu = "cpu, rounding as wasm";

export function originOfModel({ backend, llm, weightFormat }: ModelInfo, weights?: string): Origin {
  return { backend, llm, format: weightFormat, weights };
}

const keys = { backend: "backend", llm: "llm_backend", format: "weight_format", weights: "weights" } as const;

/** The entries of an archive's metadata that state an origin. */
export function originEntries(origin: Origin): [key: string, value: string][] {
  return Object.entries(keys).flatMap(([name, key]): [string, string][] => {
    const value = origin[name as keyof Origin];
    return value === undefined ? [] : [[key, value]];
  });
}

/** What the metadata state. Archives of other programs state nothing of it. */
export function originOfArchive(metadata: ArchiveMetadata): Origin {
  const format = metadata.get(keys.format);
  return {
    backend: metadata.get(keys.backend),
    llm: metadata.get(keys.llm),
    format: format !== undefined && format in formats ? (format as Format) : undefined,
    weights: metadata.get(keys.weights),
  };
}

const sampleBytes = 64;

/**
 * A name for the weights: equal for equal checkpoints, different for other formats, shapes or names. Of each tensor only
 * the first bytes are read, where the container allows it: equal names mean a narrow bound, which finds what they miss.
 */
export async function fingerprint({ tensors }: Checkpoint, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const entry of [...tensors.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name, shape, format, byteLength } = entry;
    hash.update(`${name} ${format} ${shape.join()}\n`);
    const size = entry.readRange === undefined ? byteLength : Math.min(sampleBytes, byteLength);
    const bytes = new Uint8Array(size);
    if (entry.readRange === undefined) await entry.read(bytes, signal);
    else await entry.readRange(0, bytes, signal);
    hash.update(bytes.subarray(0, sampleBytes));
  }
  return hash.digest("hex").slice(0, 16);
}
