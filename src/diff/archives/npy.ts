/**
 * NumPy's file of one array: a magic, a version, and a Python dictionary of type, order and shape, padded so that the
 * values are aligned. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * Refused: Fortran order, big-endian numbers, types that archives do not have (objects, strings, complex numbers).
 */
import { floatsOf } from "../../checkpoints/safetensors/index.ts";
import type { Dtype } from "../../checkpoints/safetensors/index.ts";
import { dtypes } from "../../checkpoints/safetensors/header.ts";
import type { StageValues } from "../compare.ts";
import { elementsOf, malformed } from "./archive.ts";

export interface NpyHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly dataStart: number;
}

const magic = "\u0093NUMPY";
const alignment = 64;
/** The longest header that is read: NumPy refuses longer ones, too. */
export const headerBytes = 10_000;
const maxRank = 32;

/** NumPy's names of the types. */
const descriptions: ReadonlyMap<string, Dtype> = new Map([
  ["<f8", "F64"],
  ["<f4", "F32"],
  ["<f2", "F16"],
  ["<i8", "I64"],
  ["<i4", "I32"],
  ["<i2", "I16"],
  ["|i1", "I8"],
  ["<u8", "U64"],
  ["<u4", "U32"],
  ["<u2", "U16"],
  ["|u1", "U8"],
  ["|b1", "BOOL"],
]);

/** Reads the header of an array file of `size` bytes, which begins with the bytes `start`. */
export function parseNpyHeader(where: string, start: Uint8Array, size: number): NpyHeader {
  const text = Buffer.from(start.buffer, start.byteOffset, start.byteLength).toString("latin1");
  if (!text.startsWith(magic) || start.length < 12) throw malformed(where, "no NumPy array", "an .npy file");
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw malformed(where, `.npy version ${version}`, "1 to 3");
  const fixed = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (fixed + length > start.length)
    throw malformed(where, `a header of ${length} bytes`, `at most ${start.length - fixed}`);
  const { dtype, shape } = parseDictionary(where, text.slice(fixed, fixed + length));

  const dataStart = fixed + length;
  const due = shape.reduce((product, size) => product * BigInt(size), BigInt(dtypes[dtype]));
  if (due !== BigInt(size - dataStart))
    throw malformed(where, `${size - dataStart} bytes for [${shape.join(", ")}]`, `${due} bytes`);
  return { dtype, shape, dataStart };
}

const dictionary =
  /^\{\s*'descr':\s*'([^']{1,8})',\s*'fortran_order':\s*(False|True),\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*$/u;

function parseDictionary(where: string, text: string): Omit<NpyHeader, "dataStart"> {
  const found = dictionary.exec(text);
  if (found === null)
    throw malformed(
      where,
      JSON.stringify(text.slice(0, 100)),
      "a dictionary of descr, fortran_order and shape",
    );
  const [, description = "", fortran, sizes = ""] = found;
  const dtype = descriptions.get(description);
  if (dtype === undefined)
    throw malformed(where, `values of type ${description}`, `one of ${[...descriptions.keys()].join(", ")}`);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size, i, all) => size !== "" || i < all.length - 1)
    .map((size) => readSize(where, size));
  if (shape.length > maxRank) throw malformed(where, `${shape.length} dimensions`, `at most ${maxRank}`);
  const ordered = fortran === "False" || shape.filter((size) => size !== 1).length < 2;
  if (!ordered) throw malformed(where, "columns first", "numpy.ascontiguousarray(x)");
  return { dtype, shape };
}

function readSize(where: string, text: string): number {
  const size = Number(text);
  if (!/^\d{1,16}$/u.test(text) || !Number.isSafeInteger(size))
    throw malformed(where, `the size ${JSON.stringify(text.slice(0, 40))}`, "a whole number");
  return size;
}

/** The values after the header. */
export function npyValues(name: string, { dtype, shape }: NpyHeader, bytes: Uint8Array): StageValues {
  return { shape, values: floatsOf({ name, dtype, shape, bytes }) };
}

export const npyDataBytes = ({ dtype, shape }: NpyHeader): number => elementsOf(shape) * dtypes[dtype];

/** The header of a float32 array. */
export function encodeNpyHeader(shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const fixed = 10;
  const total = Math.ceil((fixed + text.length + 1) / alignment) * alignment;
  const header = Buffer.alloc(total, " ");
  header.write(magic, 0, "latin1");
  header.writeUInt8(1, 6);
  header.writeUInt8(0, 7);
  header.writeUInt16LE(total - fixed, 8);
  header.write(text, fixed, "latin1");
  header.write("\n", total - 1, "latin1");
  return header;
}
