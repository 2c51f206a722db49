/** The axis of scales: ONNX's DequantizeLinear has 1 where a node names none. */
import { expect, test } from "vitest";
import { constantsOf } from "../../../../converters/readers/onnx/constants.ts";
import type { OnnxTensor } from "../../../../converters/readers/onnx/tensor.ts";

const tensor = (name: string, type: OnnxTensor["type"], ...shape: number[]): OnnxTensor => ({
  name,
  type,
  shape,
  data: { begin: 0, end: 0 },
});

test.each([
  [undefined, 1],
  [0, 0],
  [1, 1],
  [-1, -1],
])("an axis of %s is %i", (named, axis) => {
  const tensors = [tensor("w_quantized", "int8", 3, 3), tensor("w_scale", "float", 3)];
  const constants = constantsOf({
    tensors: new Map(tensors.map((one) => [one.name, one])),
    nodes: [
      {
        name: "",
        type: "DequantizeLinear",
        inputs: ["w_quantized", "w_scale"],
        outputs: ["w"],
        integers: new Map(named === undefined ? [] : [["axis", named]]),
      },
    ],
    inputs: [],
    outputs: [],
    metadata: new Map(),
  });
  expect(constants.get("w")).toMatchObject({
    name: "w",
    scaling: { scale: { name: "w_scale" }, zeroPoint: undefined, axis },
  });
});
