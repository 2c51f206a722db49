/** Initializers at the bounds of their kinds: dimensions, elements, and where the data is. */
import { describe, expect, test } from "vitest";
import { openOnnx } from "../../../../converters/readers/onnx/checkpoint.ts";
import { readOnnx } from "../../../../converters/readers/onnx/model.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { constant, nibbles, types } from "../../../helpers/builders/onnx-quantized.ts";
import { bytes, modelProto, node, integer, tensorProto, varint } from "../../../helpers/builders/protobuf.ts";

const tensorOf = async (...fields: Parameters<typeof tensorProto>) => {
  const file = modelProto(bytes(5, tensorProto(...fields)));
  return (await readOnnx(openBytes(file, "a.onnx"))).tensors.get("a.bias");
};
const numbers = bytes(5, varint(1), varint(2));

describe("read is a tensor", () => {
  test("of eight dimensions", async () => {
    const found = await tensorOf({ dims: [1, 1, 1, 1, 1, 1, 1, 2] });
    expect(found?.shape).toHaveLength(8);
  });
  test("without elements and without data", async () => {
    expect(await tensorOf({ dims: [0, 7], extra: [] })).toMatchObject({ shape: [0, 7] });
  });
  test("of bytes in a list", async () => {
    expect(await tensorOf({ type: types.uint8, extra: [numbers] })).toMatchObject({
      type: "uint8",
      shape: [2],
    });
  });
});

describe("refused is a tensor", () => {
  test.each<[string, Parameters<typeof tensorProto>[0], string]>([
    ["of a byte without data", { dims: [1], type: types.uint8, extra: [] }, "no data; wanted 1 bytes"],
    [
      "of 2⁵³ − 1 elements without their data",
      { dims: [2n ** 53n - 1n] },
      "8 bytes for float [9007199254740991]",
    ],
    [
      "of bytes in a list and as such",
      { type: types.uint8, extra: [numbers, bytes(9, Buffer.alloc(2))] },
      "data twice; wanted once",
    ],
  ])("%s", async (_, fields, message) => {
    await expect(tensorOf(fields)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      message: expect.stringContaining(message) as string,
    });
  });
});

/** A product of 4-bit integers [2, 40] in blocks of 16, three to a row, whose zero points take two bytes. */
function product({ weight = types.uint8, zero = types.uint8, zeros = 4, scales = 6 }): Buffer {
  const number = (name: string, value: number): Buffer => bytes(5, bytes(1, name), integer(3, value));
  return modelProto(
    constant("w_Q4", [48], weight, 48),
    constant("w_scales", [scales], types.float, 4 * scales),
    constant("w_zero_points", [zeros], zero, zeros),
    constant("a.bias", [2], types.float, 8),
    bytes(
      1,
      node("MatMulNBits", ["x", "w_Q4", "w_scales", "w_zero_points"], ["p"]),
      number("N", 2),
      number("K", 40),
      number("bits", 4),
      number("block_size", 16),
    ),
    bytes(1, node("Add", ["p", "a.bias"], ["y"])),
  );
}

describe("4-bit integers", () => {
  const open = async (file: Buffer): Promise<unknown> =>
    [...(await openOnnx(openBytes(file, "a.onnx"), openFolder("."))).tensors.values()].map(
      ({ name, shape }) => [name, shape],
    );

  test("of several blocks to a row are read", async () => {
    expect(await open(product({}))).toContainEqual(["a.weight", [2, 40]]);
  });

  test.each<[string, Buffer, string]>([
    ["that are signed", product({ weight: types.int8 }), "4 bits for 2 × 40 values"],
    ["with signed zero points", product({ zero: types.int8 }), "4 × int8; wanted 4 × uint8"],
    ["with zero points of one row", product({ zeros: 2 }), "2 × uint8; wanted 4 × uint8"],
    ["with scales of one row", product({ scales: 3 }), "3 scales; wanted 6"],
    [
      "in blocks of an odd size",
      nibbles({ columns: 15, block: 15, size: 15, scales: 2 }),
      "4 bits for 2 × 15",
    ],
    ["of no rows", nibbles({ rows: 0, size: 0, scales: 0, zeros: 0 }), "4 bits for 0 × 20"],
  ])("%s are refused", async (_, file, message) => {
    await expect(open(file)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      message: expect.stringContaining(message) as string,
    });
  });
});
