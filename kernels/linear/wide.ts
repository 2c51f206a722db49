/**
 * Products of many frames with Q8 weights as 16-bit integers (wasm/assembly/linear-wide.ts), in the bytes that a few
 * frames get from the other kernel.
 */
import { f32 } from "../wasm/machine.ts";
import type { Machine } from "../wasm/machine.ts";
import type { PackedMatrix } from "../wasm/weights.ts";

export interface Part {
  readonly matrix: PackedMatrix;
  readonly bias: number;
  readonly y: number;
}

/** Frames from which on widening the weights pays. */
export const wideFrom = 32;
/** Frames of a strip, which stays in the second-level cache while panels pass by; a multiple of the tile's 4. */
const strip = 512;

export function wide(
  machine: Machine,
  x: number,
  frames: number,
  floor: number,
  parts: readonly Part[],
): void {
  const { columns } = parts[0]!.matrix;
  const blocks = columns / 32;
  const most = Math.ceil(Math.min(frames, strip) / 4) * 4;
  const integerBytes = most * columns * 2;
  const scaleBytes = most * blocks * 4;
  const threadBytes = blocks * (1024 + 64) + 320;
  machine.scratch(integerBytes + scaleBytes + machine.threads * threadBytes, (integers) => {
    const scales = integers + integerBytes;
    const scratch = scales + scaleBytes;
    for (let frame = 0; frame < frames; frame += strip) {
      const count = Math.min(strip, frames - frame);
      const from = x + frame * columns * 4;
      const tiles = Math.ceil(count / 4);
      const least = Math.max(machine.share(tiles), Math.ceil(8192 / columns));
      machine.run("quantizeFours", tiles, least, [from, blocks, count, integers, scales]);
      const args = [integers, scales, count, blocks, f32(floor), scratch, threadBytes];
      let items = 0;
      for (const { matrix, bias, y } of parts) {
        const panels = Math.ceil(matrix.rows / 16);
        items += panels;
        args.push(panels, matrix.rows, matrix.weights, matrix.scales, bias, y + frame * matrix.rows * 4);
      }
      machine.run("linearWide", items, machine.share(items, 32), args);
    }
  });
}
