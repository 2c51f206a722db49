/** Linear in WebAssembly (wasm/assembly/linear.ts). With Q8 weights the input is quantized once for the whole group. */
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { floatKinds, offsetOf, wideOf } from "../../runtime/wasm/weights.ts";
import { biasNames, linear } from "./index.ts";
import { gemm, gemmFrom, gemmFused } from "../../runtime/wasm/linear-many.ts";
import type { Addends, Part } from "../../runtime/wasm/linear-many.ts";

/** Scratch of a thread for parts of tiles, as assembly/linear.ts has it. */
const threadScratch = 1024;
/** Frames from which on 16-bit weights are expanded, a panel at a time, instead of anew for every few frames. */
const expandedFrom = 24;
/** Scratch of a thread for such a panel: 16 · DEPTH float32 of assembly/linear.ts. */
const expandedBytes = 16 * 256 * 4;

export function registerLinear(): void {
  define(linear, (call) => {
    const { machine, outputs, attrs, at } = call;
    const [frames] = call.shapes.x as readonly [number, number];
    const floor = attrs.activation === "relu" ? 0 : -Infinity;
    const x = at("x");
    const { weight0, weight1, weight2 } = call.inputs;
    const weights = [weight0, weight1, weight2];
    const parts = outputs.map((y, i): Part => {
      const matrix = call.backend.matrix(weights[i]!);
      return { matrix, bias: at(biasNames[i]!), y };
    });
    multiply(machine, x, frames, floor, parts);
  });
}

/** Products of the `frames` rows at `x` with one to three matrices, each value `floor` at least; `addends` are for one. */
export function multiply(
  machine: WasmRuntime,
  x: number,
  frames: number,
  floor: number,
  parts: readonly Part[],
  addends: Addends = [],
): void {
  for (const kind of new Set(parts.map(({ matrix }) => matrix.kind))) {
    const group = parts.filter(({ matrix }) => matrix.kind === kind); // nearly always all of them
    if (kind === "q8" && frames >= gemmFrom(machine)) {
      gemm(machine, x, frames, floor, group, addends);
      continue;
    }
    if (kind === "q8") quantized(machine, x, frames, floor, group);
    else float(machine, x, frames, floor, group);
    const { y, matrix } = group[0]!;
    for (const addend of addends) elementwise(machine, "add", y, addend, y, frames * matrix.rows);
  }
}

/** The second product of max(the first, 0). */
export function multiplyThrough(
  machine: WasmRuntime,
  x: number,
  frames: number,
  first: Omit<Part, "y">,
  second: Part,
  addends: Addends,
): void {
  const isPacked = first.matrix.kind === "q8" && second.matrix.kind === "q8";
  if (isPacked && frames >= gemmFrom(machine)) return gemmFused(machine, x, frames, first, second, addends);
  machine.scratchRows(frames, [first.matrix.rows], (hidden) => {
    multiply(machine, x, frames, 0, [{ ...first, y: hidden! }]);
    multiply(machine, hidden!, frames, -Infinity, [second], addends);
  });
}

/** A few frames: one pass over the weights. */
function quantized(
  machine: WasmRuntime,
  x: number,
  frames: number,
  floor: number,
  parts: readonly Part[],
): void {
  const { columns } = parts[0]!.matrix;
  const blocks = columns / 32;
  const wide = wideOf(machine);
  const most = Math.ceil(frames / 8) * 8;
  const scaleBytes = most * blocks * 4;
  const integerBytes = (most * columns) << wide;
  machine.scratch(integerBytes + 2 * scaleBytes + machine.threads * threadScratch, (integers) => {
    const scales = integers + integerBytes;
    const starts = scales + scaleBytes;
    const scratch = starts + scaleBytes;
    const least = Math.max(machine.share(frames), Math.ceil(8192 / columns));
    const packed = [integers, scales, starts];
    machine.run("quantize", frames, least, [x, blocks, frames, ...packed, wide, offsetOf(machine)]);
    const args = [...packed, frames, blocks, f32(floor), wide, scratch];
    let items = 0;
    for (const { matrix, bias, y } of parts) {
      const groups = Math.ceil(matrix.rows / 8);
      items += groups;
      args.push(groups, matrix.rows, matrix.weights, matrix.scales, bias, y);
    }
    // Four streams walk through a claim: claims are multiples of four groups.
    machine.run("linearQ8", items, Math.ceil(machine.share(items, 16) / 4) * 4, args);
  });
}

function float(machine: WasmRuntime, x: number, frames: number, floor: number, parts: readonly Part[]): void {
  const { kind, columns } = parts[0]!.matrix;
  const half = kind === "f16";
  const inputBytes = half ? frames * columns * 4 : 0;
  const expanding = kind !== "f32" && frames >= expandedFrom;
  const threadBytes = threadScratch + (expanding ? expandedBytes : 0);
  machine.scratch(inputBytes + machine.threads * threadBytes, (address) => {
    let from = x;
    if (half) {
      // Half weights are used as the bits of 2^-102 times their value; the input makes up for it.
      from = address;
      const size = frames * columns;
      const runs = Math.ceil(size / 1024);
      machine.run("scale", runs, Math.max(machine.share(runs), 8), [x, 0, from, size, f32(2 ** 102)]);
    }
    const args = [
      from,
      frames,
      columns,
      f32(floor),
      floatKinds[kind as keyof typeof floatKinds],
      address + inputBytes,
      expanding ? address + inputBytes + machine.threads * threadScratch : 0,
    ];
    let items = 0;
    for (const { matrix, bias, y } of parts) {
      const panels = Math.ceil(matrix.rows / 16);
      items += panels;
      args.push(panels, matrix.rows, matrix.weights, 0, bias, y);
    }
    machine.run("linearFloat", items, machine.share(items, 16), args);
  });
}
