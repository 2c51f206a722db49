/** A layout: into which files a model goes, in which naming, and in which formats by default. */
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { TypedMetadata } from "../../../src/checkpoints/gguf/values.ts";
import { fits, ruled } from "../formats.ts";
import type { Rule } from "../formats.ts";
import type { Labels } from "../metadata.ts";
import type { OpenModel } from "../../readers/open-model.ts";

export interface LayoutFile {
  readonly path: string;
  readonly metadata: TypedMetadata;
  readonly tensors: readonly PlannedTensor[];
}

/** A tensor under the name that it gets; `canonical` is ours for it. */
export interface PlannedTensor {
  readonly canonical: string;
  readonly entry: TensorEntry;
  readonly format: Format;
}

export interface LayoutOptions extends Labels {
  /** Format of the matrices. */
  readonly type?: Format | undefined;
  /** Formats by canonical name, before `type`; the first that matches counts. */
  readonly rules?: readonly Rule[] | undefined;
}

export interface Layout {
  /** The files for `model`, the first at `to`. */
  readonly files: (model: OpenModel, to: string, options: LayoutOptions) => Promise<readonly LayoutFile[]>;
  /** What the files cannot hold, if anything. */
  readonly notes: (model: OpenModel) => readonly string[];
}

/** A note for a model with `tensor`, which a layout has no place for. */
const leftOut =
  (tensor: string, note: string) =>
  (model: OpenModel): readonly string[] =>
    model.tensors.has(tensor) ? [note] : [];

export const ctcIsLeftOut = leftOut(
  "ctc.ctc_lo.weight",
  "the CTC branch is left out: this layout has no place for it",
);

export const cmvnIsLeftOut = leftOut(
  "cmvn.scale",
  "the normalizing constants are left out: this layout has no place for them; read it with --am-mvn",
);

export const timeHeadIsLeftOut = leftOut(
  "predictor.cif_output2.weight",
  "the predictor's head for times is left out: this layout has no place for it",
);

export const biasIsLeftOut = leftOut(
  "hotword_output_layer.weight",
  "SeACo's bias towards hotwords is left out: this layout has no place for it",
);

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
