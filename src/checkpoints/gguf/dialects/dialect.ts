/**
 * A dialect is one table: how a converter named its tensors and keys, and what we call them. It is recognized by its
 * tensors, since different converters share architecture strings; where two share the names of all tensors too, by a
 * key.
 */
import type { Metadata, MetadataValue } from "../../checkpoint.ts";
import { ModelFormatError } from "../../../errors.ts";
import type { GgufFile } from "../file.ts";

export interface Dialect {
  /** As messages and `Checkpoint.dialect` name it. */
  readonly name: string;
  /** `general.architecture` of the model as our own files have it. */
  readonly architecture: string;
  /** What a file holds. */
  readonly part: Part;
  /** Tensors that every file of the dialect has, and tensors that none has. */
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
  /** A key that every file of the dialect has. */
  readonly key?: string;
  /** Tensors that a model has no use for, or that say something else than their name. */
  readonly drops?: readonly string[];
  /** The file's metadata under canonical keys. */
  metadata(file: GgufFile, options: DialectOptions): Metadata;
  /** Every tensor name that a whole file may have, and ours for it. */
  names(file: KeyedFile): readonly NamePair[];
}

/** What is needed of a file to know its names: enough to write one. */
export type KeyedFile = Pick<GgufFile, "source" | "metadata">;

/** The whole model, or one of the two files that the official release makes of Fun-ASR-Nano. */
export type Part = "model" | "audio encoder" | "language model";

export type NamePair = readonly [foreign: string, canonical: string];

/** The file's key, ours, and the value where a file may lack it. Without one the key is due. */
export type KeyRow = readonly [foreign: string, canonical: string, absent?: MetadataValue];

/** What is known from elsewhere where a file does not say. */
export interface DialectOptions {
  /** Whether the language model sees an eighth of the frames (Fun-ASR-Nano) or all of them (MLT). */
  readonly useLowFrameRate?: boolean;
}

export function recognizes({ has, lacks = [], key }: Dialect, file: GgufFile): boolean {
  return (
    has.every((name) => file.tensors.has(name)) &&
    !lacks.some((name) => file.tensors.has(name)) &&
    (key === undefined || file.metadata.has(key))
  );
}

/** Canonical keys with the values of the file's, in the order of the table. */
export function translateKeys(file: GgufFile, table: readonly KeyRow[]): [string, MetadataValue][] {
  return table.map(([foreign, canonical, absent]) => {
    const value = file.metadata.get(foreign) ?? absent;
    if (value === undefined) throw badKey(file, foreign, "the key is missing");
    return [canonical, value];
  });
}

/** The entries whose keys begin with one of `prefixes`: they mean the same in every dialect. */
export function commonKeys(file: GgufFile, ...prefixes: string[]): [string, MetadataValue][] {
  return [...file.metadata].filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
}

/** Enough for the largest language models; a larger number of blocks would only cost time. */
const mostBlocks = 512;

/** A number of blocks, before so many names are made of it. */
export function blockCount(file: KeyedFile, key: string): number {
  const value = file.metadata.get(key);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= mostBlocks) return value;
  const found =
    value === undefined ? "the key is missing" : `the value ${JSON.stringify(value).slice(0, 40)}`;
  throw badKey(file, key, found, `a number of blocks, at most ${mostBlocks}`);
}

/** A size that the file tells by the shape of a tensor only; 0 where there is no such tensor. */
export const sizeOf = (file: GgufFile, tensor: string): number => file.tensors.get(tensor)?.shape[0] ?? 0;

/** What the front end of all these models does, and hardly a file mentions. */
export const frontendConstants = (prefix: string): [string, MetadataValue][] => [
  [`${prefix}.sample_rate`, 16_000],
  [`${prefix}.n_mels`, 80],
  [`${prefix}.frame_length_ms`, 25],
  [`${prefix}.frame_shift_ms`, 10],
  [`${prefix}.lfr_m`, 7],
  [`${prefix}.lfr_n`, 6],
  [`${prefix}.window`, "hamming"],
];

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

function badKey(file: KeyedFile, key: string, found: string, wanted?: string): ModelFormatError {
  const details = wanted === undefined ? {} : { wanted };
  return new ModelFormatError("bad_metadata", `${file.source}, key ${key}`, found, details);
}
