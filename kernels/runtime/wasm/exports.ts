/** What the compiled kernels export (assembly/index.ts). */

/** Exports that are not kernels of the pool; all others have its signature. */
export type Direct = {
  initialize(): void;
  run(kernel: number, items: number, grain: number, threads: number): void;
  runList(jobs: number, threads: number): void;
  stop(): void;
  probe(): number;
  unfitHalves(p: number, count: number): number;
  copyQ8Row(
    quants: number,
    scales: number,
    row: number,
    blocks: number,
    wide: number,
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
    flip: number,
    wide: number,
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

/** Kernels of the pool by name. */
export const kernelNames = [
  "quantize",
  "quantizeTiles",
  "packFloat",
  "packQ8",
  "linearQ8",
  "linearMany",
  "linearFloat",
  "layerNorm",
  "rmsNorm",
  "normRope",
  "swiglu",
  "add",
  "scale",
  "atLeast",
  "fsmn",
  "copyRows",
  "lstm",
  "topLabels",
  "attention",
  "attentionScores",
  "attentionProbabilities",
  "attentionContext",
  "toKeyPanels",
  "toValuePanels",
  "writeKeys",
  "writeValues",
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Where a kernel is in the table; nothing is at 0. */
export const tableIndex = Object.fromEntries(kernelNames.map((name, i) => [name, i + 1])) as {
  readonly [name in KernelName]: number;
};

export type PoolKernel = (args: number, first: number, last: number, thread: number) => void;
