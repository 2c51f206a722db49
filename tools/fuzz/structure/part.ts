/** A file as a tree of numbers, bytes and blocks, so that a mutant can be wrong in one place and right in all others. */

/** How a number is written: `width` bytes, or in as many as it needs. */
export type Coding =
  | { readonly order: "le" | "be"; readonly width: number }
  | { readonly order: "varint" }
  | { readonly order: "ebml" };

export interface NumberPart {
  readonly kind: "number";
  readonly coding: Coding;
  value: bigint;
}

export interface DataPart {
  readonly kind: "data";
  /** Whether it is text; floats otherwise, where it is long enough. */
  readonly text: boolean;
  bytes: Buffer;
}

/** Parts with their size before them, or what else `join` makes of them. */
export interface Block {
  readonly kind: "block";
  /** What stands before the size. */
  readonly head: readonly Part[];
  readonly size?: Size | undefined;
  /** Makes the body from its parts; one behind the other by default. */
  readonly join?: ((parts: readonly Buffer[]) => Buffer) | undefined;
  /** Changes the whole block: a checksum, padding. */
  readonly seal?: ((block: Buffer) => Buffer) | undefined;
  body: Part[];
}

export interface Size {
  readonly coding: Coding;
  /** What is counted: the bytes of the body, or its parts. */
  readonly of: "bytes" | "parts";
  /** What the size has beyond that. */
  readonly more: number;
  /** The size that a mutant claims in place of the right one. */
  claimed?: bigint | undefined;
}

export type Part = NumberPart | DataPart | Block;

export const number = (value: bigint | number, order: "le" | "be", width: number): NumberPart => ({
  kind: "number",
  coding: { order, width },
  value: BigInt(value),
});

export const data = (bytes: Uint8Array): DataPart => ({
  kind: "data",
  text: false,
  bytes: Buffer.from(bytes),
});

export const text = (value: string | Uint8Array): DataPart => ({
  kind: "data",
  text: true,
  bytes: Buffer.from(value as string),
});

export const size = (coding: Coding, of: Size["of"] = "bytes", more = 0): Size => ({ coding, of, more });

export const block = (body: Part[], rest: Partial<Omit<Block, "kind" | "body">> = {}): Block => ({
  kind: "block",
  head: [],
  ...rest,
  body,
});

/** Numbers of `width` bytes, and what is left over. */
export function numbers(bytes: Buffer, order: "le" | "be", width: number): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (; at + width <= bytes.length; at += width)
    parts.push(number(readNumber(bytes, at, order, width), order, width));
  if (at < bytes.length) parts.push(data(bytes.subarray(at)));
  return parts;
}

export function readNumber(bytes: Uint8Array, at: number, order: "le" | "be", width: number): bigint {
  let value = 0n;
  for (let i = 0; i < width; i++)
    value = (value << 8n) | BigInt(bytes[at + (order === "be" ? i : width - 1 - i)] ?? 0);
  return value;
}

/** The bytes of a number; one that needs more of them loses its upper bits. */
export function encode(value: bigint, coding: Coding): Buffer {
  if (coding.order === "varint") return varint(value);
  if (coding.order === "ebml") {
    const width = ebmlWidth(value);
    return encode(value | (1n << BigInt(7 * width)), { order: "be", width });
  }
  const { width } = coding;
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(8 * width, value);
  for (let i = 0; i < width; i++, rest >>= 8n)
    bytes[coding.order === "le" ? i : width - 1 - i] = Number(rest & 255n);
  return bytes;
}

const ebmlWidth = (value: bigint): number => {
  for (let width = 1; width < 8; width++) if (value < (1n << BigInt(7 * width)) - 1n) return width;
  return 8;
};

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export function write(part: Part): Buffer {
  if (part.kind === "data") return part.bytes;
  if (part.kind === "number") return encode(part.value, part.coding);
  const pieces = part.body.map(write);
  const body = part.join === undefined ? Buffer.concat(pieces) : part.join(pieces);
  const written = Buffer.concat([...part.head.map(write), ...sizeOf(part, body), body]);
  return part.seal === undefined ? written : part.seal(written);
}

function sizeOf({ size, body: { length } }: Block, body: Buffer): Buffer[] {
  if (size === undefined) return [];
  const right = BigInt((size.of === "bytes" ? body.length : length) + size.more);
  return [encode(size.claimed ?? right, size.coding)];
}

/** A copy that can be changed without changing the original. */
export function copy(part: Part): Part {
  if (part.kind === "number") return { ...part };
  if (part.kind === "data") return { ...part, bytes: Buffer.from(part.bytes) };
  return {
    ...part,
    head: part.head.map(copy),
    body: part.body.map(copy),
    size: part.size === undefined ? undefined : { ...part.size },
  };
}
