/**
 * `metadata_props` of sherpa-onnx's exports, texts all: the stacking of frames, the normalization of features as lists of
 * numbers, and for some models the type, the vocabulary's size and ids.
 */
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import { malformed } from "../../../../src/checkpoints/malformed.ts";
import { valuesEntry } from "../../families/cmvn.ts";
import { Config } from "../../config.ts";
import { publishedFrontend } from "../../families/family.ts";
import type { ExportFile } from "./export.ts";

/** A graph's notes, and its name in messages. */
export type Noted = Pick<ExportFile, "metadata" | "source">;

export type FrontendConf = Readonly<Record<keyof typeof publishedFrontend, number | string>>;

/** What its callers take for features: the published front end, with the stacking that is noted. */
export function notedFrontend({ metadata, source }: Noted): FrontendConf {
  const integer = (key: string, absent: number): number => {
    const text = metadata.get(key) ?? String(absent);
    if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text);
    throw malformed(`${source}, ${key}`, JSON.stringify(text.slice(0, 40)), "a number of frames");
  };
  // samples in [-1, 1] would need another normalization; no published export of these models has it
  expectNotes({ metadata, source }, { normalize_samples: 0 });
  return {
    ...publishedFrontend,
    lfr_m: integer("lfr_window_size", publishedFrontend.lfr_m),
    lfr_n: integer("lfr_window_shift", publishedFrontend.lfr_n),
  };
}

/** Throws `checkpoint_malformed` where a note has another value than follows from the weights, or than is computed. */
export function expectNotes(
  { metadata, source }: Noted,
  wanted: Readonly<Record<string, string | number>>,
): void {
  for (const [key, value] of Object.entries(wanted)) {
    const found = metadata.get(key) ?? String(value);
    if (found !== String(value))
      throw malformed(`${source}, ${key}`, JSON.stringify(found.slice(0, 40)), JSON.stringify(String(value)));
  }
}

/**
 * config.yaml, where it is that of one of `models`, or else what `settings` makes of the weights and the notes. Throws
 * `checkpoint_malformed` where both state a stacking of frames, and not the same one.
 */
export function settingsOf(
  file: ExportFile,
  models: readonly string[],
  settings: (frontend: FrontendConf) => unknown,
): Config {
  const frontend = notedFrontend(file);
  const { config, metadata, source } = file;
  if (config === undefined || !models.some((model) => config.value("model") === model))
    return new Config(settings(frontend), `${source}, the published settings`);
  if (metadata.has("lfr_window_size")) config.require("frontend_conf.lfr_m", frontend.lfr_m);
  if (metadata.has("lfr_window_shift")) config.require("frontend_conf.lfr_n", frontend.lfr_n);
  return config;
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
  if (!found.some(([key]) => metadata.has(key))) return undefined;
  return found.map(([key, name]) => {
    const values = Float32Array.from((metadata.get(key) ?? "").split(","), number);
    if (values.length === size && values.every(Number.isFinite)) return valuesEntry(name, values);
    throw malformed(`${source}, ${key}`, `${values.length} values`, `${size} finite numbers`);
  });
}

const number = (text: string): number =>
  /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/iu.test(text) ? Number(text) : Number.NaN;
