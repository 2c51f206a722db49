/**
 * The weight store of the `wasm` backend. A matrix is read a piece at a time and packed into its final place: Q8_0 into
 * interleaved blocks, floats into panels (assembly/weights.ts). Other block formats become Q8_0.
 */
import { ModelFormatError } from "../../../src/errors.ts";
import { requantizeRows } from "../../formats/index.ts";
import { byteLength, formats } from "../../formats/table.ts";
import type { Format } from "../../formats/table.ts";
import type { EncodedTensor, WeightStore } from "../../weight-store.ts";
import type { WasmBackend } from "./backend.ts";
import type { PackedMatrix } from "./packed-matrix.ts";
import type { WasmRuntime } from "./runtime.ts";

export function wasmWeightStore(backend: () => WasmBackend): WeightStore {
  return {
    async load(source, signal) {
      const { runtime } = backend();
      const format = storedFormat(source.format);
      const matrix =
        format === "Q8_0"
          ? await loadQ8(runtime, source, signal)
          : await loadFloat(runtime, source, format, signal);
      return { info: backend().adopt(matrix), format: matrix.kind === "f32" ? "F32" : format };
    },
  };
}

type NativeFormat = "F32" | "F16" | "BF16" | "Q8_0";

function storedFormat(format: Format): NativeFormat {
  return format === "F32" || format === "F16" || format === "BF16" ? format : "Q8_0";
}

/** Bytes that are read from a file at a time: large enough for all threads, small enough for a cache. */
const pieceBytes = 4 * 2 ** 20;

async function loadQ8(
  runtime: WasmRuntime,
  source: EncodedTensor,
  signal?: AbortSignal,
): Promise<PackedMatrix> {
  const { allocator, q8 } = runtime;
  const [rows, columns] = sizes(source);
  const blocks = columns / formats.Q8_0.blockSize;
  const groups = Math.ceil(rows / 8);
  const rowBytes = byteLength("Q8_0", columns);
  const { readRange } = source;
  const inPieces = source.format === "Q8_0" && readRange !== undefined;
  const rowsAtOnce = inPieces ? Math.max(8, Math.floor(pieceBytes / rowBytes / 8) * 8) : rows;
  const piece = allocator.allocate(Math.min(rows, rowsAtOnce) * rowBytes);
  const outOfRange = allocator.allocate(4);
  const weights = allocator.allocate(groups * blocks * 256);
  const scales = allocator.allocate(groups * blocks * 16);
  try {
    runtime.ints(outOfRange, 1)[0] = 0;
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const target = runtime.bytes.subarray(piece, piece + count * rowBytes);
      if (inPieces) await readRange(row * rowBytes, target, signal);
      else if (source.format === "Q8_0") await source.read(target, signal);
      else await requantize(source, target, columns, signal);
      const pieceGroups = Math.ceil(count / 8);
      runtime.run("packQ8", pieceGroups, runtime.share(pieceGroups), {
        source: piece,
        quants: weights + row * blocks * 32,
        scales: scales + row * blocks * 2,
        rows: count,
        blocks,
        signFlip: q8.signFlip,
        int16: q8.int16,
        outOfRange,
      });
    }
    const found = runtime.ints(outOfRange, 1)[0]!;
    if (found > 0) throw tooLarge(source.name, `${found} block scales`);
    return { kind: "q8", rows, columns, weights, scales, owned: [weights, scales] };
  } catch (error) {
    allocator.free(weights);
    allocator.free(scales);
    throw error;
  } finally {
    allocator.free(outOfRange);
    allocator.free(piece);
  }
}

/** Converts any block format to Q8_0 blocks. */
async function requantize(
  source: EncodedTensor,
  target: Uint8Array,
  columns: number,
  signal?: AbortSignal,
): Promise<void> {
  const encoded = new Uint8Array(source.byteLength);
  await source.read(encoded, signal);
  requantizeRows(source.format, encoded, "Q8_0", target, columns);
}

async function loadFloat(
  runtime: WasmRuntime,
  source: EncodedTensor,
  format: Exclude<NativeFormat, "Q8_0">,
  signal?: AbortSignal,
): Promise<PackedMatrix> {
  const { allocator, direct } = runtime;
  const [rows, columns] = sizes(source);
  const panels = Math.ceil(rows / 16);
  const valueBytes = format === "F32" ? 4 : 2;
  const raw = allocator.allocate(source.byteLength);
  let weights: number | undefined;
  try {
    await source.read(runtime.bytes.subarray(raw, raw + source.byteLength), signal);
    const isHalf = format === "F16";
    if (isHalf && direct.countOutOfRange(raw, rows * columns) > 0) throw tooLarge(source.name, "weights");
    weights = allocator.allocate(panels * 16 * columns * valueBytes);
    runtime.run("packFloat", panels, runtime.share(panels), {
      source: raw,
      target: weights,
      rows,
      columns,
      valueBytes,
      half: isHalf ? 1 : 0,
    });
    const kind = ({ F32: "f32", F16: "f16", BF16: "bf16" } as const)[format];
    return { kind, rows, columns, weights, scales: 0, owned: [weights] };
  } catch (error) {
    if (weights !== undefined) allocator.free(weights);
    throw error;
  } finally {
    allocator.free(raw);
  }
}

function sizes({ shape }: EncodedTensor): readonly [rows: number, columns: number] {
  return shape as readonly [number, number];
}

function tooLarge(name: string, what: string): ModelFormatError {
  return new ModelFormatError("bad_tensors", name, `${what} of 64 or more, or not finite`, {
    wanted: "magnitudes below 64",
    remedy: "Convert the file to F32",
  });
}
