/**
 * Decides whether a module may be used that V8 compiled with an experimental optimization: every kernel with vector
 * operations runs on small data in that module and in one compiled without it, and all bytes of the memory must agree.
 */
import { writeArguments } from "./arguments.ts";
import type { KernelExports } from "./exports.ts";
import { layout, reservedBytes } from "./layout.ts";
import type { KernelArguments, KernelName } from "./structs/index.ts";

/** A kernel, its items, and a function that writes its arguments. */
interface Step {
  readonly kernel: KernelName;
  readonly items: number;
  readonly write: (words: Int32Array) => void;
}

function step<Name extends KernelName>(kernel: Name, items: number, args: KernelArguments<Name>): Step {
  return { kernel, items, write: (words) => writeArguments(kernel, args, words, layout.ARGUMENTS / 4) };
}

const pages = 16;
/** Regions of the memory that the steps read and write. */
const at = (index: number): number => reservedBytes * (index + 1);

const eps = 1e-5;
const quantized = { integers: at(1), scales: at(2), initialSums: at(3) };
const sumFactorOf = (int16: number): number => (int16 === 1 ? 0 : -128);

const fewFrames = (frames: number, int16: number): Step[] => [
  step("quantize", frames, {
    x: at(0),
    blocks: 3,
    frames,
    ...quantized,
    int16,
    sumFactor: sumFactorOf(int16),
  }),
  step("linearQ8", 9, {
    ...quantized,
    frames,
    blocks: 3,
    lowerBound: -Infinity,
    int16,
    scratch: at(4),
    matrices: [{ groups: 9, rows: 70, weights: at(5), scales: at(6), bias: at(7), y: at(8) }],
  }),
];

const manyFrames = (frames: number, tilesOfSix: number, int16: number, isPacked: boolean): Step[] => {
  const input = { frames, tilesOfSix, blocks: 3, ...quantized, int16, sumFactor: sumFactorOf(int16) };
  const output = isPacked
    ? { addend: 0, otherAddend: 0, toIntegers: at(10), toScales: at(11), toInitialSums: at(12) }
    : { addend: at(0), otherAddend: at(4), toIntegers: 0, toScales: 0, toInitialSums: 0 };
  const [groups, rows] = isPacked ? ([4, 64] as const) : ([5, 70] as const);
  return [
    step("quantizeTiles", frames > 6 ? 2 : 1, { x: at(0), ...input }),
    step("gemmQ8", groups, {
      ...input,
      ...output,
      lowerBound: -Infinity,
      together: 4,
      scratch: at(8),
      scratchBytes: 0,
      matrices: [{ groups, rows, weights: at(5), scales: at(6), bias: at(7), y: at(9) }],
    }),
  ];
};

const floatProduct = (frames: number, kind: number): Step =>
  step("linearFloat", 3, {
    x: at(0),
    frames,
    columns: 37,
    lowerBound: 0,
    kind,
    scratch: at(4),
    expanded: frames < 10 ? 0 : at(3),
    matrices: [{ groups: 3, rows: 41, weights: at(5), scales: 0, bias: at(7), y: at(8) }],
  });

const pair = { a: at(0), b: at(1), y: at(9), size: 2051 };
const cache = { columns: 136, headDim: 68, capacity: 73 };
const heads = { frames: 12, length: 70, heads: 4, kvHeads: 2, headDim: 68 };
const scratch = { scratch: at(11), scratchBytes: 16_384 };

