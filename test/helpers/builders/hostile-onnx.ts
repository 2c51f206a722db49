/** ONNX models that break the wire format or their schema, or reach for files that are none of theirs. */
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { constant, integers, nibbles, types } from "./onnx-quantized.ts";
import { bytes, claim, external, integer, modelProto, node, raw, tensorProto, varint } from "./protobuf.ts";

/** Writes files that are not the model's into a folder, and links to them into its folder `inner`, where the model is. */
export async function writeForeignFiles(folder: string): Promise<void> {
  await mkdir(join(folder, "inner"));
  await writeFile(join(folder, "secret"), Buffer.alloc(64, 1));
  await writeFile(join(folder, "inner", "weights.bin"), Buffer.alloc(8, 2));
  await symlink("../secret", join(folder, "inner", "symbolic.bin"));
  await symlink("..", join(folder, "inner", "parent"));
  await mkdir(join(folder, "inner", "sub"));
  await symlink("..", join(folder, "inner", "sub", "up"));
  await link(join(folder, "secret"), join(folder, "inner", "hard.bin"));
}

export const withTensor = (...fields: Parameters<typeof tensorProto>): Buffer =>
  modelProto(bytes(5, tensorProto(...fields)));
export const outside = (...entries: readonly (readonly [string, string])[]): Buffer =>
  withTensor({ extra: external(...entries) });

const eleven = Buffer.alloc(11, 0xff);
type Row = [what: string, file: Uint8Array, reason?: string];

const wires: readonly Row[] = [
  ["an empty file", new Uint8Array(), "no graph"],
  ["no graph", integer(1, 9), "no graph"],
  ["two graphs", Buffer.concat([modelProto(), modelProto()]), "two graphs"],
  ["a graph that is an integer", integer(7, 1), "integer in field 7"],
  ["a tag without a value", Buffer.from([0x38]), "middle of an integer"],
  ["an integer without an end", Buffer.from([0x08, 0x80]), "middle of an integer"],
  ["an integer of eleven bytes", Buffer.concat([Buffer.from([0x08]), eleven]), "more than 10"],
  ["a tag of eleven bytes", eleven, "more than 10"],
  ["field number 0", raw(0, 0, 1), "field number"],
  ["a field number of 2²⁹", integer(2 ** 29, 1), "field number"],
  ["the start of a group", raw(1, 3), "wire type 3"],
  ["the end of a group", raw(1, 4), "wire type 4"],
  ["wire type 6", raw(1, 6), "wire type 6"],
  ["wire type 7", raw(1, 7), "wire type 7"],
  ["a graph longer than the file", claim(7, 100), "a field of 100 bytes"],
  ["a graph of 2⁶³ bytes", claim(7, 2n ** 63n), "a field of"],
  ["a graph of 2⁶⁴ − 1 bytes", claim(7, 2n ** 64n - 1n), "a field of"],
  ["a node longer than its graph", modelProto(claim(1, 50)), "a field of 50 bytes"],
  ["half a 64-bit field", raw(1, 1, 1, 2, 3), "middle of a field"],
  ["half a 32-bit field", raw(1, 5, 1, 2), "middle of a field"],
  ["200,001 fields", Buffer.alloc(3 * 200_001, integer(99, 0)), "more than 200000 fields"],
];

