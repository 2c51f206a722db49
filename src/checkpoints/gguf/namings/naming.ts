/**
 * A GGUF naming is one table for reading and writing: what a converter calls keys and tensors, and what we call them.
 * A file's naming is recognized by its tensors, since different converters share architecture strings; where two
 * share the names of all tensors too, by a key.
 */
import type { Metadata, TensorEntry } from "../../checkpoint.ts";
import { ModelFormatError } from "../../../errors.ts";
import type { GgufFile } from "../file.ts";
import type { KeyedFile, KeyRow } from "./keys.ts";

export interface GgufNaming {
  /** As messages and `Checkpoint.naming` name it. */
  readonly name: string;
  /** `general.architecture` of the model as our own files have it. */
  readonly architecture: string;
  /** `general.architecture` of the files, where they are written in this naming. */
  readonly fileArchitecture?: string;
  /** What a file holds. */
  readonly part: Part;
  /** Tensors that every file of the naming has, and tensors that none has. */
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
  /** A key that every file of the naming has. */
  readonly key?: string;
  /** Tensors that are not read: the model does not use them, or they do not hold what their name states. */
  readonly unusedTensors?: readonly NamePair[];
  /** The keys of a file, in its order. */
  readonly keys: readonly KeyRow[];
  /** Replaces `metadata` and `names` where what a file holds is not a matter of keys and names alone. */
  readonly content?: (file: GgufFile, options: OpenOptions) => Promise<FileContent>;
  /** The file's metadata under canonical keys. */
  metadata(file: GgufFile, options: NamingOptions): Metadata;
  /** Every tensor name that a whole file may have, and ours for it; names that are ours already are left out. */
  names(file: KeyedFile): readonly NamePair[];
}

/** What a file holds, under canonical names and keys. */
export interface FileContent {
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly notes: readonly string[];
}

/** The whole model, or one of the two parts that the official release divides Fun-ASR-Nano into. */
type Part = "model" | "audio encoder" | "language model";

export type NamePair = readonly [foreign: string, canonical: string];

/** What the caller knows and a file may not state. */
export interface NamingOptions {
  /** Whether the language model sees an eighth of the frames (Fun-ASR-Nano) or all of them (MLT). */
  readonly useLowFrameRate?: boolean;
}

/** How a model is opened. */
export interface OpenOptions extends NamingOptions {
  /** Ends the opening with its reason; reads of the open model have signals of their own. */
  readonly signal?: AbortSignal | undefined;
}

export function recognizes({ has, lacks = [], key }: GgufNaming, file: GgufFile): boolean {
  return (
    has.every((name) => file.tensors.has(name)) &&
    !lacks.some((name) => file.tensors.has(name)) &&
    (key === undefined || file.metadata.has(key))
  );
}

/** Enough for the largest language models; a larger number of blocks would only cost time. */
const maxBlocks = 512;

/** A number of blocks, checked before that many names are made. */
export function blockCount(file: KeyedFile, key: string): number {
  const value = file.metadata.get(key);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxBlocks) return value;
  const found =
    value === undefined ? "the key is missing" : `the value ${JSON.stringify(value).slice(0, 40)}`;
  throw new ModelFormatError("bad_metadata", `${file.source}, key ${key}`, found, {
    wanted: `a number of blocks, at most ${maxBlocks}`,
  });
}

/** A size that only the shape of a tensor gives; 0 where there is no such tensor. */
export const sizeOf = (file: GgufFile, tensor: string): number => file.tensors.get(tensor)?.shape[0] ?? 0;

/** `count` times what `names` gives for 0, 1, 2, … */
export const repeat = (count: number, names: (index: number) => readonly NamePair[]): readonly NamePair[] =>
  Array.from({ length: count }, (_, index) => names(index)).flat();

/** Pairs that differ in a prefix and a suffix each. */
export const under = (
  foreign: string,
  canonical: string,
  suffixes: readonly NamePair[],
): readonly NamePair[] => suffixes.map(([theirs, ours]) => [foreign + theirs, canonical + ours]);

/** Both parameters of a module. */
export const weightAndBias = (foreign: string, canonical = foreign): readonly NamePair[] => [
  [`${foreign}.weight`, `${canonical}.weight`],
  [`${foreign}.bias`, `${canonical}.bias`],
];
