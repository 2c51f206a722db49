/** All whole exports, and which of them a graph is. */
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import { canonicalShape } from "../../../../src/checkpoints/gguf/shapes.ts";
import type { OnnxState } from "../checkpoint.ts";
import { funasrPunctuation, funasrRealtimePunctuation } from "./ct-punc.ts";
import type { WholeExport } from "./export.ts";
import { funasrBiCif, funasrParaformer, sherpaParaformer } from "./paraformer.ts";
import { funasrSenseVoice, sherpaSenseVoice } from "./sensevoice.ts";

const exports: readonly WholeExport[] = [
  sherpaParaformer,
  funasrParaformer,
  funasrBiCif,
  sherpaSenseVoice,
  funasrSenseVoice,
  funasrPunctuation,
  funasrRealtimePunctuation,
];

/** Undefined for a graph that is no whole model, or none that is known. */
export function exportOf({ inputs, outputs, metadata }: OnnxState): WholeExport | undefined {
  const same = (found: readonly string[], wanted: readonly string[]): boolean =>
    found.length === wanted.length && wanted.every((name, at) => name === found[at]);
  return exports.find(
    (known) => same(inputs, known.inputs) && same(outputs, known.outputs) && (known.fits?.(metadata) ?? true),
  );
}

/** The weights under the state dict's names. */
export function canonicalTensors(
  { canonical = (name) => name }: WholeExport,
  tensors: ReadonlyMap<string, TensorEntry>,
): ReadonlyMap<string, TensorEntry> {
  return new Map(
    [...tensors].map(([found, entry]) => {
      const name = canonical(found);
      return [name, canonicalShape({ ...entry, name })];
    }),
  );
}
