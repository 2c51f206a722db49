/** The protobuf messages that are written, as the reader of ONNX files reads them. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { WireReader } from "../../../../../converters/readers/onnx/wire.ts";
import type { Field } from "../../../../../converters/readers/onnx/wire.ts";
import { functionDef, nodeDef } from "../../../../../kernels/runtime/tensorflow/graph/messages.ts";
import {
  bytes,
  integer,
  message,
  signed,
  text,
} from "../../../../../kernels/runtime/tensorflow/graph/protobuf.ts";

async function read(content: Uint8Array): Promise<{ number: number; value: bigint | Uint8Array }[]> {
  const reader = new WireReader({
    name: "message",
    size: content.length,
    read: async (offset: number, target: Uint8Array) =>
      target.set(content.subarray(offset, offset + target.length)),
  } as ConstructorParameters<typeof WireReader>[0]);
  const found: Field[] = [];
  for await (const field of reader.fields(reader.all)) found.push(field);
  return found.map((field) => ({
    number: field.number,
    value: field.kind === "integer" ? field.value : content.subarray(field.span.begin, field.span.end),
  }));
}

it("integers, negative ones and bytes read back as they were", async () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.maxSafeNat(), fc.maxSafeInteger()));
  await fc.assert(
    fc.asyncProperty(numbers, fc.uint8Array({ maxLength: 300 }), async (entries, content) => {
      const parts = entries.map(([number, a, b]) => message(integer(number, a), signed(number, b)));
      const fields = await read(message(...parts, bytes(7, content)));
      const wanted = entries.flatMap(([number, a, b]) => [
        { number, value: BigInt(a) },
        { number, value: BigInt.asUintN(64, BigInt(b)) },
      ]);
      expect(fields.slice(0, -1)).toEqual(wanted);
      expect([...(fields.at(-1)!.value as Uint8Array)]).toEqual([...content]);
    }),
    { numRuns: 100 },
  );
});

it("a node has its name, operation, inputs and attributes where TensorFlow reads them", async () => {
  const attrs = { T: { type: "half" }, N: { int: -1 } } as const;
  const fields = await read(nodeDef({ name: "sum", op: "AddV2", inputs: ["a:z:0", "^b"], attrs }));
  const strings = fields
    .slice(0, 4)
    .map(({ number, value }) => [number, Buffer.from(value as Uint8Array).toString()]);
  expect(strings).toEqual([
    [1, "sum"],
    [2, "AddV2"],
    [3, "a:z:0"],
    [3, "^b"],
  ]);
  const [key, value] = await read(fields[4]!.value as Uint8Array);
  expect([fields[4]!.number, Buffer.from(key!.value as Uint8Array).toString()]).toEqual([5, "T"]);
  expect(await read(value!.value as Uint8Array)).toEqual([{ number: 6, value: 19n }]); // DT_HALF
});

it("a function that XLA compiles is marked", async () => {
  const body = { name: "f", inputs: [], outputs: [], nodes: [] };
  const mark = async (compiled: boolean): Promise<boolean> =>
    (await read(functionDef({ ...body, compiled }))).some(
      ({ number, value }) => number === 5 && Buffer.from(value as Uint8Array).includes("_XlaMustCompile"),
    );
  expect([await mark(true), await mark(false)]).toEqual([true, false]);
  expect(text(1, "é")).toEqual(Uint8Array.of(10, 2, 0xc3, 0xa9));
});
