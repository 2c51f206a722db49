/**
 * Keys and values in the panels that attention reads (assembly/attention.ts). A cache that attention meets in rows is
 * packed once and stays packed: from then on rows are written into the panels. Other tensors are packed for the call.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./backend.ts";
import type { WasmRuntime } from "./machine.ts";

export interface CacheShape {
  readonly layout: "keys" | "values";
  /** Positions that there is room for. */
  readonly capacity: number;
  /** Columns of a position in all, and of one head. */
  readonly columns: number;
  readonly headDim: number;
}

export interface CachePanels extends CacheShape {
  readonly address: number;
  /** Positions before this one hold something. */
  filled: number;
}

function panelBytes({ layout, capacity, columns, headDim }: CacheShape): number {
  if (layout === "keys") return Math.ceil(capacity / 16) * 64 * columns;
  return (columns / headDim) * Math.ceil(headDim / 16) * capacity * 64;
}

/** The first `filled` rows at `from`, packed with room for all of them. */
export function pack(machine: WasmRuntime, shape: CacheShape, from: number, filled: number): CachePanels {
  const { layout, capacity, columns, headDim } = shape;
  const address = machine.allocator.allocate(panelBytes(shape));
  if (layout === "keys") {
    const panels = Math.ceil(filled / 16);
    machine.run("toKeyPanels", panels, machine.share(panels), [from, address, filled, columns]);
  } else {
    const panels = (columns / headDim) * Math.ceil(headDim / 16);
    machine.run("toValuePanels", panels, machine.share(panels), [
      from,
      address,
      filled,
      columns,
      headDim,
      capacity,
    ]);
  }
  return { ...shape, address, filled };
}

/** Writes `count` rows from `position` on. */
export function write(
  machine: WasmRuntime,
  panels: CachePanels,
  from: number,
  position: number,
  count: number,
): void {
  const { layout, address, columns, headDim, capacity } = panels;
  const args = [from, address, position, columns, headDim, capacity];
  const grain = Math.max(machine.share(count), Math.ceil(8192 / columns));
  machine.run(layout === "keys" ? "writeKeys" : "writeValues", count, grain, args);
  panels.filled = Math.max(panels.filled, position + count);
}

/** All rows at `to`; zeros where nothing was written. */
export function unpack(machine: WasmRuntime, panels: CachePanels, to: number): void {
  const { layout, address, columns, headDim, capacity, filled } = panels;
  if (layout === "keys") machine.direct.readKeys(address, filled, columns, to);
  else machine.direct.readValues(address, filled, columns, headDim, capacity, to);
  machine.bytes.fill(0, to + filled * columns * 4, to + capacity * columns * 4);
}

type MaybeTemporary = CachePanels & { readonly temporary: boolean };

/** The panels of a cache (a tensor with room to spare), packed now if need be; or panels for this call. */
export function panelsOf(
  backend: WasmBackend,
  info: TensorInfo,
  layout: CachePanels["layout"],
  headDim: number,
  length: number,
): MaybeTemporary {
  const known = backend.panels(info);
  if (known?.layout === layout && known.headDim === headDim) return { ...known, temporary: false };
  const [rows, columns] = info.shape as [number, number];
  const temporary = rows === length;
  const panels = pack(
    backend.machine,
    { layout, capacity: rows, columns, headDim },
    backend.address(info),
    length,
  );
  if (!temporary) backend.adoptPanels(info, panels);
  return { ...panels, temporary };
}

export function release({ allocator }: WasmRuntime, { address, temporary }: MaybeTemporary): void {
  if (temporary) allocator.free(address);
}
