/**
 * The container against files of the format's own library. every-dtype.safetensors was written by safetensors 0.8
 * for Python (`safetensors.torch.save` of the tensors below, metadata {"format": "pt"}).
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  encodeSafetensors,
  floatsOf,
  floatTensor,
  parseSafetensors,
  readSafetensors,
} from "../../../src/checkpoints/safetensors/index.ts";
import type { Dtype, StoredTensor } from "../../../src/checkpoints/safetensors/index.ts";
import { dtypes } from "../../../src/checkpoints/safetensors/header.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

const golden = new URL("every-dtype.safetensors", import.meta.url);

/** What was given to Python. */
const expected: Readonly<Record<string, { dtype: Dtype; shape: number[]; values: number[] }>> = {
  "b.f32": { dtype: "F32", shape: [2, 3], values: [1.5, -2, 3, 4, 5, 6e-5] },
  "a.f16": { dtype: "F16", shape: [3], values: [1, -0.5, 65504] },
  "c.bf16": { dtype: "BF16", shape: [2], values: [1, 3.140625] },
  "d.i64": { dtype: "I64", shape: [2], values: [1, -(2 ** 40)] },
  "e.u8": { dtype: "U8", shape: [2], values: [0, 255] },
  "f.bool": { dtype: "BOOL", shape: [3], values: [1, 0, 1] },
  "g.scalar": { dtype: "F32", shape: [], values: [2.5] },
  "h.empty": { dtype: "F32", shape: [0, 3], values: [] },
  "i.f64": { dtype: "F64", shape: [1], values: [1 / 3] },
  "j.i32": { dtype: "I32", shape: [1], values: [-7] },
  "k.i16": { dtype: "I16", shape: [2], values: [-300, 300] },
  "l.i8": { dtype: "I8", shape: [2], values: [-128, 127] },
};

describe("a file of the format's own library", () => {
  test("has its tensors and metadata", async () => {
    const { metadata, tensors } = await readSafetensors(await readFile(golden));
    expect([...metadata]).toEqual([["format", "pt"]]);
    expect([...tensors.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
      const tensor = tensors.get(name) as StoredTensor;
      expect(tensor).toMatchObject({ name, dtype, shape });
      expect([...floatsOf(tensor)]).toEqual(values.map(Math.fround));
    }
  });

  test("is written again byte for byte", async () => {
    const bytes = await readFile(golden);
    const { metadata, tensors } = parseSafetensors(bytes);
    expect(Buffer.concat(encodeSafetensors(tensors.values(), metadata)).equals(bytes)).toBe(true);
  });
});

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => text !== "__metadata__");
const tensors = fc.uniqueArray(
  fc
    .record({
      name,
      dtype: fc.constantFrom(...(Object.keys(dtypes) as Dtype[])),
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
      seed: fc.nat(255),
    })
    .map(({ seed, ...tensor }): StoredTensor => {
      const length = tensor.shape.reduce((product, size) => product * size, dtypes[tensor.dtype]);
      return { ...tensor, bytes: Uint8Array.from({ length }, (_, i) => (seed + 37 * i) & 255) };
    }),
  { selector: (tensor) => tensor.name, maxLength: 6 },
);

test("what is written is read back, whatever the names, and the data is aligned", () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(name, fc.string({ unit: "grapheme" })), (written, keys) => {
      const bytes = Buffer.concat(encodeSafetensors(written, new Map(Object.entries(keys))));
      const read = parseSafetensors(bytes);
      expect(Object.fromEntries(read.metadata)).toEqual(Object.fromEntries(Object.entries(keys)));
      const byName = (a: StoredTensor, b: StoredTensor) => (a.name < b.name ? -1 : 1);
      expect([...read.tensors.values()].toSorted(byName)).toEqual(
        written.map((tensor) => ({ ...tensor, bytes: Buffer.from(tensor.bytes) })).toSorted(byName),
      );
      for (const { dtype, bytes: data } of read.tensors.values()) {
        expect((data.byteOffset - bytes.byteOffset) % dtypes[dtype]).toBe(0);
      }
    }),
    { numRuns: 300 },
  );
});

test("tensors of one type keep their order: an archive is read in the order of the computation", () => {
  const names = ["encoder.2", "encoder.10", "a", "z", "m"];
  const bytes = Buffer.concat(
    encodeSafetensors(names.map((key) => floatTensor(key, [1], Float32Array.of(1)))),
  );
  expect([...parseSafetensors(bytes).tensors.keys()]).toEqual(names);
});

test("an empty tensor may begin where another one does, in any order", () => {
  const [full, empty] = [
    [0, 4],
    [0, 0],
  ].map((offsets) => ({
    dtype: "F32",
    shape: [offsets[1]! / 4],
    data_offsets: offsets,
  }));
  for (const header of [
    { full, empty },
    { empty, full },
  ]) {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const { tensors } = parseSafetensors(Buffer.concat([length, json, Buffer.alloc(4)]));
    expect([...tensors.keys()]).toEqual(["empty", "full"]);
  }
});

describe("files", () => {
  test("are encoded whole and read back", async () => {
    const path = join(folder, "stages.safetensors");
    const tensors = [floatTensor("logits", [2, 2], Float32Array.of(1, 2, 3, 4))];
    await writeFile(path, Buffer.concat(encodeSafetensors(tensors, new Map([["a", "b"]]))));
    const read = await readSafetensors(path);
    expect([...floatsOf(read.tensors.get("logits") as StoredTensor)]).toEqual([1, 2, 3, 4]);
    expect([...read.metadata]).toEqual([["a", "b"]]);
  });

  test("that are not there are named", async () => {
    const path = join(folder, "absent.safetensors");
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: "file_not_found", where: path });
  });
});

test.each([
  ["a name twice", [floatTensor("a", [1], new Float32Array(1)), floatTensor("a", [1], new Float32Array(1))]],
  ["the reserved name", [floatTensor("__metadata__", [1], new Float32Array(1))]],
  ["data that is not the shape's", [floatTensor("a", [2], new Float32Array(1))]],
])("the writer refuses %s", (_, content) => {
  expect(() => encodeSafetensors(content)).toThrow(expect.objectContaining({ code: "internal" }));
});
