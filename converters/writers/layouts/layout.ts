/** A layout: into which files a model goes, under which names and keys, and in which formats by default. */
import type { Format } from "../../../kernels/formats/table.ts";
import type { Metadata, MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { TypedMetadata } from "../../../src/checkpoints/gguf/values.ts";
import { fits, ruled } from "../formats.ts";
import type { Rule } from "../formats.ts";
import type { Naming } from "../metadata.ts";
import type { OpenModel } from "../../readers/open.ts";

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

/** The file's key and ours, or the constant that its converter writes. */
export type KeyPair = readonly [foreign: string, canonical: string | number];

/** The values of canonical keys under foreign ones, and constants, in the order of the table. */
export function rename(model: OpenModel, table: readonly KeyPair[]): Metadata {
  return new Map(
    table.map(([foreign, canonical]) => [
      foreign,
      typeof canonical === "number" ? canonical : valueOf(model, canonical),
    ]),
  );
}

export function valueOf(model: OpenModel, key: string): MetadataValue {
  const value = model.metadata.get(key);
  if (value !== undefined) return value;
  throw new ModelFormatError("bad_metadata", `${model.source}, key ${key}`, "the key is missing", {
    wanted: "a value, which the layout needs",
  });
}

export function ctcIsLost(model: OpenModel): readonly string[] {
  return model.tensors.has("ctc.ctc_lo.weight")
    ? ["the CTC branch is left out: this layout has no place for it"]
    : [];
}

export function cmvnIsLost(model: OpenModel): readonly string[] {
  return model.tensors.has("cmvn.scale")
    ? ["the normalizing constants are left out: this layout has no place for them; read it with --am-mvn"]
    : [];
}

export function timeHeadIsLost(model: OpenModel): readonly string[] {
  return model.tensors.has("predictor.cif_output2.weight")
    ? ["the predictor's head for times is left out: this layout has no place for it"]
    : [];
}

/** The format of the first rule that matches the canonical name, or else `usual` where the rows allow it. */
export function formatOf(
  canonical: string,
  entry: TensorEntry,
  usual: Format,
  rules: readonly Rule[] = [],
): Format {
  const rule = rules.find(({ pattern }) => pattern.test(canonical));
  if (rule !== undefined) return ruled(entry, rule.format, entry.shape.length > 1);
  return fits(entry, usual) ? usual : "F16";
}
