/**
 * The header of a safetensors file: 8 bytes of length, then JSON that places each tensor. Strict as the
 * format's own reader: unique keys, sizes that fit shapes, and data without holes or overlap from the header to the
 * end of the file. https://github.com/huggingface/safetensors#format
 */
import { ModelFormatError } from "../../errors.ts";
import { malformed } from "../malformed.ts";
import { parseJsonObject } from "./json.ts";
import type { Json } from "./json.ts";

/** Element types with their sizes in bytes; 8-bit floats and sub-byte types are refused by name. */
export const dtypes = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof dtypes;

/** The place of a tensor; the user of the type defines what offsets count from. */
export interface PlacedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their data; offsets count from the beginning of the file. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
}

export const lengthBytes = 8;
/** The format's own limit. */
const maxHeaderBytes = 100_000_000;
const maxRank = 8;

/** Reads the length field; what it promises is checked against the file. */
export function headerLength(file: string, field: Uint8Array, fileBytes: number): number {
  if (fileBytes < lengthBytes) {
    throw malformed(file, `${fileBytes} bytes`, "at least the 8 bytes of the header's length");
  }
  const length = new DataView(field.buffer, field.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes) || length > BigInt(fileBytes - lengthBytes)) {
    throw malformed(
      `${file}, byte 0`,
      `a header of ${length} bytes`,
      `at most ${Math.min(maxHeaderBytes, fileBytes - lengthBytes)}`,
    );
  }
  return Number(length);
}

/** Checks the header `json` of a file of `fileBytes` bytes. */
export function parseHeader(file: string, json: Uint8Array, fileBytes: number): SafetensorsHeader {
  if (json[0] !== 0x7b)
    throw malformed(`${file}, byte ${lengthBytes}`, "something else", "a header that begins with {");
  const header = parseJsonObject(decodeText(file, json), `${file}, header`);

  const dataStart = lengthBytes + json.length;
  let metadata: ReadonlyMap<string, string> = new Map();
  const locations: PlacedTensor[] = [];
  for (const [name, value] of header) {
    if (name === "__metadata__") metadata = readMetadata(file, value);
    else locations.push(readLocation(`${file}, tensor ${JSON.stringify(name)}`, name, value, dataStart));
  }
  return { metadata, tensors: inOrder(file, locations, dataStart, fileBytes) };
}

function decodeText(file: string, json: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
  } catch (cause) {
    throw malformed(`${file}, header`, "not UTF-8", undefined, cause);
  }
}

function readMetadata(file: string, value: Json): ReadonlyMap<string, string> {
  const where = `${file}, __metadata__`;
  if (!isMap(value)) throw malformed(where, "not an object");
  for (const [key, text] of value) {
    if (typeof text !== "string") throw malformed(`${where}, ${JSON.stringify(key)}`, "not a string");
  }
  return value as ReadonlyMap<string, string>;
}

function readLocation(where: string, name: string, value: Json, dataStart: number): PlacedTensor {
  if (!isMap(value)) throw malformed(where, "not an object");
  const surplus = [...value.keys()].find((key) => !["dtype", "shape", "data_offsets"].includes(key));
  if (surplus !== undefined) throw malformed(where, `an unknown field ${JSON.stringify(surplus)}`);

  const dtype = value.get("dtype");
  if (typeof dtype !== "string") throw malformed(where, `dtype is ${describe(dtype)}`, "a string");
  if (!isDtype(dtype)) {
    const wanted = `one of ${Object.keys(dtypes).join(", ")}`;
    throw new ModelFormatError("unsupported_format", where, `dtype ${describe(dtype)}`, { wanted });
  }
  const shape = integers(where, "shape", value.get("shape"));
  if (shape.length > maxRank) throw malformed(where, `${shape.length} dimensions`, `at most ${maxRank}`);
  const offsets = integers(where, "data_offsets", value.get("data_offsets"));
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined || begin > end) {
    throw malformed(where, `data_offsets [${offsets.join(", ")}]`, "[begin, end] with begin ≤ end");
  }
  const due = shape.reduce((product, size) => product * BigInt(size), BigInt(dtypes[dtype]));
  if (due !== BigInt(end - begin)) {
    throw malformed(where, `${end - begin} bytes for ${dtype} [${shape.join(", ")}]`, `${due} bytes`);
  }
  return { name, dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

/** Sorts by offset, and demands that the data is one piece up to the end of the file. */
function inOrder(
  file: string,
  locations: readonly PlacedTensor[],
  dataStart: number,
  fileBytes: number,
): ReadonlyMap<string, PlacedTensor> {
  const sorted = locations.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let next = dataStart;
  for (const { name, begin, end } of sorted) {
    if (begin !== next) {
      const fault = begin < next ? "overlaps the one before it" : "leaves a hole before it";
      throw malformed(`${file}, tensor ${JSON.stringify(name)}`, `its data ${fault}`);
    }
    next = end;
  }
  if (next !== fileBytes) {
    throw malformed(file, `${fileBytes} bytes`, `${next}, where the last tensor ends`);
  }
  return new Map(sorted.map((location) => [location.name, location]));
}

function integers(where: string, field: string, value: Json | undefined): readonly number[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "number")) {
    throw malformed(where, `${field} is ${describe(value)}`, "an array of integers");
  }
  return value as readonly number[];
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(dtypes, text);
}

function isMap(value: Json): value is ReadonlyMap<string, Json> {
  return value instanceof Map;
}

function describe(value: Json | undefined): string {
  if (value === undefined) return "absent";
  return typeof value === "object" ? "an object or array" : JSON.stringify(value).slice(0, 60);
}

/** The length field and the header, of `least` bytes or more; offsets count from its end. Its padding is spaces. */
export function encodeHeader(
  tensors: readonly PlacedTensor[],
  metadata: ReadonlyMap<string, string>,
  least = 0,
): Uint8Array {
  const fields = tensors.map(({ name, dtype, shape, begin, end }) => {
    const place = { dtype, shape, data_offsets: [begin, end] };
    return `${JSON.stringify(name)}:${JSON.stringify(place)}`;
  });
  if (metadata.size > 0) fields.unshift(`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`);
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = Math.max(Math.ceil(json.length / 8) * 8, least - lengthBytes);
  const header = new Uint8Array(lengthBytes + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, lengthBytes);
  return header;
}
