/**
 * MLX's quantized matrices: `M.weight` (uint32 words), `M.scales` and `M.biases` (one each for a group of a row). The words
 * of a row are one stream of bits; element e has those from `e · bits` on, the lowest first, and the value
 * scale · q + bias. https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.quantize.html
 *
 * The value is computed in float32, where MLX's `dequantize` rounds it to the type of its scales. Up to 4 bits are the
 * numbers of a Q4_1 block, and 5 bits those of Q5_1, where F16 holds the scales and biases exactly: they are repacked
 * without loss. Others become F32.
 */
import { quantizeRow, unpackRow } from "../../../kernels/formats/index.ts";
import { byteLength } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { StoredEntry } from "../safetensors.ts";
import { packGroups } from "./mlx-blocks.ts";

/** How a matrix is quantized. */
export interface Grouping {
  readonly bits: number;
  /** Elements with one scale and one bias. */
  readonly groupSize: number;
}

/** A quantized matrix with the tensors that it is made of. */
export interface Groups extends Grouping {
  readonly words: StoredEntry;
  readonly scales: TensorEntry;
  readonly biases: TensorEntry;
}

const scalesSuffix = ".scales";
const knownBits: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 8]);

/** `tensors` with each triple as one matrix; `groupingOf` knows the module's bits and group, by its path. */
export async function withoutGroups(
  tensors: ReadonlyMap<string, TensorEntry>,
  stored: ReadonlyMap<string, StoredEntry>,
  groupingOf: (module: string) => Grouping,
): Promise<ReadonlyMap<string, TensorEntry>> {
  const modules = new Set(
    [...tensors.keys()]
      .filter((name) => name.endsWith(scalesSuffix))
      .map((name) => name.slice(0, -scalesSuffix.length)),
  );
  const result = new Map<string, TensorEntry>();
  for (const [name, entry] of tensors) {
    const [, module = "", part = ""] = /^(.*)\.(weight|scales|biases)$/u.exec(name) ?? [];
    if (!modules.has(module)) {
      if (part === "weight" && stored.get(name)?.dtype === "U32")
        throw unsupported(
          module,
          "words of codes without scales",
          "affine groups: weight, scales and biases",
        );
      result.set(name, entry);
    } else if (part === "weight")
      result.set(name, await matrixOf(module, tensors, stored, groupingOf(module)));
  }
  return result;
}

async function matrixOf(
  module: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  stored: ReadonlyMap<string, StoredEntry>,
  { bits, groupSize }: Grouping,
): Promise<TensorEntry> {
  const words = stored.get(`${module}.weight`);
  const [scales, biases] = [tensors.get(`${module}.scales`), tensors.get(`${module}.biases`)];
  if (words === undefined || scales === undefined || biases === undefined)
    throw unsupported(module, "scales without biases", "affine groups: weight, scales and biases");
  const [rows = 0, wordCount = 0] = words.shape;
  const columns = (32 * wordCount) / bits;
  const due = [rows, columns / groupSize].join();
  const fits =
    knownBits.has(bits) &&
    words.dtype === "U32" &&
    words.shape.length === 2 &&
    Number.isInteger(columns) &&
    scales.shape.join() === due &&
    biases.shape.join() === due;
  if (!fits) {
    const found = `${words.dtype} [${words.shape.join(", ")}] with scales [${scales.shape.join(", ")}]`;
    throw unsupported(module, found, `what ${bits} bits in groups of ${groupSize} take`);
  }
  const groups = { bits, groupSize, words, scales, biases };
  const format = await formatOf(groups);
  return {
    name: words.name,
    shape: [rows, columns],
    format,
    byteLength: byteLength(format, rows * columns),
    read: (target, signal) => readGroups(groups, format, target, signal),
  };
}

/** A block of 32 with one scale and one minimum in F16, where the numbers are these. */
async function formatOf({ bits, groupSize, scales, biases }: Groups): Promise<Format> {
  const isBlock = bits <= 5 && groupSize % 32 === 0;
  if (!isBlock || !(await isHalf(scales)) || !(await isHalf(biases))) return "F32";
  return bits === 5 ? "Q5_1" : "Q4_1";
}

/** Whether F16 holds all values, as it does those of BF16 that are neither tiny nor huge. */
async function isHalf(entry: TensorEntry): Promise<boolean> {
  if (entry.format === "F16") return true;
  const values = await floatsOf(entry);
  const halves = new Float32Array(values.length);
  unpackRow("F16", asHalves(values), 0, halves, halves.length);
  return values.every((value, i) => value === halves[i]);
}

function asHalves(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  quantizeRow("F16", values, bytes, 0, values.length);
  return bytes;
}

async function halvesOf(entry: TensorEntry, signal?: AbortSignal): Promise<Uint8Array> {
  return entry.format === "F16" ? bytesOf(entry, signal) : asHalves(await floatsOf(entry, signal));
}

async function readGroups(
  { bits, groupSize, words, scales, biases }: Groups,
  format: Format,
  target: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = new Uint8Array(words.byteLength);
  await words.readRange(0, bytes, signal);
  const codes = codesOf(bytes, bits);
  if (format === "F32") {
    const [scale, bias] = [await floatsOf(scales, signal), await floatsOf(biases, signal)];
    const values = new Float32Array(codes.length);
    for (let i = 0; i < codes.length; i++) {
      const group = Math.floor(i / groupSize);
      values[i] = Math.fround(scale[group]! * codes[i]!) + bias[group]!;
    }
    target.set(new Uint8Array(values.buffer));
    return;
  }
  const [scale, bias] = [await halvesOf(scales, signal), await halvesOf(biases, signal)];
  packGroups({ codes, groupSize, scale, bias, fifthBit: bits === 5 }, target);
}

/** The elements of a stream of bits; the rows' streams follow each other without gaps. */
export function codesOf(bytes: Uint8Array, bits: number): Uint8Array {
  const count = (8 * bytes.length) / bits;
  const mask = 2 ** bits - 1;
  const codes = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const bit = i * bits;
    const at = bit >>> 3;
    const pair = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
    codes[i] = (pair >>> (bit & 7)) & mask;
  }
  return codes;
}

async function bytesOf(entry: TensorEntry, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes, signal);
  return bytes;
}

async function floatsOf(entry: TensorEntry, signal?: AbortSignal): Promise<Float32Array> {
  const values = new Float32Array(entry.shape.reduce((product, size) => product * size, 1));
  unpackRow(entry.format, await bytesOf(entry, signal), 0, values, values.length);
  return values;
}

function unsupported(module: string, found: string, wanted: string): ModelFormatError {
  return new ModelFormatError("unsupported_format", `module ${module}`, found, { wanted });
}
