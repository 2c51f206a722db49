/** Cosines and sines of the rotary embedding, computed once per frequency set and kept in the backend's memory. */
import type { RopeAttrs } from "../../ops/rope/index.ts";
import { inverseFrequencies } from "../angles.ts";
import type { WasmRuntime } from "./machine.ts";

interface Table {
  address: number;
  positions: number;
}

/** Positions that a table begins with; it doubles when they do not suffice. */
const initialPositions = 512;

const tables = new WeakMap<WasmRuntime, Map<string, Table>>();

/** Address of the row of `attrs.position`; `count` rows from there are valid. A row is D/2 cosines, then D/2 sines. */
export function anglesAt(machine: WasmRuntime, attrs: RopeAttrs, count: number): number {
  const { headDim, theta, position } = attrs;
  let ofMachine = tables.get(machine);
  if (ofMachine === undefined) tables.set(machine, (ofMachine = new Map()));
  const key = `${headDim} ${theta}`;
  let table = ofMachine.get(key);
  if (table === undefined || table.positions < position + count) {
    let positions = table?.positions ?? initialPositions;
    while (positions < position + count) positions *= 2;
    if (table !== undefined) machine.allocator.free(table.address);
    table = { address: machine.allocator.allocate(positions * headDim * 4), positions };
    fill(machine.floats(table.address, positions * headDim), attrs);
    ofMachine.set(key, table);
  }
  return table.address + position * headDim * 4;
}

function fill(target: Float32Array, attrs: RopeAttrs): void {
  const frequencies = inverseFrequencies(attrs);
  const half = frequencies.length;
  for (let at = 0, position = 0; at < target.length; at += 2 * half, position++) {
    for (let j = 0; j < half; j++) {
      const angle = Math.fround(position * frequencies[j]!);
      target[at + j] = Math.cos(angle);
      target[at + half + j] = Math.sin(angle);
    }
  }
}
