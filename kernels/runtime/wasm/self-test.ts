/**
 * May a module be used that V8 compiled with an experimental optimization? Every kernel runs once on small data in that
 * module and in one compiled without it; all bytes of the memory must agree.
 */

/** An export of a module: a kernel of the pool, or a function with plain arguments. */
type Kernel = (args: number, first: number, last: number, thread: number) => void;

type Step = readonly [kernel: string, items: number, args: readonly number[]];

const pages = 16;
const argumentsAt = 1792;
/** Regions of the memory that the steps read and write. */
const at = (index: number): number => 65_536 * (index + 1);

const one = 0x3f800000; // float32 bits
const small = 0x3727c5ac; // 1e-5
const minusInfinity = 0xff800000;
const halfScale = 0x72800000; // 2^102

const offset = (wide: number): number => (wide === 1 ? 0 : -128);

const few = (columns: number, wide: number): Step[] => [
  ["quantize", columns, [at(0), 3, columns, at(1), at(2), at(3), wide, offset(wide)]],
  [
    "linearQ8",
    9,
    [at(1), at(2), at(3), columns, 3, minusInfinity, wide, at(4), 9, 70, at(5), at(6), at(7), at(8)],
  ],
];

const many = (columns: number, sixes: number, wide: number, packed: boolean): Step[] => {
  const input = [at(1), at(2), at(3)];
  const output = packed ? [0, 0, at(10), at(11), at(12)] : [at(0), at(4), 0, 0, 0];
  const [panels, rows] = packed ? ([4, 64] as const) : ([5, 70] as const);
  const shape = [columns, sixes, 3, minusInfinity, wide, 4];
  const matrix = [panels, rows, at(5), at(6), at(7), at(9)];
  return [
    ["quantizeTiles", columns > 6 ? 2 : 1, [at(0), columns, sixes, 3, ...input, wide, offset(wide)]],
    ["linearMany", panels, [...input, ...shape, ...output, offset(wide), at(8), 0, ...matrix]],
  ];
};

const float = (columns: number, kind: number): Step => [
  "linearFloat",
  3,
  [at(0), columns, 37, 0, kind, at(4), columns < 10 ? 0 : at(3), 3, 41, at(5), 0, at(7), at(8)],
];

const steps: readonly Step[] = [
  ...[1, 2].flatMap((columns) => few(columns, 0)),
  ...[1, 2, 4, 8, 13].flatMap((columns) => few(columns, 1)),
  ...[false, true].flatMap((packed) => [
    ...many(7, 0, 1, packed),
    ...many(7, 0, 0, packed),
    ...many(6, 6, 0, packed),
    ...many(9, 6, 0, packed),
  ]),
  ...[1, 2, 3, 4, 5, 6, 10].flatMap((columns) => [0, 1, 2].map((kind) => float(columns, kind))),
  ["layerNorm", 5, [at(0), at(9), 101, small, at(1), at(2)]],
  ["rmsNorm", 5, [at(0), at(9), 101, small, at(1)]],
  ["normRope", 4, [at(0), at(9), 3, 44, small, at(1), at(2)]],
  ["swiglu", 3, [at(0), at(1), at(9), 2051]],
  ["add", 3, [at(0), at(1), at(9), 2051]],
  ["scale", 3, [at(0), 0, at(9), 2051, halfScale]],
  ["atLeast", 3, [at(0), 0, at(9), 2051, one]],
  ["topLabels", 3, [at(0), 101, 5, at(9), at(10), at(11)]],
  ["fsmn", 9, [at(0), at(1), at(9), 9, 37, 5, 2]],
  ["lstm", 1, [at(0), at(1), at(2), at(9), 5, 18, 1, at(10)]],
  ["toKeyPanels", 5, [at(0), at(9), 70, 136]],
  ["toValuePanels", 10, [at(1), at(7), 70, 136, 68, 73]],
  ["writeKeys", 3, [at(0), at(9), 67, 136]],
  ["writeValues", 3, [at(1), at(7), 67, 136, 68, 73]],
  ["attention", 6, [at(0), at(9), at(7), at(10), 12, 70, 4, 2, 68, small, 1, 4, 73, at(11), 16_384]],
  ["attentionScores", 6, [at(0), at(9), at(12), 12, 70, 4, 2, 68, small, 4, at(11), 16_384]],
  ["attentionProbabilities", 48, [at(12), at(13), 12, 70, 1, at(11), 16_384]],
  ["attentionContext", 16, [at(13), at(7), at(10), 12, 70, 4, 2, 68, 73, 3, at(11), 16_384]],
];

/** Do both modules do the same? `instantiate` makes the exports of one on a memory. */
export function agree(
  modules: readonly [WebAssembly.Module, WebAssembly.Module],
  instantiate: (module: WebAssembly.Module, memory: WebAssembly.Memory) => WebAssembly.Exports,
  shared: boolean,
): boolean {
  const runs = modules.map((module) => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    const exports = instantiate(module, memory);
    (exports["initialize"] as () => void)();
    fill(memory);
    return {
      exports,
      board: new Int32Array(memory.buffer, argumentsAt, 64),
      bytes: new Uint8Array(memory.buffer),
    };
  });
  return steps.every(([kernel, items, args]) => {
    for (const { exports, board } of runs) {
      board.set(args);
      (exports[kernel] as Kernel)(argumentsAt, 0, items, 0);
    }
    return Buffer.compare(runs[0]!.bytes, runs[1]!.bytes) === 0;
  });
}

/** Numbers in −1 … 1 everywhere, and plausible scales where Q8 weights have theirs. */
function fill(memory: WebAssembly.Memory): void {
  const values = new Float32Array(memory.buffer, at(0));
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  const scales = new Uint16Array(memory.buffer, at(6), 32_768);
  for (let i = 0; i < scales.length; i++) scales[i] = 0x2c00 + (i % 511);
}
