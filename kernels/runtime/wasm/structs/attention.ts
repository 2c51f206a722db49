/** Arguments of attention, of its parts, and of the kernels that pack keys and values. */
import { struct } from "./struct.ts";

const cacheWrite = struct("CacheWriteArgs", {
  from: "usize",
  panels: "usize",
  /** Of the first row; POSITION is added. */
  position: "i32",
  columns: "i32",
  /** writeValues only. */
  headDim: "i32",
  /** writeValues only: positions that the panels have room for. */
  capacity: "i32",
});

const heads = {
  frames: "i32",
  /** Number of positions in use. */
  length: "i32",
  heads: "i32",
  kvHeads: "i32",
  headDim: "i32",
} as const;

const scratch = {
  /** Scratch of the first thread. */
  scratch: "usize",
  /** Scratch of one thread. */
  scratchBytes: "i32",
} as const;

export const attentionStructs = {
  attention: struct("AttentionArgs", {
    q: "usize",
    keys: "usize",
    values: "usize",
    y: "usize",
    /** POSITION is added to the length. Causal queries are the last of these positions. */
    ...heads,
    scale: "f32",
    causal: "i32",
    /** Frames per item. */
    blockFrames: "i32",
    /** Positions that each panel of the values has room for. */
    valueCapacity: "i32",
    ...scratch,
  }),
  attentionScores: struct("AttentionScoresArgs", {
    q: "usize",
    keys: "usize",
    y: "usize",
    ...heads,
    scale: "f32",
    /** Frames per item. */
    blockFrames: "i32",
    ...scratch,
  }),
  attentionProbabilities: struct("AttentionProbabilitiesArgs", {
    scores: "usize",
    y: "usize",
    frames: "i32",
    length: "i32",
    causal: "i32",
    ...scratch,
  }),
  attentionContext: struct("AttentionContextArgs", {
    probabilities: "usize",
    values: "usize",
    y: "usize",
    ...heads,
    valueCapacity: "i32",
    /** Frames per item. */
    blockFrames: "i32",
    ...scratch,
  }),
  toKeyPanels: struct("KeyPanelArgs", {
    from: "usize",
    to: "usize",
    rows: "i32",
    columns: "i32",
  }),
  toValuePanels: struct("ValuePanelArgs", {
    from: "usize",
    to: "usize",
    rows: "i32",
    columns: "i32",
    headDim: "i32",
    capacity: "i32",
  }),
  writeKeys: cacheWrite,
  writeValues: cacheWrite,
} as const;
