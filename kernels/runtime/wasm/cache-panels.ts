/** Keys and values in the panels that attention reads (assembly/attention.ts): packing, writing and unpacking. */
import type { Rows } from "./rows.ts";
import type { WasmRuntime } from "./runtime.ts";

interface CacheShape {
  readonly layout: "keys" | "values";
  /** Positions that there is room for. */
  readonly capacity: number;
  /** Values of a position in all, and of one head. */
  readonly columns: number;
  readonly headDim: number;
}

export interface CachePanels extends CacheShape {
  readonly address: number;
  /** Number of positions up to the last one written. */
  filled: number;
}

function panelBytes({ layout, capacity, columns, headDim }: CacheShape): number {
  if (layout === "keys") return Math.ceil(capacity / 16) * 64 * columns;
  return (columns / headDim) * Math.ceil(headDim / 16) * capacity * 64;
}

/** Packs the first `filled` rows at `from`, with room for the whole capacity; the caller frees the panels. */
export function pack(runtime: WasmRuntime, shape: CacheShape, from: number, filled: number): CachePanels {
  const { layout, capacity, columns, headDim } = shape;
  const to = runtime.allocator.allocate(panelBytes(shape));
  const args = { from, to, rows: filled, columns };
  if (layout === "keys") {
    const panels = Math.ceil(filled / 16);
    runtime.run("toKeyPanels", panels, runtime.share(panels), args);
  } else {
    const panels = (columns / headDim) * Math.ceil(headDim / 16);
    runtime.run("toValuePanels", panels, runtime.share(panels), { ...args, headDim, capacity });
  }
  return { ...shape, address: to, filled };
}

/** Writes rows from `position` on. */
export function write(
  runtime: WasmRuntime,
  panels: CachePanels,
  { address: from, rows }: Rows,
  position: number,
): void {
  const { layout, address, columns, headDim, capacity } = panels;
  const args = { from, panels: address, position, columns, headDim, capacity };
  const grain = Math.max(runtime.share(rows), Math.ceil(8192 / columns));
  runtime.run(layout === "keys" ? "writeKeys" : "writeValues", rows, grain, args);
  panels.filled = Math.max(panels.filled, position + rows);
}

/** Writes all positions as rows to `to`; zeros where no row was written. */
export function unpack(runtime: WasmRuntime, panels: CachePanels, to: number): void {
  unpackRows(runtime, panels, panels.capacity, to);
}

/** The same for the first `rows` positions. */
export function unpackRows(runtime: WasmRuntime, panels: CachePanels, rows: number, to: number): void {
  const { layout, address, columns, headDim, capacity } = panels;
  const filled = Math.min(panels.filled, rows);
  if (layout === "keys") runtime.direct.readKeys(address, filled, columns, to);
  else runtime.direct.readValues(address, filled, columns, headDim, capacity, to);
  runtime.bytes.fill(0, to + filled * columns * 4, to + rows * columns * 4);
}