const schemas: readonly Row[] = [
  ["a node that is an integer", modelProto(integer(1, 1)), "integer in field 1"],
  ["an operator that is an integer", modelProto(bytes(1, integer(4, 7))), "integer in field 4"],
  ["a name that is not UTF-8", withTensor({ extra: [bytes(8, Buffer.from([0xff]))] }), "UTF-8"],
  ["a name of a megabyte", withTensor({ name: "a".repeat(2 ** 20) }), "at most"],
  ["the same initializer twice", modelProto(bytes(5, tensorProto()), bytes(5, tensorProto())), "twice"],
  [
    "a constant with the name of an initializer",
    modelProto(
      bytes(5, tensorProto()),
      bytes(1, node("Constant", [], ["a.bias"], bytes(5, bytes(1, "value"), bytes(5, tensorProto())))),
    ),
    "twice",
  ],
  ["a sparse initializer", modelProto(bytes(15, tensorProto())), "sparse"],
  ["a negative dimension", withTensor({ dims: [-1] }), "dimension"],
  ["a dimension of 2⁵³", withTensor({ dims: [2n ** 53n] }), "dimension"],
  [
    "dimensions whose product wraps to what is there",
    withTensor({ dims: [2n ** 32n, 2n ** 32n, 2n] }),
    "bytes for",
  ],
  ["nine dimensions", withTensor({ dims: [1, 1, 1, 1, 1, 1, 1, 1, 2] }), "dimensions"],
  [
    "a packed list of a thousand dimensions",
    withTensor({ dims: [], extra: [bytes(1, ...Array.from({ length: 1000 }, () => varint(1)))] }),
    "integers",
  ],
  ["too few bytes", withTensor({ dims: [3] }), "8 bytes for"],
  ["too many bytes", withTensor({ dims: [1] }), "8 bytes for"],
  ["no bytes", withTensor({ extra: [] }), "no data"],
  [
    "bytes twice",
    withTensor({ extra: [bytes(9, Buffer.alloc(8)), bytes(9, Buffer.alloc(8))] }),
    "data twice",
  ],
  [
    "bytes and floats",
    withTensor({ extra: [bytes(9, Buffer.alloc(8)), bytes(4, Buffer.alloc(8))] }),
    "data twice",
  ],
];

const externals: readonly Row[] = [
  ["no location", outside(), "in the model's folder"],
  ["the folder itself", outside(["location", "."]), "in the model's folder"],
  ["a parent folder", outside(["location", "../secret"]), "in the model's folder"],
  ["an absolute path", outside(["location", "/etc/passwd"]), "in the model's folder"],
  ["a path with a drive", outside(["location", "C:weights.bin"]), "in the model's folder"],
  ["a backslash", outside(["location", "..\\secret"]), "in the model's folder"],
  ["a parent folder behind a folder", outside(["location", "sub/../../secret"]), "in the model's folder"],
  ["a parent folder behind ./", outside(["location", "./../secret"]), "in the model's folder"],
  ["nothing but ./", outside(["location", "./"]), "in the model's folder"],
  ["two slashes", outside(["location", "sub//weights.bin"]), "in the model's folder"],
  ["a symbolic link in front", outside(["location", "parent/secret"]), "a link"],
  ["a symbolic link to a folder in a folder", outside(["location", "sub/up/weights.bin"]), "a link"],
  ["a file in front", outside(["location", "weights.bin/weights.bin"]), "a link or no file"],
  ["a folder that is not there", outside(["location", "absent/weights.bin"]), "cannot be opened"],
  ["a NUL", outside(["location", "weights.bin\0.txt"]), "in the model's folder"],
  ["a symbolic link", outside(["location", "symbolic.bin"]), "plain file"],
  ["a hard link", outside(["location", "hard.bin"]), "a link"],
  ["a symbolic link to a folder", outside(["location", "parent"]), "plain file"],
  ["a file that is not there", outside(["location", "absent.bin"]), "cannot be opened"],
  ["an offset beyond the file", outside(["location", "weights.bin"], ["offset", "4"]), "bytes up to 12"],
  ["a negative offset", outside(["location", "weights.bin"], ["offset", "-1"]), "a number"],
  ["an offset of 2⁶³", outside(["location", "weights.bin"], ["offset", "9223372036854775808"]), "a number"],
  ["a length that is not the shape's", outside(["location", "weights.bin"], ["length", "4"]), "elsewhere"],
  ["a location twice", outside(["location", "weights.bin"], ["location", "../secret"]), "twice"],
];

/** `int32_data` of these numbers. */
export const list = (...numbers: number[]): Buffer => bytes(5, ...numbers.map((number) => varint(number)));
export const zeroList = (numbers: Buffer): Buffer =>
  bytes(5, tensorProto({ name: "w_zero_point", dims: [2], type: types.uint8, extra: [numbers] }));

