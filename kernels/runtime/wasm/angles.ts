/** Cosines and sines of the rotary embedding, computed once per frequency set and kept in the memory of the kernels. */
import { inverseFrequencies, writeAngles } from "../angles.ts";
import type { RotaryFrequencies } from "../angles.ts";
import type { WasmRuntime } from "./runtime.ts";

interface Table {
  address: number;
  positions: number;
}

/** Positions of a new table; it doubles when they do not suffice. */
const initialPositions = 512;

const tables = new WeakMap<WasmRuntime, Map<string, Table>>();

/**
 * Address of the row of `position`, with at least `count` rows from there on. A row is D/2 cosines, then D/2 sines.
 */
export function anglesAt(
  runtime: WasmRuntime,
  attrs: RotaryFrequencies & { readonly position: number },
  count: number,
): number {
  const { headDim, theta, position } = attrs;
  let ofRuntime = tables.get(runtime);
  if (ofRuntime === undefined) tables.set(runtime, (ofRuntime = new Map()));
  const key = `${headDim} ${theta}`;
  let table = ofRuntime.get(key);
  if (table === undefined || table.positions < position + count) {
    let positions = table?.positions ?? initialPositions;
    while (positions < position + count) positions *= 2;
    if (table !== undefined) runtime.allocator.free(table.address);
    table = { address: runtime.allocator.allocate(positions * headDim * 4), positions };
    const values = runtime.floats(table.address, positions * headDim);
    writeAngles(inverseFrequencies(attrs), positions, values, values.subarray(headDim / 2), headDim);
    ofRuntime.set(key, table);
  }
  return table.address + position * headDim * 4;
}
