/** What the compiled kernels export (assembly/index.ts). */
import type { KernelName } from "./structs/index.ts";

/** Exports with plain arguments; all others are kernels of the pool. */
export type Direct = {
  initialize(): void;
  run(kernel: number, items: number, grain: number, threads: number): void;
  runList(jobs: number, threads: number): void;
  stop(): void;
  probe(): number;
  countOutOfRange(p: number, count: number): number;
  copyQ8Row(
    quants: number,
    scales: number,
    row: number,
    blocks: number,
    int16: number,
    toQuants: number,
    toScales: number,
    toRow: number,
  ): void;
  copyFloatRow(panels: number, row: number, columns: number, shift: number, to: number, toRow: number): void;
  unpackQ8Row(
    quants: number,
    scales: number,
    row: number,
    blocks: number,
    signFlip: number,
    int16: number,
    y: number,
  ): void;
  unpackFloatRow(panels: number, row: number, columns: number, kind: number, y: number): void;
  transpose(x: number, rows: number, columns: number, y: number): void;
  readKeys(panels: number, rows: number, columns: number, to: number): void;
  readValues(
    panels: number,
    rows: number,
    columns: number,
    headDim: number,
    capacity: number,
    to: number,
  ): void;
};

type PoolKernel = (args: number, first: number, last: number, thread: number) => void;

/** Everything that an instance exports. */
export type KernelExports = Direct & { readonly [name in KernelName]: PoolKernel };
