/** Writes protobuf messages byte by byte, and from them small ONNX models, valid and invalid. */

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const tag = (number: number, wire: number): Buffer => varint(number * 8 + wire);

export const integer = (number: number, value: bigint | number): Buffer =>
  Buffer.concat([tag(number, 0), varint(value)]);

/** A text, bytes, or a message made of fields. */
export function bytes(number: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const data = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([tag(number, 2), varint(data.length), data]);
}

/** The start of a field that claims to have `length` bytes. */
export const claim = (number: number, length: bigint | number): Buffer =>
  Buffer.concat([tag(number, 2), varint(length)]);

export const raw = (number: number, wire: number, ...data: number[]): Buffer =>
  Buffer.concat([tag(number, wire), Buffer.from(data)]);

interface TensorFields {
  readonly name?: string;
  readonly dims?: readonly (bigint | number)[];
  readonly type?: number;
  readonly extra?: readonly Buffer[];
}

/** TensorProto; two floats called `a.bias` by default. */
export function tensorProto({
  name = "a.bias",
  dims = [2],
  type = 1,
  extra = [bytes(9, Buffer.alloc(8))],
}: TensorFields = {}): Buffer {
  return Buffer.concat([...dims.map((size) => integer(1, size)), integer(2, type), bytes(8, name), ...extra]);
}

export const node = (
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...extra: Buffer[]
): Buffer =>
  Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    bytes(4, type),
    ...extra,
  ]);

/** ModelProto around a graph of these fields. */
export const modelProto = (...graph: readonly Buffer[]): Buffer =>
  Buffer.concat([integer(1, 9), bytes(7, ...graph), bytes(8, bytes(1, ""), integer(2, 18))]);

export const external = (...entries: readonly (readonly [string, string])[]): Buffer[] => [
  ...entries.map(([key, value]) => bytes(13, bytes(1, key), bytes(2, value))),
  integer(14, 1),
];
