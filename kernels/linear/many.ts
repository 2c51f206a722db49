/**
 * Products of many frames with Q8 weights (wasm/assembly/linear-many.ts), in the bytes that a few frames get from the
 * other kernel.
 */
import { f32 } from "../wasm/machine.ts";
import type { Machine } from "../wasm/machine.ts";
import { offsetOf, wideOf } from "../wasm/weights.ts";
import type { PackedMatrix } from "../wasm/weights.ts";

export interface Part {
  readonly matrix: PackedMatrix;
  readonly bias: number;
  readonly y: number;
}

/** Frames of a strip, which stays in the second-level cache while panels pass by; a multiple of the tile's 4. */
const strip = 256;
/** Panels that are taken together: all that a core's cache has room for, which are fewer where they are widened. */
const togetherOf = (wide: number): number => (wide === 1 ? 4 : 16);

/** Frames from which on they are many: where weights are to be widened first, that must pay. */
export function manyFrom(machine: Machine): number {
  return wideOf(machine) === 1 ? 32 : 3;
}

export function many(
  machine: Machine,
  x: number,
  frames: number,
  floor: number,
  parts: readonly Part[],
): void {
  const { columns } = parts[0]!.matrix;
  const blocks = columns / 32;
  const wide = wideOf(machine);
  const most = Math.ceil(Math.min(frames, strip) / 4) * 4;
  const integerBytes = (most * columns) << wide;
  const scaleBytes = most * blocks * 4;
  const together = togetherOf(wide);
  const threadBytes = together * (5 * 64 + blocks * (wide === 1 ? 64 + 1024 : 64));
  machine.scratch(integerBytes + 2 * scaleBytes + machine.threads * threadBytes, (integers) => {
    const scales = integers + integerBytes;
    const starts = scales + scaleBytes;
    const scratch = starts + scaleBytes;
    const input = [blocks, integers, scales, starts, wide, offsetOf(machine)];
    for (let frame = 0; frame < frames; frame += strip) {
      const count = Math.min(strip, frames - frame);
      const tiles = Math.ceil(count / 4);
      const least = Math.max(machine.share(tiles), Math.ceil(8192 / columns));
      machine.run("quantizeFours", tiles, least, [x + frame * columns * 4, count, ...input]);
      const args = [
        integers,
        scales,
        starts,
        count,
        blocks,
        f32(floor),
        wide,
        together,
        scratch,
        threadBytes,
      ];
      let items = 0;
      for (const { matrix, bias, y } of parts) {
        const panels = Math.ceil(matrix.rows / 16);
        items += panels;
        args.push(panels, matrix.rows, matrix.weights, matrix.scales, bias, y + frame * matrix.rows * 4);
      }
      machine.run("linearMany", items, machine.share(items, 32), args);
    }
  });
}
