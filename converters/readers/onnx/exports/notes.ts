/**
 * `metadata_props` of sherpa-onnx's exports, texts all: the stacking of frames, the normalization of features as lists of
 * numbers, and for some models the type, the vocabulary's size and ids.
 */
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import { malformed } from "../../../../src/checkpoints/malformed.ts";
import { valuesEntry } from "../../families/cmvn.ts";
import { publishedFrontend } from "../../families/family.ts";
import type { ExportFile } from "./export.ts";

export type FrontendConf = Readonly<Record<keyof typeof publishedFrontend, number | string>>;

/** What its callers take for features: the published front end, with the stacking that is noted. */
export function notedFrontend({ metadata, source }: ExportFile): FrontendConf {
  const integer = (key: string, absent: number): number => {
    const text = metadata.get(key) ?? String(absent);
    if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text);
    throw malformed(`${source}, ${key}`, JSON.stringify(text.slice(0, 40)), "a number of frames");
  };
  // samples in [-1, 1] would need another normalization; no published export of these models has it
  if ((metadata.get("normalize_samples") ?? "0") !== "0")
    throw malformed(`${source}, normalize_samples`, String(metadata.get("normalize_samples")), "0");
  return {
    ...publishedFrontend,
    lfr_m: integer("lfr_window_size", publishedFrontend.lfr_m),
    lfr_n: integer("lfr_window_shift", publishedFrontend.lfr_n),
  };
}

/** `cmvn.shift` and `cmvn.scale` of `size` features; undefined where none are noted. */
export function notedCmvn(
  { metadata, source }: ExportFile,
  size: number,
): readonly [string, TensorEntry][] | undefined {
  const found = [
    ["neg_mean", "cmvn.shift"],
    ["inv_stddev", "cmvn.scale"],
  ] as const;
  if (!metadata.has("neg_mean")) return undefined;
  return found.map(([key, name]) => {
    const values = Float32Array.from((metadata.get(key) ?? "").split(","), number);
    if (values.length === size && values.every(Number.isFinite)) return valuesEntry(name, values);
    throw malformed(`${source}, ${key}`, `${values.length} values`, `${size} finite numbers`);
  });
}

const number = (text: string): number =>
  /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/iu.test(text) ? Number(text) : Number.NaN;
