/**
 * The steps of the self-test: every kernel with vector operations, in each of its tiles and paths, on small data. Each step
 * writes memory of its own.
 */
import { writeArguments } from "./arguments.ts";
import { layout, reservedBytes } from "./layout.ts";
import type { KernelArguments, KernelName } from "./structs/index.ts";

/** A kernel, its items, and a function that writes its arguments. */
export interface Step {
  readonly kernel: KernelName;
  readonly items: number;
  readonly write: (words: Int32Array) => void;
}

function step<Name extends KernelName>(kernel: Name, items: number, args: KernelArguments<Name>): Step {
  return { kernel, items, write: (words) => writeArguments(kernel, args, words, layout.ARGUMENTS / 4) };
}

/** What the steps read: two operands of up to 70 rows by 136 values, float16 scales, and values of a row. */
export const x = reservedBytes;
const other = x + 40_960;
export const scales = other + 40_960;
const bias = scales + 1024;
export const inputsEnd = bias + 1024;
/** Memory that the kernels use on the way, in two parts; the first one is not compared. */
const scratch = inputsEnd;
export const scratchEnd = scratch + 16_384;
const expanded = scratchEnd;
const resultsStart = expanded + 16_384;

/** Memory for the results of a step; no step may write the bytes between two of them. */
type Room = (bytes: number) => number;

function rooms(): Room {
  let end = resultsStart;
  return (bytes) => {
    const start = end;
    end += (Math.ceil(bytes / 64) + 1) * 64;
    return start;
  };
}

const eps = 1e-5;
const blocks = 3;
const sumFactorOf = (int16: number): number => (int16 === 1 ? 0 : -128);

/** Quantized activations, with room for a whole tile. */
function quantizedIn(room: Room, frames: number): Record<"integers" | "scales" | "initialSums", number> {
  const values = (frames + 7) * blocks;
  return { integers: room(values * 64), scales: room(values * 4), initialSums: room(values * 4) };
}

function fewFrames(room: Room, frames: number, int16: number): Step[] {
  const quantized = quantizedIn(room, frames);
  const y = room(frames * 70 * 4);
  return [
    step("quantize", frames, { x, blocks, frames, ...quantized, int16, sumFactor: sumFactorOf(int16) }),
    step("linearQ8", 9, {
      ...quantized,
      frames,
      blocks,
      lowerBound: -Infinity,
      int16,
      scratch,
      matrices: [{ groups: 9, rows: 70, weights: other, scales, bias, y }],
    }),
  ];
}

function manyFrames(
  room: Room,
  frames: number,
  tilesOfSix: number,
  int16: number,
  isPacked: boolean,
): Step[] {
  const quantized = quantizedIn(room, frames);
  const input = { frames, tilesOfSix, blocks, ...quantized, int16, sumFactor: sumFactorOf(int16) };
  const packed = isPacked ? quantizedIn(room, frames) : { integers: 0, scales: 0, initialSums: 0 };
  const { integers: toIntegers, scales: toScales, initialSums: toInitialSums } = packed;
  const [addend, otherAddend] = isPacked ? ([0, 0] as const) : ([x, other] as const);
  const [groups, rows] = isPacked ? ([4, 64] as const) : ([5, 70] as const);
  return [
    step("quantizeTiles", frames > 6 ? 2 : 1, {
      x,
      ...input,
      normed: isPacked ? scratch : 0,
      weight: other,
      bias,
      eps,
    }),
    step("gemmQ8", groups, {
      ...input,
      addend,
      otherAddend,
      toIntegers,
      toScales,
      toInitialSums,
      lowerBound: -Infinity,
      together: 4,
      scratch,
      scratchBytes: 0,
      matrices: [{ groups, rows, weights: other, scales, bias, y: room(frames * rows * 4) }],
    }),
  ];
}

function floatProduct(room: Room, frames: number, kind: number): Step {
  return step("linearFloat", 3, {
    x,
    frames,
    columns: 37,
    lowerBound: 0,
    kind,
    scratch,
    expanded: frames < 10 ? 0 : expanded,
    matrices: [{ groups: 3, rows: 41, weights: other, scales: 0, bias, y: room(frames * 41 * 4) }],
  });
}

