/** Arguments of the kernels that work on rows or on single values. */
import { struct } from "./struct.ts";

const norm = {
  x: "usize",
  y: "usize",
  /** Values that are normalized together; an item is one such group. */
  size: "i32",
  eps: "f32",
  weight: "usize",
} as const;

const elementwise = struct("ElementwiseArgs", {
  a: "usize",
  /** swiglu and add only. */
  b: "usize",
  y: "usize",
  /** Number of values; an item is 1024 of them. */
  size: "i32",
  /** Second operand of scale and atLeast. */
  number: "f32",
});

export const rowStructs = {
  layerNorm: struct("LayerNormArgs", {
    ...norm,
    bias: "usize",
  }),
  rmsNorm: struct("RmsNormArgs", norm),
  normRope: struct("NormRopeArgs", {
    x: "usize",
    y: "usize",
    heads: "i32",
    headDim: "i32",
    eps: "f32",
    /** Norm weight, or 0: rotation only. */
    weight: "usize",
    /** Row of the first position; POSITION rows are added. A row is headDim / 2 cosines, then as many sines. */
    angles: "usize",
  }),
  swiglu: elementwise,
  add: elementwise,
  scale: elementwise,
  atLeast: elementwise,
  fsmn: struct("FsmnArgs", {
    v: "usize",
    /** [taps, channels]: transposed. */
    kernel: "usize",
    y: "usize",
    frames: "i32",
    channels: "i32",
    taps: "i32",
    left: "i32",
  }),
  copyRows: struct("CopyRowsArgs", {
    from: "usize",
    to: "usize",
    /** Of a row; strides are bytes too. */
    bytes: "i32",
    fromStride: "i32",
    toStride: "i32",
  }),
  lstm: struct("LstmArgs", {
    /** [T, 4·H]: the input's share of the gates i, f, g, o. */
    x: "usize",
    /** W_hh in panels of 16 rows. */
    weights: "usize",
    bias: "usize",
    y: "usize",
    frames: "i32",
    /** H */
    size: "i32",
    reverse: "i32",
    /** Hidden state, cell and gates: 2 · (H + 4) + 4·H + 16 values. */
    scratch: "usize",
  }),
  topLabels: struct("TopLabelsArgs", {
    x: "usize",
    width: "i32",
    count: "i32",
    /** [T, count] each: label ids as float32, and their logits, the largest first. */
    labels: "usize",
    logits: "usize",
    /** [T] float64: Σ e^(x − largest). */
    sums: "usize",
  }),
} as const;
