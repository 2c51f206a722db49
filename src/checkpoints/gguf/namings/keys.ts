/** The rows of a naming's table of keys, read from a file and written to one. */
import type { Checkpoint, MetadataValue } from "../../checkpoint.ts";
import { ModelFormatError } from "../../../errors.ts";

/** What is needed of a file to know its names: enough to write one. */
export type KeyedFile = Pick<Checkpoint, "source" | "metadata">;

export type KeyRow = CopiedKey | DerivedKey;

/** The file's key, ours for the same value, and the value where a file may lack it. Without one the key is required. */
export type CopiedKey = readonly [foreign: string, canonical: string, absent?: MetadataValue];

/** A key whose value follows from the model: it is written, and checked where a file states it. */
interface DerivedKey {
  readonly key: string;
  readonly value: (model: Model) => MetadataValue;
  /** Not in the files that are written. */
  readonly onlyRead?: boolean;
}

/** What a derived value may depend on. */
export type Model = Pick<Checkpoint, "source" | "metadata" | "tensors">;

/** A key with the same value in every file: another one states a variant of the model that is not computed. */
export const constant = (key: string, value: MetadataValue): DerivedKey => ({ key, value: () => value });

/** A key that is computed from the model. */
export const computed = (key: string, value: (model: Model) => MetadataValue): DerivedKey => ({ key, value });

/** A key that has the value of a canonical one. */
export const writtenFrom = (key: string, canonical = key): DerivedKey =>
  computed(key, (model) => requiredValue(model, canonical));

/** A key that files may have and none that is written has. */
export const onlyRead = (row: DerivedKey): DerivedKey => ({ ...row, onlyRead: true });

/** Canonical keys with the values of the file's, in the order of our own files. */
export function readKeys(file: KeyedFile, rows: readonly KeyRow[]): [string, MetadataValue][] {
  return rows
    .filter(isCopied)
    .map(([foreign, canonical, absent]): [string, MetadataValue] => {
      const value = file.metadata.get(foreign) ?? absent;
      if (value === undefined) throw missing(file, foreign);
      return [canonical, value];
    })
    .toSorted(([a], [b]) => placeOf(a) - placeOf(b));
}

/** The file's keys with the values of the model's, in the order of the rows. */
export function writeKeys(model: Model, rows: readonly KeyRow[]): [string, MetadataValue][] {
  return rows
    .filter((row) => isCopied(row) || row.onlyRead !== true)
    .map((row) => (isCopied(row) ? [row[0], requiredValue(model, row[1])] : [row.key, row.value(model)]));
}

/** Throws `bad_metadata` where the file states another value of a key than follows from the model that it describes. */
export function checkKeys(file: KeyedFile, rows: readonly KeyRow[], model: Model): void {
  for (const row of rows) {
    const found = isCopied(row) ? undefined : file.metadata.get(row.key);
    if (isCopied(row) || found === undefined) continue;
    const wanted = row.value(model);
    if (isSame(found, wanted)) continue;
    const where = `${file.source}, key ${row.key}`;
    throw new ModelFormatError("bad_metadata", where, `the value ${shown(found)}`, { wanted: shown(wanted) });
  }
}

/** Real numbers of a file have the precision of float32. */
const isSame = (found: MetadataValue, wanted: MetadataValue): boolean =>
  found === wanted ||
  (typeof found === "number" && typeof wanted === "number" && Math.fround(found) === Math.fround(wanted)) ||
  (Array.isArray(found) && Array.isArray(wanted) && JSON.stringify(found) === JSON.stringify(wanted));

const shown = (value: MetadataValue): string =>
  (typeof value === "number" ? `${value}` : JSON.stringify(value)).slice(0, 40);

/** Throws `bad_metadata` where the key is missing. */
export function requiredValue(model: KeyedFile, key: string): MetadataValue {
  const value = model.metadata.get(key);
  if (value === undefined) throw missing(model, key, "a value, which the layout needs");
  return value;
}

/** The entries whose keys begin with one of `prefixes`: they mean the same in every naming. */
export function commonKeys(file: KeyedFile, ...prefixes: string[]): [string, MetadataValue][] {
  return [...file.metadata].filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
}

/** What the front end of all these models does; most files do not state it. */
export const frontendConstants = (prefix: string): [string, MetadataValue][] => [
  [`${prefix}.sample_rate`, 16_000],
  [`${prefix}.n_mels`, 80],
  [`${prefix}.frame_length_ms`, 25],
  [`${prefix}.frame_shift_ms`, 10],
  [`${prefix}.lfr_m`, 7],
  [`${prefix}.lfr_n`, 6],
  [`${prefix}.window`, "hamming"],
];

const isCopied = (row: KeyRow): row is CopiedKey => !("key" in row);

/** The order of keys in our own files, after the architecture's name. */
const canonicalOrder: readonly string[] = [
  ...["sample_rate", "n_mels", "frame_length_ms", "frame_shift_ms", "lfr_m", "lfr_n", "window"].map(
    (key) => `frontend.${key}`,
  ),
  "encoder.input_size",
  "encoder.output_size",
  "encoder.attention_heads",
  "encoder.linear_units",
  "encoder.num_blocks",
  "encoder.tp_blocks",
  "encoder.kernel_size",
  "adaptor.encoder_dim",
  "adaptor.ffn_dim",
  "adaptor.llm_dim",
  "adaptor.n_layer",
  "adaptor.attention_heads",
  "llm.block_count",
  "llm.embedding_length",
  "llm.feed_forward_length",
  "llm.head_count",
  "llm.head_count_kv",
  "llm.head_dim",
  "llm.vocab_size",
  "llm.context_length",
  "llm.rope_freq_base",
  "llm.rms_norm_eps",
  "predictor.threshold",
  "predictor.tail_threshold",
  "decoder.attention_heads",
  "decoder.linear_units",
  "decoder.num_blocks",
  "decoder.att_layer_num",
  "decoder.kernel_size",
  "ctc.blank_id",
  "vocab_size",
  "ggml.model",
  "ggml.tokens",
  "ggml.eos_token_id",
  "ggml.padding_token_id",
];
const places = new Map(canonicalOrder.map((key, place) => [key, place]));

/** Keys without a place in the order come last, in the order of the table. */
const placeOf = (canonical: string): number =>
  places.get(canonical.slice(canonical.indexOf(".") + 1)) ?? canonicalOrder.length;

function missing(file: KeyedFile, key: string, wanted?: string): ModelFormatError {
  const details = wanted === undefined ? {} : { wanted };
  return new ModelFormatError("bad_metadata", `${file.source}, key ${key}`, "the key is missing", details);
}
