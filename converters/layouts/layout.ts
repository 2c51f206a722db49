/** A layout: into which files a model goes, under which names and keys, and in which formats by default. */
import { formats } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Metadata, MetadataValue, TensorEntry } from "../../src/checkpoint.ts";
import { ModelFormatError, UsageError } from "../../src/errors.ts";
import type { TypedMetadata } from "../../src/gguf/values.ts";
import type { Rule } from "../formats.ts";
import type { Naming } from "../metadata.ts";
import type { OpenModel } from "../open.ts";

export interface LayoutFile {
  readonly path: string;
  readonly metadata: TypedMetadata;
  readonly tensors: readonly LaidTensor[];
}

/** A tensor under the name that it gets; `canonical` is ours for it. */
export interface LaidTensor {
  readonly canonical: string;
  readonly entry: TensorEntry;
  readonly format: Format;
}

export interface LayoutWish extends Naming {
  readonly type?: Format | undefined;
  readonly rules?: readonly Rule[] | undefined;
}

export interface Layout {
  /** The files for `model`, the first at `to`. */
  readonly files: (model: OpenModel, to: string, wish: LayoutWish) => Promise<readonly LayoutFile[]>;
  /** What is lost on the way, if anything. */
  readonly notes: (model: OpenModel) => readonly string[];
}

/** The file's key and ours. */
export type KeyPair = readonly [foreign: string, canonical: string];

/** The values of canonical keys under foreign ones, in the order of the table. */
export function rename(model: OpenModel, table: readonly KeyPair[]): Metadata {
  return new Map(table.map(([foreign, canonical]) => [foreign, valueOf(model, canonical)]));
}

export function valueOf(model: OpenModel, key: string): MetadataValue {
  const value = model.metadata.get(key);
  if (value !== undefined) return value;
  throw new ModelFormatError("bad_metadata", `${model.source}, key ${key}`, "the key is missing", {
    wanted: "a value, which the layout needs",
  });
}

/** Refuses models that have no place in a layout of Fun-ASR-Nano. */
export function demandNano(model: OpenModel, layout: string): void {
  const architecture = model.metadata.get("general.architecture");
  if (architecture === "fun-asr-nano") return;
  throw new UsageError("bad_option", "layout", `${layout} for ${String(architecture)}`, {
    wanted: "fun-asr",
  });
}

export function ctcIsLost(model: OpenModel): readonly string[] {
  return model.tensors.has("ctc.ctc_lo.weight")
    ? ["the CTC branch is left out: this layout has no place for it"]
    : [];
}

/** The format of the first rule that matches the canonical name, or else `usual`. */
export function ruled(
  canonical: string,
  entry: TensorEntry,
  usual: Format,
  rules: readonly Rule[] = [],
): Format {
  return rules.find(({ pattern }) => pattern.test(canonical))?.format ?? (fits(entry, usual) ? usual : "F16");
}

export function fits({ shape }: TensorEntry, format: Format): boolean {
  return (shape.at(-1) ?? 1) % formats[format].blockSize === 0;
}
