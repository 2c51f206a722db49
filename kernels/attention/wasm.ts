/**
 * Attention in WebAssembly (wasm/assembly/attention.ts). A key cache is put into panels at its first use and stays so;
 * other keys are packed for the call. Values are packed when enough queries share the work.
 */
import { define } from "../wasm/kernel.ts";
import { f32 } from "../wasm/machine.ts";
import type { Machine } from "../wasm/machine.ts";
import { attention } from "./index.ts";

/** Query rows of an item: enough to use each panel often, few enough for their scores to stay in the cache. */
const blockRows = 40;
/** Query rows per head from which packing the values pays. */
const packedValueRows = 16;

export function registerAttention(): void {
  define(attention, ({ backend, machine, at, inputs, shapes, attrs, outputs: [y] }) => {
    const { heads, kvHeads, scale, causal, length } = attrs;
    const [frames, width] = shapes.q as readonly [number, number];
    const [capacity, columns] = shapes.k as readonly [number, number];
    const size = width / heads;
    const group = heads / kvHeads;
    const blockFrames = Math.min(frames, Math.max(1, Math.floor(blockRows / group)));
    const rows = blockFrames * group;
    const panels = Math.ceil(length / 16);
    const rowBytes = Math.ceil((size * 4) / 64) * 64;
    const scratchBytes = Math.ceil((rows * (rowBytes + panels * 64 + 4)) / 64) * 64;

    const isCache = capacity > length || backend.keyPanels(inputs.k!) !== undefined;
    let keys: number | undefined;
    if (isCache) {
      keys = backend.keyPanels(inputs.k!);
      if (keys === undefined) {
        keys = packKeys(machine, at("k"), capacity, columns);
        backend.replaceByKeyPanels(inputs.k!, keys, columns);
      }
    }
    const packed = isCache ? undefined : packKeys(machine, at("k"), length, columns);
    const values =
      frames * group < packedValueRows ? undefined : packValues(machine, at("v"), length, columns, size);
    const [v, vRow, vPanel, vHead] =
      values === undefined
        ? [at("v"), columns * 4, 64, size * 4]
        : [values, 64, length * 64, Math.ceil(size / 16) * length * 64];

    machine.scratch(machine.threads * scratchBytes, (scratch) => {
      const items = Math.ceil(frames / blockFrames) * kvHeads;
      const args = [
        at("q"),
        keys ?? packed!,
        v,
        y!,
        frames,
        length,
        heads,
        kvHeads,
        size,
        f32(scale),
        causal ? 1 : 0,
      ];
      machine.run("attention", items, 1, [...args, blockFrames, vRow, vPanel, vHead, scratch, scratchBytes]);
    });
    if (packed !== undefined) machine.allocator.free(packed);
    if (values !== undefined) machine.allocator.free(values);
  });
}

function packKeys(machine: Machine, from: number, rows: number, columns: number): number {
  const panels = Math.ceil(rows / 16);
  const to = machine.allocator.allocate(panels * 64 * columns);
  machine.run("toKeyPanels", panels, machine.share(panels), [from, to, rows, columns]);
  return to;
}

function packValues(machine: Machine, from: number, rows: number, columns: number, size: number): number {
  const panels = (columns / size) * Math.ceil(size / 16);
  const to = machine.allocator.allocate(panels * rows * 64);
  machine.run("toValuePanels", panels, machine.share(panels), [from, to, rows, columns, size]);
  return to;
}