const steps: readonly Step[] = [
  ...[1, 2].flatMap((frames) => fewFrames(frames, 0)),
  ...[1, 2, 4, 8, 13].flatMap((frames) => fewFrames(frames, 1)),
  ...[false, true].flatMap((isPacked) => [
    ...manyFrames(7, 0, 1, isPacked),
    ...manyFrames(7, 0, 0, isPacked),
    ...manyFrames(6, 1, 0, isPacked),
    ...manyFrames(9, 1, 0, isPacked),
  ]),
  ...[1, 2, 3, 4, 5, 6, 10].flatMap((frames) => [0, 1, 2].map((kind) => floatProduct(frames, kind))),
  step("layerNorm", 5, { x: at(0), y: at(9), size: 101, eps, weight: at(1), bias: at(2) }),
  step("rmsNorm", 5, { x: at(0), y: at(9), size: 101, eps, weight: at(1) }),
  step("normRope", 4, { x: at(0), y: at(9), heads: 3, headDim: 44, eps, weight: at(1), angles: at(2) }),
  step("swiglu", 3, { ...pair, number: 0 }),
  step("add", 3, { ...pair, number: 0 }),
  step("scale", 3, { ...pair, number: 2 ** 102 }),
  step("atLeast", 3, { ...pair, number: 1 }),
  step("topLabels", 3, { x: at(0), width: 101, count: 5, labels: at(9), logits: at(10), sums: at(11) }),
  step("fsmn", 9, { v: at(0), kernel: at(1), y: at(9), frames: 9, channels: 37, taps: 5, left: 2 }),
  step("lstm", 1, {
    x: at(0),
    weights: at(1),
    bias: at(2),
    y: at(9),
    frames: 5,
    size: 18,
    reverse: 1,
    scratch: at(10),
  }),
  step("toKeyPanels", 5, { from: at(0), to: at(9), rows: 70, columns: 136 }),
  step("toValuePanels", 10, { from: at(1), to: at(7), rows: 70, ...cache }),
  step("writeKeys", 3, { from: at(0), panels: at(9), position: 67, ...cache }),
  step("writeValues", 3, { from: at(1), panels: at(7), position: 67, ...cache }),
  step("attention", 6, {
    q: at(0),
    keys: at(9),
    values: at(7),
    y: at(10),
    ...heads,
    ...scratch,
    scale: eps,
    causal: 1,
    blockFrames: 4,
    valueCapacity: 73,
  }),
  step("attentionScores", 6, {
    q: at(0),
    keys: at(9),
    y: at(12),
    ...heads,
    ...scratch,
    scale: eps,
    blockFrames: 4,
  }),
  step("attentionProbabilities", 48, {
    scores: at(12),
    y: at(13),
    frames: 12,
    length: 70,
    causal: 1,
    ...scratch,
  }),
  step("attentionContext", 16, {
    probabilities: at(13),
    values: at(7),
    y: at(10),
    ...heads,
    ...scratch,
    valueCapacity: 73,
    blockFrames: 3,
  }),
];

/** True if both modules do the same. `instantiate` makes an instance of one on a memory. */
export function agree(
  modules: readonly [WebAssembly.Module, WebAssembly.Module],
  instantiate: (module: WebAssembly.Module, memory: WebAssembly.Memory) => KernelExports,
  shared: boolean,
): boolean {
  const instances = modules.map((module) => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    const exports = instantiate(module, memory);
    exports.initialize();
    return { exports, words: new Int32Array(memory.buffer) };
  });
  const [plain, paired] = instances as [(typeof instances)[0], (typeof instances)[0]];
  fill(plain.words.buffer);
  paired.words.set(plain.words.subarray(at(0) / 4), at(0) / 4);
  return steps.every(({ kernel, items, write }) => {
    for (const { exports, words } of instances) {
      write(words);
      exports[kernel](layout.ARGUMENTS, 0, items, 0);
    }
    return isSame(plain.words, paired.words);
  });
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Numbers in −1 … 1 everywhere, and plausible float16 scales where those of Q8 weights lie. */
function fill(memory: ArrayBufferLike): void {
  const values = new Float32Array(memory, at(0));
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  const scales = new Uint16Array(memory, at(6), 32_768);
  for (let i = 0; i < scales.length; i++) scales[i] = 0x2c00 + (i % 511);
}
