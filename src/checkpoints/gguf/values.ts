/**
 * Metadata values with their GGUF types: a `Map` of plain values is enough to use a model, but a file can only be
 * written again unchanged when it is known that 7 was a uint32.
 */
import type { MetadataValue } from "../checkpoint.ts";

/** In the order of their ids in the file format. */
export const valueTypes = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "bool",
  "string",
  "array",
  "uint64",
  "int64",
  "float64",
] as const;

export type ElementType = Exclude<(typeof valueTypes)[number], "array">;

/** Encoded size; for a string the least, its length field. */
export const minBytes: Readonly<Record<ElementType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  string: 8,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** A value as GGUF stores it; 64-bit integers are safe integers here. */
export interface TypedValue {
  readonly type: ElementType;
  /** Whether `value` is an array of `type`. */
  readonly array: boolean;
  readonly value: MetadataValue;
}

export type TypedMetadata = ReadonlyMap<string, TypedValue>;

export const uint32 = (value: number): TypedValue => ({ type: "uint32", array: false, value });
export const float32 = (value: number): TypedValue => ({ type: "float32", array: false, value });
export const bool = (value: boolean): TypedValue => ({ type: "bool", array: false, value });
export const string = (value: string): TypedValue => ({ type: "string", array: false, value });
export const strings = (value: readonly string[]): TypedValue => ({ type: "string", array: true, value });
export const bytes = (value: Uint8Array): TypedValue => ({ type: "uint8", array: true, value });
export const int32s = (value: readonly number[]): TypedValue => ({ type: "int32", array: true, value });