const quantized: readonly Row[] = [
  ["a scale too many", integers({ scale: constant("w_scale", [3], types.float, 12) }), "1 or 2"],
  ["scales in integers", integers({ scale: constant("w_scale", [2], types.int32, 8) }), "a scale of type"],
  ["zero points of another type", integers({ zero: constant("w_zero_point", [2], types.int8, 2) }), "× int8"],
  ["a zero point too many", integers({ zero: constant("w_zero_point", [3], types.uint8, 3) }), "1 or 2"],
  [
    "integers of 32 bits",
    integers({ weight: constant("w_quantized", [3, 2], types.int32, 24) }),
    "int32 weights",
  ],
  ["a zero point too few in a list", integers({ zero: zeroList(list(1)) }), "2 integers"],
  [
    "a zero point too few in a list of enough bytes",
    integers({ zero: zeroList(list(300)) }),
    "1 integers; wanted 2",
  ],
  ["a zero point too many in a list", integers({ zero: zeroList(list(1, 2, 3)) }), "more than 2 integers"],
  [
    "a list in the middle of an integer",
    integers({ zero: zeroList(bytes(5, Buffer.from([1, 0x80]))) }),
    "middle of",
  ],
  ["nibbles for fewer rows", nibbles({ rows: 1 }), "4 bits for"],
  ["nibbles for no rows", nibbles({ rows: 0 }), "4 bits for"],
  ["nibbles for 2³¹ columns", nibbles({ columns: 2 ** 31 }), "4 bits for"],
  ["nibbles for rows of negative length", nibbles({ columns: -1 }), "4 bits for"],
  ["nibbles in blocks of 0", nibbles({ block: 0 }), "4 bits for"],
  ["nibbles in blocks of 3", nibbles({ block: 3 }), "4 bits for"],
  ["nibbles with a scale too few", nibbles({ scales: 3 }), "3 scales"],
  ["nibbles with a zero point too few", nibbles({ zeros: 1 }), "1 × uint8"],
];

interface LstmParts {
  readonly directions?: number;
  readonly input?: readonly number[];
  readonly state?: readonly number[];
  readonly bias?: readonly number[];
  readonly biasType?: number;
}

/** An LSTM of two units on three inputs. */
export function lstm({
  directions = 1,
  input = [directions, 8, 3],
  state = [directions, 8, 2],
  bias = [directions, 16],
  biasType = types.float,
}: LstmParts): Buffer {
  const weight = (name: string, dims: readonly number[], type = types.float): Buffer =>
    constant(
      name,
      dims,
      type,
      dims.reduce((product, size) => product * size, 4),
    );
  return modelProto(
    weight("W", input),
    weight("R", state),
    weight("B", bias, biasType),
    bytes(1, node("LSTM", ["x", "W", "R", "B"], ["y"], bytes(3, "/lstm/LSTM"))),
  );
}

const recurrent: readonly Row[] = [
  [
    "an input of fewer gates",
    lstm({ input: [1, 6, 3] }),
    "float [1, 6, 3]; wanted weights of an LSTM: float [1, 8, 3]",
  ],
  ["a state of more gates", lstm({ state: [1, 9, 2] }), "wanted weights of an LSTM: float [1, 8, 2]"],
  ["a state of two dimensions", lstm({ state: [8, 2] }), "weights of an LSTM"],
  ["one bias of two", lstm({ bias: [1, 8] }), "float [1, 8]; wanted weights of an LSTM: float [1, 16]"],
  ["a bias of integers", lstm({ biasType: types.int32 }), "int32 [1, 16]; wanted weights of an LSTM"],
  ["three directions", lstm({ directions: 3 }), "float [3, 8, 3]; wanted weights of an LSTM"],
  ["a direction in the input alone", lstm({ input: [2, 8, 3] }), "weights of an LSTM"],
];

/** By what is wrong: the file, and a part of the message. */
export const hostileOnnx = {
  integers: quantized,
  LSTM: recurrent,
  "wire format": wires,
  schema: schemas,
  "external data": externals,
} as const;
