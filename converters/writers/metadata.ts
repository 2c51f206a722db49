/**
 * The metadata of a file to be written: its name and license, the model's canonical keys, its origin; and GGUF's types
 * for them all.
 */
import { formats } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Metadata, MetadataValue } from "../../src/checkpoints/checkpoint.ts";
import { bool, bytes, float32, int32s, string, strings, uint32 } from "../../src/checkpoints/gguf/values.ts";
import type { TypedMetadata, TypedValue } from "../../src/checkpoints/gguf/values.ts";
import { RuntimeError } from "../../src/errors.ts";
import { version } from "../../src/version.ts";
import { fileName, sha256 } from "./node.ts";
import type { OpenModel } from "../readers/open-model.ts";

/** The name and the license of a file. */
export interface Labels {
  /** `general.name` and `general.license`, where they are not to be the source's. */
  readonly name?: string | undefined;
  readonly license?: string | undefined;
}

/** The file's metadata: name and license first, then the model's keys, then the origin. */
export async function describe(
  model: OpenModel,
  chosen: ReadonlyMap<string, Format>,
  { name, license }: Labels,
): Promise<ReadonlyMap<string, MetadataValue>> {
  const given = model.metadata;
  const architecture = String(given.get("general.architecture"));
  const source = `${architecture}.source.`;
  const own = [...given].filter(([key]) => !key.startsWith("general.") && !key.startsWith(source));
  const kept = [...given].filter(([key]) => key.startsWith(source));
  const general: (readonly [string, MetadataValue | undefined])[] = [
    ["general.architecture", architecture],
    ["general.name", name ?? given.get("general.name")],
    ["general.license", license ?? given.get("general.license")],
    ["general.file_type", fileType(chosen)],
    ["general.quantization_version", 2],
  ];
  return new Map<string, MetadataValue>([
    ...general.filter((entry): entry is [string, MetadataValue] => entry[1] !== undefined),
    ...own,
    ...(kept.length > 0 ? kept : await origin(source, model)),
  ]);
}

/** llama.cpp's number for the format that most matrices have. */
export const fileType = (chosen: ReadonlyMap<string, Format>): number =>
  formats[mostOf(chosen.values())].llamaFileType;

/** The format that most tensors have, F32 apart. */
export function mostOf(chosen: Iterable<Format>): Format {
  const counts = new Map<Format, number>();
  for (const format of chosen) {
    if (format !== "F32") counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? "F32";
}

/** Names, formats and hashes of what was converted, and by what; a model on a server is not read twice for its hash. */
async function origin(prefix: string, { files, tensors }: OpenModel): Promise<[string, MetadataValue][]> {
  const known: [string, MetadataValue][] = [
    [`${prefix}tool`, `fun-asr ${version}`],
    [`${prefix}file`, files.map((file) => fileName(file)).join(" + ")],
    [`${prefix}formats`, countFormats(tensors)],
  ];
  if (files.some((file) => /^https?:/i.test(file))) return known;
  const hashes: string[] = [];
  for (const file of files) hashes.push(await sha256(file));
  return [...known, [`${prefix}sha256`, hashes.join(" + ")]];
}

/** "826 BF16, 435 F32" */
function countFormats(tensors: OpenModel["tensors"]): string {
  const counts = new Map<Format, number>();
  for (const { format } of tensors.values()) counts.set(format, (counts.get(format) ?? 0) + 1);
  return [...counts].map(([format, count]) => `${count} ${format}`).join(", ");
}

/** Keys whose values are real numbers even when they happen to be whole. */
const reals =
  /\.(rope_freq_base|rope\.freq_base|rope_theta|rms_norm_eps|layer_norm_rms_epsilon|recommended\.(window|pause|overlap)|threshold|tail_threshold|(smooth_factor|noise_threshold)2?)$/;

export function typed(metadata: Metadata): TypedMetadata {
  return new Map([...metadata].map(([key, value]) => [key, typedValue(key, value)]));
}

function typedValue(key: string, value: MetadataValue): TypedValue {
  if (typeof value === "string") return string(value);
  if (typeof value === "boolean") return bool(value);
  if (value instanceof Uint8Array) return bytes(value);
  if (typeof value === "number") {
    if (reals.test(key) || !Number.isInteger(value)) return float32(value);
    if (value >= 0 && value < 2 ** 32) return uint32(value);
  } else if (isArrayOf(value, "string")) return strings(value);
  else if (isArrayOf(value, "number") && value.every(Number.isInteger)) return int32s(value);
  throw new RuntimeError("internal", key, `no GGUF type for ${JSON.stringify(value).slice(0, 60)}`);
}

function isArrayOf(value: MetadataValue, type: "string"): value is readonly string[];
function isArrayOf(value: MetadataValue, type: "number"): value is readonly number[];
function isArrayOf(value: MetadataValue, type: string): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}
