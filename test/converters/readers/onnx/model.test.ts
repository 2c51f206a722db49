/** How much a graph of ONNX may hold: just inside each limit it is read, just outside it is refused. */
import { expect, test } from "vitest";
import { readOnnx } from "../../../../converters/readers/onnx/model.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { bytes, modelProto } from "../../../helpers/builders/protobuf.ts";

const read = (...graph: readonly Buffer[]) => readOnnx(openBytes(modelProto(...graph), "large.onnx"));
const times = (count: number, field: Buffer): Buffer => Buffer.alloc(count * field.length, field);
const list = 65_536;

/** Limits on lists hold before the next entry is read. */
test.each([
  ["inputs", 11],
  ["outputs", 12],
] as const)("65,537 %s of a graph, and no more", async (kind, field) => {
  const value = bytes(field, bytes(1, "x"));
  expect((await read(times(list + 1, value)))[kind]).toHaveLength(list + 1);
  await expect(read(times(list + 2, value))).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("a graph of too many inputs"),
  });
});

test("65,536 inputs and outputs of a node, and no more", async () => {
  const node = (inputs: number): Buffer =>
    bytes(1, times(inputs, bytes(1, "")), times(list / 2, bytes(2, "")), bytes(4, "Add"));
  const { nodes } = await read(node(list / 2));
  expect(nodes.map(({ type, inputs, outputs }) => [type, inputs.length, outputs.length])).toEqual([
    ["Add", list / 2, list / 2],
  ]);
  await expect(read(node(list / 2 + 1))).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("a node of too many inputs"),
  });
});

/** Every node takes one field or more and every initializer three, so that the number of fields bounds theirs. */
test("200,000 fields in all, and no more", async () => {
  const most = 200_000 - 3; // fields of the model itself
  expect((await read(times(most, bytes(1)))).nodes).toHaveLength(most);
  await expect(read(times(most + 1, bytes(1)))).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("more than 200000 fields"),
  });
});
