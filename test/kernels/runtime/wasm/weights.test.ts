/** How Q8_0 matrices get into the `wasm` backend: in pieces from a file, whole from elsewhere. */
import { engine, tensor } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import { byteLength } from "../../../../kernels/formats/table.ts";
import { getRows } from "../../../../kernels/ops/get-rows/index.ts";
import { wasmWeights } from "../../../../kernels/backends/wasm.ts";
import type { WasmBackend } from "../../../../kernels/runtime/wasm/backend.ts";
import type { EncodedTensor } from "../../../../kernels/weight-store.ts";
import { uniform } from "../../../helpers/builders/random.ts";
import { startWasm } from "../../../helpers/environment/wasm-kernels.ts";

/** Rows of 68 KiB: a piece of 4 MiB has some sixty, and the last is no whole group of eight. */
const [rows, columns] = [131, 2 ** 16];
const rowBytes = byteLength("Q8_0", columns);
const mebibyte = 2 ** 20;

let backend: WasmBackend;
let bytes: Uint8Array;
beforeAll(async () => {
  backend = await startWasm();
  const next = uniform(1);
  bytes = new Uint8Array(rows * rowBytes).map(() => next() * 256);
  for (let block = 0; block < bytes.length; block += 34) bytes[block + 1] = 0x20 + (block % 7); // scales near 0.01
});

/** The matrix in a file; what is asked of it goes into `asked`. */
function inFile(asked: [offset: number, length: number][], whenAsked?: () => void): EncodedTensor {
  const readRange = async (offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void> => {
    asked.push([offset, target.length]);
    whenAsked?.();
    signal?.throwIfAborted();
    target.set(bytes.subarray(offset, offset + target.length));
  };
  const read = (target: Uint8Array, signal?: AbortSignal): Promise<void> => readRange(0, target, signal);
  return { name: "w", shape: [rows, columns], format: "Q8_0", byteLength: bytes.length, read, readRange };
}

/** Expects that every row in the backend is the row of the file. */
async function expectRows(source: EncodedTensor): Promise<void> {
  const table = engine().makeTensorFromTensorInfo((await wasmWeights.load(source)).info);
  const ids = Array.from({ length: rows }, (_, row) => row);
  const attrs = { format: "Q8_0", rows, columns, ids };
  const found = engine().runKernel<Tensor>(getRows.name, { table }, attrs);
  const values = found.dataSync<"float32">();
  const wanted = new Float32Array(columns);
  for (const row of ids) {
    unpackRow("Q8_0", bytes, row * rowBytes, wanted, columns);
    const same = values.subarray(row * columns, (row + 1) * columns).every((value, i) => value === wanted[i]);
    expect(same, `row ${row}`).toBe(true);
  }
  found.dispose();
  table.dispose();
}

describe("Q8_0 weights", () => {
  it("are read in pieces, each once and in order, and every row is where it belongs", async () => {
    const asked: [number, number][] = [];
    await expectRows(inFile(asked));
    expect(asked.length).toBeGreaterThan(1);
    let end = 0;
    for (const [offset, length] of asked) {
      expect(offset).toBe(end);
      expect(length).toBeLessThanOrEqual(4 * mebibyte);
      end += length;
    }
    expect(end).toBe(bytes.length);
  });

  it("are the same read whole", async () => {
    const { readRange: _, ...whole } = inFile([]);
    await expectRows(whole);
  });

  it("leave no memory behind when reading is aborted between two pieces", async () => {
    const { allocator } = backend.runtime;
    const used = allocator.used;
    const interrupt = new AbortController();
    const asked: [number, number][] = [];
    const source = inFile(asked, () => asked.length > 1 && interrupt.abort(new Error("stop")));
    await expect(wasmWeights.load(source, interrupt.signal)).rejects.toThrow("stop");
    expect(asked).toHaveLength(2);
    expect(allocator.used).toBe(used);
  });

  it("take the memory of the file's bytes, in whole groups of eight rows", async () => {
    const { allocator } = backend.runtime;
    const used = allocator.used;
    const { info } = await wasmWeights.load(inFile([]));
    const more = allocator.used - used - Math.ceil(rows / 8) * 8 * rowBytes;
    expect(more).toBeGreaterThanOrEqual(0);
    expect(more).toBeLessThan(1024); // where blocks end
    engine().makeTensorFromTensorInfo(info).dispose();
    expect(allocator.used).toBe(used);
  });

  it("are no values, and values are no weights", async () => {
    const { info } = await wasmWeights.load(inFile([]));
    const [weights, values] = [engine().makeTensorFromTensorInfo(info), tensor([1, 2])];
    const refusal = expect.objectContaining({ code: "kernel_arguments" });
    expect(() => backend.address(weights)).toThrow(refusal);
    expect(() => backend.matrix(values)).toThrow(refusal);
    weights.dispose();
    values.dispose();
  });

  it.each([0, 60, rows - 1])("are refused for a scale without bounds in row %i", async (row) => {
    const { allocator } = backend.runtime;
    const used = allocator.used;
    const high = row * rowBytes + 34 + 1;
    const before = bytes[high]!;
    bytes[high] = 0x7c; // infinity, or not a number
    const refusal = { code: "bad_tensors", message: expect.stringMatching(/^w: 1 block scales/u) };
    await expect(wasmWeights.load(inFile([]))).rejects.toMatchObject(refusal);
    bytes[high] = before;
    expect(allocator.used).toBe(used);
  });
});

describe("F16 weights", () => {
  const [rows, columns] = [3, 5];
  /** Ones, but for one of the bits `value` in place `at`. */
  const load = (at: number, value: number) => {
    const halves = new Uint16Array(rows * columns).fill(0x3c00);
    halves[at] = value;
    const bytes = new Uint8Array(halves.buffer);
    const read = async (target: Uint8Array): Promise<void> => target.set(bytes);
    return wasmWeights.load({ name: "w", shape: [rows, columns], format: "F16", byteLength: 30, read });
  };
  const places = [0, 7, rows * columns - 1];

  it.each(places)("below 64 are taken in place %i", async (at) => {
    for (const half of [0x53ff, 0xd3ff, 0x0001, 0x8000]) {
      const { info } = await load(at, half); // 63.97, its negative, the least magnitude, -0
      expect(info.shape).toEqual([rows, columns]);
      engine().makeTensorFromTensorInfo(info).dispose();
    }
  });

  it.each(places)("of 64 or more, or not finite, are refused in place %i", async (at) => {
    const { allocator } = backend.runtime;
    const used = allocator.used;
    for (const half of [0x5400, 0xd400, 0x7bff, 0x7c00, 0xfc00, 0x7e00])
      await expect(load(at, half)).rejects.toMatchObject({
        code: "bad_tensors",
        message: expect.stringMatching(/^w: weights of 64 or more/u),
      });
    expect(allocator.used).toBe(used);
  });
});
