/** The rows of a naming's table of keys, read from a file and written to one. */
import type { Checkpoint, MetadataValue } from "../../checkpoint.ts";
import { ModelFormatError } from "../../../errors.ts";

/** What is needed of a file to know its names: enough to write one. */
export type KeyedFile = Pick<Checkpoint, "source" | "metadata">;

export type KeyRow = CopiedKey | WrittenKey;

/** The file's key, ours for the same value, and the value where a file may lack it. Without one the key is required. */
export type CopiedKey = readonly [foreign: string, canonical: string, absent?: MetadataValue];

/** A key that is written, and read in another way or not at all. */
interface WrittenKey {
  readonly key: string;
  readonly value: (model: Model) => MetadataValue;
}

/** What a written value may depend on. */
export type Model = Pick<Checkpoint, "source" | "metadata" | "tensors">;

/** A key with the same value in every file that is written. */
export const constant = (key: string, value: MetadataValue): WrittenKey => ({ key, value: () => value });

/** A key that is computed from the model. */
export const computed = (key: string, value: (model: Model) => MetadataValue): WrittenKey => ({ key, value });

/** A key that is written with the value of a canonical one. */
export const writtenFrom = (key: string, canonical = key): WrittenKey =>
  computed(key, (model) => requiredValue(model, canonical));

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
  return rows.map((row) =>
    isCopied(row) ? [row[0], requiredValue(model, row[1])] : [row.key, row.value(model)],
  );
}

/** Throws `bad_metadata` where the key is missing. */
export function requiredValue(model: KeyedFile, key: string): MetadataValue {
  const value = model.metadata.get(key);
  if (value === undefined) throw missing(model, key, "a value, which the layout needs");
  return value;
}

/** Throws `bad_metadata` where the file states another value: a variant of the model that is not computed. */
export function expectKey(file: KeyedFile, key: string, wanted: MetadataValue): void {
  const found = file.metadata.get(key) ?? wanted;
  if (found === wanted) return;
  const where = `${file.source}, key ${key}`;
  const value = `the value ${JSON.stringify(found).slice(0, 40)}`;
  throw new ModelFormatError("bad_metadata", where, value, { wanted: JSON.stringify(wanted) });
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
