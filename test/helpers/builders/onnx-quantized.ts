/** Quantized products of ONNX models, as the exporters write them, for tests that damage a part. */
import { bytes, integer, modelProto, node, tensorProto } from "./protobuf.ts";

export const types = { float: 1, uint8: 2, int8: 3, int32: 6 };
export const constant = (name: string, dims: readonly number[], type: number, size: number): Buffer =>
  bytes(5, tensorProto({ name, dims, type, extra: [bytes(9, Buffer.alloc(size))] }));
const attribute = (name: string, value: number): Buffer => bytes(5, bytes(1, name), integer(3, value));
const bias = constant("a.bias", [2], types.float, 8);
const sum = bytes(1, node("Add", ["p", "a.bias"], ["y"]));

/** A product of integers [3, 2] as quantize_dynamic writes it, with these parts. */
export const integers = ({
  weight = constant("w_quantized", [3, 2], types.uint8, 6),
  scale = constant("w_scale", [2], types.float, 8),
  zero = constant("w_zero_point", [2], types.uint8, 2),
}): Buffer =>
  modelProto(
    weight,
    scale,
    zero,
    bias,
    bytes(1, node("Mul", ["x_scale", "w_scale"], ["scales"])),
    bytes(1, node("MatMulInteger", ["x", "w_quantized", "x_zero", "w_zero_point"], ["q"])),
    bytes(1, node("Cast", ["q"], ["f"])),
    bytes(1, node("Mul", ["f", "scales"], ["p"])),
    sum,
  );

/** Two rows of 20 in blocks of 16 nibbles, with these parts. */
export const nibbles = ({ rows = 2, columns = 20, block = 16, size = 32, scales = 4, zeros = 2 }): Buffer =>
  modelProto(
    constant("w_Q4", [size], types.uint8, size),
    constant("w_scales", [scales], types.float, 4 * scales),
    constant("w_zero_points", [zeros], types.uint8, zeros),
    bias,
    bytes(
      1,
      node(
        "MatMulNBits",
        ["x", "w_Q4", "w_scales", "w_zero_points"],
        ["p"],
        attribute("N", rows),
        attribute("K", columns),
        attribute("bits", 4),
        attribute("block_size", block),
      ),
    ),
    sum,
  );