function rowSteps(room: Room): Step[] {
  const norm = (): { x: number; y: number; size: number; eps: number; weight: number } => ({
    x,
    y: room(5 * 101 * 4),
    size: 101,
    eps,
    weight: other,
  });
  const pair = (): { a: number; b: number; y: number; size: number } => ({
    a: x,
    b: other,
    y: room(2051 * 4),
    size: 2051,
  });
  return [
    step("layerNorm", 5, { ...norm(), bias }),
    step("rmsNorm", 5, norm()),
    step("normRope", 4, {
      x,
      y: room(4 * 3 * 44 * 4),
      heads: 3,
      headDim: 44,
      eps,
      weight: bias,
      angles: other,
    }),
    step("swiglu", 3, { ...pair(), number: 0 }),
    step("add", 3, { ...pair(), number: 0 }),
    step("scale", 3, { ...pair(), number: 2 ** 102 }),
    step("atLeast", 3, { ...pair(), number: 1 }),
    step("topLabels", 3, {
      x,
      width: 101,
      count: 5,
      labels: room(3 * 5 * 4),
      logits: room(3 * 5 * 4),
      sums: room(3 * 8),
    }),
    step("fsmn", 9, { v: x, kernel: other, y: room(9 * 37 * 4), frames: 9, channels: 37, taps: 5, left: 2 }),
    step("lstm", 1, {
      x,
      weights: other,
      bias,
      y: room(5 * 18 * 4),
      frames: 5,
      size: 18,
      reverse: 1,
      scratch,
    }),
  ];
}

function attentionSteps(room: Room): Step[] {
  const cache = { columns: 136, headDim: 68, capacity: 73 };
  const heads = { frames: 12, length: 73, heads: 4, kvHeads: 2, headDim: 68 };
  const own = { scratch, scratchBytes: 16_384 };
  const keys = room(5 * 136 * 64);
  const values = room(10 * 73 * 64);
  const scores = room(4 * 12 * 73 * 4);
  const probabilities = room(4 * 12 * 73 * 4);
  const y = (): number => room(12 * 4 * 68 * 4);
  return [
    step("toKeyPanels", 5, { from: x, to: keys, rows: 70, columns: 136 }),
    step("toValuePanels", 10, { from: other, to: values, rows: 70, ...cache }),
    step("writeKeys", 3, { from: x, panels: keys, position: 70, ...cache }),
    step("writeValues", 3, { from: other, panels: values, position: 70, ...cache }),
    step("attention", 6, {
      q: x,
      keys,
      values,
      y: y(),
      ...heads,
      ...own,
      scale: eps,
      causal: 1,
      blockFrames: 4,
      valueCapacity: 73,
    }),
    step("attentionScores", 6, { q: x, keys, y: scores, ...heads, ...own, scale: eps, blockFrames: 4 }),
    step("attentionProbabilities", 48, {
      scores,
      y: probabilities,
      frames: 12,
      length: 73,
      causal: 1,
      ...own,
    }),
    step("attentionContext", 16, {
      probabilities,
      values,
      y: y(),
      ...heads,
      ...own,
      valueCapacity: 73,
      blockFrames: 3,
    }),
  ];
}

/** In their order: some read what earlier ones wrote. */
export function allSteps(): Step[] {
  const room = rooms();
  return [
    ...[1, 2, 4, 6, 8, 11].flatMap((frames) => [
      ...fewFrames(room, frames, 0),
      ...fewFrames(room, frames, 1),
    ]),
    ...[false, true].flatMap((isPacked) => [
      ...manyFrames(room, 7, 0, 1, isPacked),
      ...manyFrames(room, 7, 0, 0, isPacked),
      ...manyFrames(room, 6, 1, 0, isPacked),
      ...manyFrames(room, 9, 1, 0, isPacked),
    ]),
    ...[1, 2, 3, 4, 5, 6, 10].flatMap((frames) => [0, 1, 2].map((kind) => floatProduct(room, frames, kind))),
    ...rowSteps(room),
    ...attentionSteps(room),
  ];
}
