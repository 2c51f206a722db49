/**
 * The keys and values of a GGUF header, guarded: unique keys, known types, no arrays of arrays, bools that are 0 or 1,
 * 64-bit integers that a number holds exactly, strings that are UTF-8.
 */
import type { MetadataValue } from "../checkpoint.ts";
import type { HeaderBytes } from "./bytes.ts";
import { guardCount, guardName, guardString } from "./fields.ts";
import { limits } from "./limits.ts";
import { minBytes, valueTypes } from "./values.ts";
import type { ElementType, TypedValue } from "./values.ts";

/** A value, and the place of key and value in the header. */
export interface Entry extends TypedValue {
  readonly start: number;
  readonly end: number;
}

/** Reads `count` keys with their values, in the order of the file. */
export async function guardMetadata(bytes: HeaderBytes, count: number): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (let i = 0; i < count; i++) {
    const start = bytes.position;
    const key = await guardName(bytes, `key ${i}`, limits.keyBytes);
    if (entries.has(key))
      throw bytes.fault("gguf_malformed", `key ${key}`, "the key occurs twice", { offset: start });
    const value = await guardValue(bytes, key);
    entries.set(key, { ...value, start, end: bytes.position });
  }
  return entries;
}

/** `general.alignment`, or the format's default. */
export function guardAlignment(bytes: HeaderBytes, entry: Entry | undefined): number {
  const { least, most, default: usual } = limits.alignment;
  if (entry === undefined) return usual;
  const { type, array, value } = entry;
  const powerOfTwo = typeof value === "number" && Number.isInteger(Math.log2(value));
  if (type === "uint32" && !array && powerOfTwo && value >= least && value <= most) return value;
  const found = array ? "an array" : `${type} ${String(value).slice(0, 40)}`;
  const wanted = `a uint32 power of two from ${least} to ${most}`;
  throw bytes.fault("gguf_malformed", "key general.alignment", found, { offset: entry.start, wanted });
}

async function guardValue(bytes: HeaderBytes, key: string): Promise<TypedValue> {
  const what = `key ${key}`;
  const type = await guardType(bytes, what);
  if (type !== "array") {
    if (type !== "string") await bytes.need(minBytes[type], what);
    return { type, array: false, value: await guardElement(bytes, type, what) };
  }

  const of = await guardType(bytes, what);
  if (of === "array")
    throw bytes.fault("gguf_malformed", what, "an array of arrays", { offset: bytes.position - 4 });
  await bytes.need(8, what);
  const most = of === "uint8" ? limits.headerBytes : limits.arrayLength;
  const count = guardCount(bytes, most, minBytes[of], `${what}, array elements`);
  if (of !== "string") await bytes.need(count * minBytes[of], what);
  if (of === "uint8") return { type: of, array: true, value: bytes.take(count) };
  const value: Element[] = [];
  for (let i = 0; i < count; i++) {
    const element = guardElement(bytes, of, what);
    value.push(element instanceof Promise ? await element : element);
  }
  return { type: of, array: true, value: value as MetadataValue };
}

async function guardType(bytes: HeaderBytes, what: string): Promise<(typeof valueTypes)[number]> {
  await bytes.need(4, what);
  const id = bytes.uint32();
  const type = valueTypes[id];
  if (type !== undefined) return type;
  const wanted = `0 to ${valueTypes.length - 1}`;
  throw bytes.fault("gguf_malformed", what, `there is no value type ${id}`, {
    offset: bytes.position - 4,
    wanted,
  });
}

type Element = string | number | boolean;

/** One value; all but strings are loaded already. */
function guardElement(bytes: HeaderBytes, type: ElementType, what: string): Element | Promise<Element> {
  switch (type) {
    case "string":
      return guardString(bytes, what);
    case "bool": {
      const byte = bytes.uint8();
      if (byte <= 1) return byte === 1;
      throw bytes.fault("gguf_malformed", what, `a bool of ${byte}`, {
        offset: bytes.position - 1,
        wanted: "0 or 1",
      });
    }
    case "uint64":
    case "int64": {
      const value = bytes[type]();
      if (BigInt.asIntN(54, value) === value && value !== -(2n ** 53n)) return Number(value);
      const wanted = "at most 2^53 - 1 in size";
      throw bytes.fault("gguf_limit", what, `the integer ${value}`, { offset: bytes.position - 8, wanted });
    }
    default:
      return bytes[type]();
  }
}
