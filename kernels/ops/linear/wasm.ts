/** Linear in WebAssembly (runtime/wasm/assembly/linear.ts). With Q8 weights the input is quantized once for the whole group. */
import { computeLayerNorm } from "../layer-norm/wasm.ts";
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import { argumentsOf, gemm, gemmFrom, gemmFused, itemsOf } from "../../runtime/wasm/gemm.ts";
import type { Addends, Norm, Product, Weights } from "../../runtime/wasm/gemm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { floatKinds } from "../../runtime/wasm/packed-matrix.ts";
import type { PackedMatrix } from "../../runtime/wasm/packed-matrix.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { biasNames, linear } from "./index.ts";

/** Scratch of a thread for partial tiles, as assembly/linear.ts uses it; with Q8 weights also for the sums of a tile. */
const threadScratch = { float: 1024, q8: 2048 } as const;
/** Least number of frames for which 16-bit weights are expanded once per panel, rather than again for every few frames. */
const expandedFrom = 24;
/** Scratch of a thread for such a panel: 16 · DEPTH float32 of assembly/linear.ts. */
const expandedBytes = 16 * 256 * 4;
/** Half weights are used as the bits of 2^-102 times their value; the input is scaled by the inverse. */
const halfScale = 2 ** 102;

export function registerLinear(): void {
  define(linear, ({ backend, runtime, inputs, outputs, attrs, at, rows }) => {
    const lowerBound = attrs.activation === "relu" ? 0 : -Infinity;
    const weights = [inputs.weight0, inputs.weight1, inputs.weight2];
    const products = outputs.map((y, i): Product => {
      const matrix = backend.matrix(weights[i]!);
      return { matrix, bias: at(biasNames[i]!), y };
    });
    multiply(runtime, rows("x"), lowerBound, products);
  });
}

/** max(norm(x) · Wᵀ + bias, lowerBound) for one to three matrices; `addends` are for a single one. */
export function multiply(
  runtime: WasmRuntime,
  x: Rows,
  lowerBound: number,
  products: readonly Product[],
  addends: Addends = [],
  norm?: Norm,
): void {
  const isGemm = (kind: PackedMatrix["kind"]): boolean => kind === "q8" && x.rows >= gemmFrom(runtime);
  if (norm !== undefined && !products.every(({ matrix }) => isGemm(matrix.kind)))
    return withNorm(runtime, x, norm, (normed) => multiply(runtime, normed, lowerBound, products, addends));
  for (const kind of new Set(products.map(({ matrix }) => matrix.kind))) {
    const group = products.filter(({ matrix }) => matrix.kind === kind); // nearly always all of them
    if (isGemm(kind)) {
      gemm(runtime, x, lowerBound, group, addends, norm);
      continue;
    }
    if (kind === "q8") multiplyQ8(runtime, x, lowerBound, group);
    else multiplyFloat(runtime, x, lowerBound, group);
    const { y, matrix } = group[0]!;
    for (const addend of addends)
      elementwise(runtime, "add", { a: y, b: addend, y, size: x.rows * matrix.rows });
  }
}

/** The second product of max(the first, 0), which is of norm(x). */
export function multiplyTwice(
  runtime: WasmRuntime,
  x: Rows,
  norm: Norm,
  first: Weights,
  second: Product,
  addends: Addends,
): void {
  const isQ8 = first.matrix.kind === "q8" && second.matrix.kind === "q8";
  if (isQ8 && x.rows >= gemmFrom(runtime)) return gemmFused(runtime, x, first, second, addends, norm);
  runtime.scratchRows(x.rows, [first.matrix.rows], (hidden) => {
    multiply(runtime, x, 0, [{ ...first, y: hidden.address }], [], norm);
    multiply(runtime, hidden, -Infinity, [second], addends);
  });
}

function withNorm(runtime: WasmRuntime, x: Rows, norm: Norm, work: (normed: Rows) => void): void {
  runtime.scratchRows(x.rows, [x.width], (normed) => {
    computeLayerNorm(runtime, x, norm, normed.address);
    work(normed);
  });
}

/** A few frames: one pass over the weights. */
function multiplyQ8(
  runtime: WasmRuntime,
  { address: x, rows: frames, width: columns }: Rows,
  lowerBound: number,
  products: readonly Product[],
): void {
  const { int16, sumFactor } = runtime.q8;
  const blocks = columns / 32;
  const most = Math.ceil(frames / 8) * 8;
  const scaleBytes = most * blocks * 4;
  const integerBytes = (most * columns) << int16;
  runtime.scratch(integerBytes + 2 * scaleBytes + runtime.threads * threadScratch.q8, (integers) => {
    const scales = integers + integerBytes;
    const initialSums = scales + scaleBytes;
    const quantized = { integers, scales, initialSums, blocks, frames, int16 };
    const grain = Math.max(runtime.share(frames), Math.ceil(8192 / columns));
    runtime.run("quantize", frames, grain, { x, ...quantized, sumFactor });
    const matrices = products.map((product) => argumentsOf(product, 8));
    const items = itemsOf(matrices);
    const scratch = initialSums + scaleBytes;
    // Four streams read a claim: claims are multiples of four groups.
    const claim = Math.ceil(runtime.share(items, 16) / 4) * 4;
    runtime.run("linearQ8", items, claim, { ...quantized, lowerBound, scratch, matrices });
  });
}

function multiplyFloat(
  runtime: WasmRuntime,
  { address, rows: frames, width: columns }: Rows,
  lowerBound: number,
  products: readonly Product[],
): void {
  const kind = products[0]!.matrix.kind as keyof typeof floatKinds;
  const size = frames * columns;
  const inputBytes = kind === "f16" ? size * 4 : 0;
  const isExpanding = kind !== "f32" && frames >= expandedFrom;
  const threadBytes = threadScratch.float + (isExpanding ? expandedBytes : 0);
  runtime.scratch(inputBytes + runtime.threads * threadBytes, (start) => {
    const x = kind === "f16" ? start : address;
    if (kind === "f16") elementwise(runtime, "scale", { a: address, y: x, size, number: halfScale });
    const matrices = products.map((product) => argumentsOf(product, 16));
    const items = itemsOf(matrices);
    const scratch = start + inputBytes;
    runtime.run("linearFloat", items, runtime.share(items, 16), {
      x,
      frames,
      columns,
      lowerBound,
      kind: floatKinds[kind],
      scratch,
      expanded: isExpanding ? scratch + runtime.threads * threadScratch.float : 0,
      matrices,
    });
  });
}
