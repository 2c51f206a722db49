/**
 * What CrispASR's files share: names and order of its converter, F16 for every tensor of two dimensions or more, and its
 * rule for what a quantized file quantizes. It quantizes what F16 has left; here the weights themselves are.
 */
import type { Format } from "../../../kernels/formats/table.ts";
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { NamePair } from "../../../src/checkpoints/gguf/dialects/dialect.ts";
import { fits } from "../formats.ts";
import { typed } from "../metadata.ts";
import type { OpenModel } from "../../readers/open.ts";
import { formatOf } from "./layout.ts";
import type { LaidTensor, LayoutFile, LayoutWish } from "./layout.ts";

export interface CrispAsrContent {
  /** In the order of the file. */
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly names: readonly NamePair[];
}

/** Tensors that the model lacks are left out. */
export function crispAsrFile(
  model: OpenModel,
  path: string,
  { metadata, names }: CrispAsrContent,
  { type = "F16", rules }: LayoutWish,
): LayoutFile {
  const isQuantized = Object.hasOwn(fileTypes, type);
  const tensors = names.flatMap(([foreign, canonical]): LaidTensor[] => {
    const found = model.tensors.get(canonical) ?? model.besides?.get(canonical);
    if (found === undefined) return [];
    const entry = { ...found, name: foreign };
    const format = formatOf(canonical, entry, usual(foreign, entry, type), rules);
    // ggml's C library, and so the quantizer, forgets outer dimensions of 1.
    const shape =
      isQuantized && entry.shape.length === 2 && entry.shape[0] === 1 ? entry.shape.slice(1) : entry.shape;
    return [{ canonical, entry: { ...entry, shape }, format }];
  });
  const quantized: readonly [string, MetadataValue][] = isQuantized
    ? [
        ["general.quantization_version", 2],
        ["general.file_type", fileTypes[type] as number],
      ]
    : [];
  return { path, metadata: typed(new Map([...metadata, ...quantized])), tensors };
}

/** ggml's numbers, which are not llama.cpp's. */
const fileTypes: Readonly<Partial<Record<Format, number>>> = {
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
};

/** Rows that a K format does not divide, and what is taken for it. */
const narrower: Readonly<Partial<Record<Format, Format>>> = { Q4_K: "Q4_0", Q5_K: "Q5_0", Q6_K: "Q8_0" };

function usual(foreign: string, entry: TensorEntry, type: Format): Format {
  const dimensions = entry.shape.length;
  if (dimensions < 2) return "F32";
  const isMatrix = dimensions === 2 && entry.shape[0] !== 1;
  if (!isMatrix || foreign.includes("norm")) return "F16";
  const wanted = [type, narrower[type] ?? type];
  return wanted.find((format) => fits(entry, format)) ?? "F16";
}
