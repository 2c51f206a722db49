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

export const attentionStructs = {
  attention: struct("AttentionArgs", {
    q: "usize",
    keys: "usize",
    values: "usize",
    y: "usize",
    frames: "i32",
    /** Positions in use; POSITION is added. Causal queries are the last of them. */
    length: "i32",
    heads: "i32",
    kvHeads: "i32",
    headDim: "i32",
    scale: "f32",
    causal: "i32",
    /** Frames per item. */
    blockFrames: "i32",
    /** Positions that each panel of the values has room for. */
    valueCapacity: "i32",
    /** Scratch of the first thread, and its size. */
    scratch: "usize",
    scratchBytes: "i32",
  }),
  attentionScores: struct("AttentionScoresArgs", {
    q: "usize",
    keys: "usize",
    y: "usize",
    frames: "i32",
    /** Positions in use. */
    length: "i32",
    heads: "i32",
    kvHeads: "i32",
    headDim: "i32",
    scale: "f32",
    /** Frames per item. */
    blockFrames: "i32",
    scratch: "usize",
    scratchBytes: "i32",
  }),
  attentionProbabilities: struct("AttentionProbabilitiesArgs", {
    scores: "usize",
    y: "usize",
    frames: "i32",
    length: "i32",
    causal: "i32",
    scratch: "usize",
    scratchBytes: "i32",
  }),
  attentionContext: struct("AttentionContextArgs", {
    probabilities: "usize",
    values: "usize",
    y: "usize",
    frames: "i32",
    length: "i32",
    heads: "i32",
    kvHeads: "i32",
    headDim: "i32",
    valueCapacity: "i32",
    /** Frames per item. */
    blockFrames: "i32",
    scratch: "usize",
    scratchBytes: "i32",
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
