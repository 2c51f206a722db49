import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteLength, formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import { bytesOf, copyOf, encodeGguf, openGguf, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type {
  GgufContent,
  GgufFile,
  TensorSource,
  TypedMetadata,
  TypedValue,
} from "../../../src/checkpoints/gguf/index.ts";
import type { ElementType } from "../../../src/checkpoints/gguf/values.ts";

const reals = { noNaN: false } as const;
const elements: Readonly<Record<ElementType, fc.Arbitrary<string | number | boolean>>> = {
  uint8: fc.integer({ min: 0, max: 2 ** 8 - 1 }),
  int8: fc.integer({ min: -(2 ** 7), max: 2 ** 7 - 1 }),
  uint16: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint64: fc.maxSafeNat(),
  int64: fc.maxSafeInteger(),
  float32: fc.float(reals),
  float64: fc.double(reals),
  bool: fc.boolean(),
  string: fc.string({ unit: "binary" }),
};

const typedValue: fc.Arbitrary<TypedValue> = fc
  .constantFrom(...(Object.keys(elements) as ElementType[]))
  .chain((type) =>
    fc.oneof(
      elements[type].map((value): TypedValue => ({ type, array: false, value })),
      fc
        .array(elements[type], { maxLength: 40 })
        .map((value) => (type === "uint8" ? Uint8Array.from(value as number[]) : (value as number[])))
        .map((value): TypedValue => ({ type, array: true, value })),
    ),
  );

/** Names that mean something to plain objects or to other readers, and any other printable name. */
const name = (most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom("__proto__", "constructor", "tensor_count", "version", "kv_count", "1", "general.name"),
    fc.stringMatching(/^[!-~]+$/, { maxLength: most }).filter((text) => text.length <= most),
  );

const metadata = fc
  .dictionary(name(256), typedValue, { maxKeys: 12, noNullPrototype: false })
  .map((keys): TypedMetadata => new Map(Object.entries(keys).filter(([key]) => key !== "general.alignment")));

const alignment = fc.option(fc.constantFrom(8, 32, 64, 256));

const tensor = fc
  .record({
    name: name(63),
    format: fc.constantFrom(...(Object.keys(formats) as Format[])),
    outer: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    blocks: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(255),
  })
  .map(({ name: called, format, outer, blocks, seed }): TensorSource => {
    const shape = [...outer, blocks * formats[format].blockSize];
    const size = byteLength(
      format,
      shape.reduce((a, b) => a * b, 1),
    );
    return bytesOf(
      called,
      shape,
      format,
      Uint8Array.from({ length: size }, (_, i) => (seed + i * 7) % 256),
    );
  });

const tensors = fc.uniqueArray(tensor, { selector: (each) => each.name, maxLength: 6 });

async function bytesOfAll(file: GgufFile): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const entry of file.tensors.values()) {
    const bytes = Buffer.alloc(entry.byteLength);
    await entry.read(bytes);
    all.push(bytes);
  }
  return all;
}

async function bytesOfFile(content: GgufContent): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeGguf(content)) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

describe("encodeGguf", () => {
  test("what is written is read again, whatever the keys and tensors are", async () => {
    await fc.assert(
      fc.asyncProperty(metadata, alignment, tensors, async (keys, aligned, sources) => {
        const all = aligned === null ? keys : new Map([...keys, ["general.alignment", uint32(aligned)]]);
        const bytes = await bytesOfFile({ metadata: all, tensors: sources });
        await using file = await openGguf(bytes);
        expect([...file.typedMetadata]).toStrictEqual([...all]);
        expect([...file.metadata]).toStrictEqual([...all].map(([key, { value }]) => [key, value]));
        expect([...file.tensors.values()].map((each) => [each.name, each.shape, each.format])).toStrictEqual(
          sources.map((each) => [each.name, each.shape, each.format]),
        );
        expect(await bytesOfAll(file)).toStrictEqual(
          sources.map((each) => Buffer.from([...(each.chunks() as Uint8Array[])][0] ?? [])),
        );
        // and written again, it is the same file
        const copies = [...file.tensors.values()].map((entry) => copyOf(entry));
        const again = await bytesOfFile({ metadata: file.typedMetadata, tensors: copies });
        expect(again.equals(bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
