/**
 * What a backend is: one start of a library of kernels, registered with TensorFlow.js under a unique name, with the
 * store of its weight matrices. Several starts of one backend, with other options, can run in a process.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { WeightStore } from "./weight-store.ts";

export const backendNames = ["wasm", "cpu", "tensorflow"] as const;

export type BackendName = (typeof backendNames)[number];

/** The type that products are computed in. */
export type Arithmetic = "float32" | "half" | "bfloat16";

/** How the backend `tensorflow` computes. */
export interface TensorflowOptions {
  /** Half and bfloat16 round each product's operands; accumulation and everything else stay float32. */
  readonly arithmetic?: Arithmetic;
  /** Whether quantized weights are decoded once, when they are loaded. */
  readonly expanded?: boolean;
  /**
   * How tokens are generated: `eager` step by step, `graph` many in one call, `xla` the same with its loop compiled; by
   * default compiled on a GPU and eager on a processor, where compiling takes longer than a text.
   */
  readonly decoding?: "eager" | "graph" | "xla";
}

/** How the backend `cpu` computes. */
export interface CpuOptions {
  /**
   * Whether it computes what `wasm` computes where a matrix is stored in blocks: the matrix as Q8_0, and the product's
   * input rounded to 8 bits. A comparison of the two then shows faults alone.
   */
  readonly roundedInputs?: boolean;
}

export interface BackendOptions extends TensorflowOptions, CpuOptions {
  /** Threads to compute with, the caller's among them; all cores by default. The result does not depend on it. */
  readonly threads?: number;
}

/** A backend that has started. */
export interface StartedBackend {
  /** The name that TensorFlow.js knows it by. */
  readonly id: string;
  readonly weights: WeightStore;
  /** Whether a row of a product has the same bytes, however many rows are computed with it. */
  readonly equalRows: boolean;
  /** The library that computes, where it is not this package itself. */
  readonly library?: { readonly version: string; readonly gpu: boolean };
  /** Called each time that the backend becomes TensorFlow.js's current one. */
  readonly activate?: () => void;
  /** Decoding of many tokens in one call, where the backend compiles it and that saves time. */
  readonly compileDecoder?: CompileDecoder;
  /** Frees its memory and ends its threads, as far as it has its own. Its tensors must not be computed with any more. */
  readonly dispose: () => void;
}

/** Starts a backend; throws `backend_unavailable` with the reason. */
export type StartBackend = (options: BackendOptions) => StartedBackend | Promise<StartedBackend>;

type CompileDecoder = <Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  endIds: readonly number[],
) => Promise<CompiledDecoder | undefined>;

/** A cache that the model appends to; its type is the model's own. */
export interface DecoderCache {
  dispose(): void;
}

/** What a model must have for its decoding to be compiled. */
export interface RecordableDecoder<Cache extends DecoderCache> {
  readonly config: { readonly size: number; readonly vocabSize: number };
  newCache(capacity: number): Cache;
  prefill(embeds: Tensor, cache: Cache, between: () => Promise<void>): Promise<Tensor>; // [L, D] → [1, V]
  step(id: number, cache: Cache): Tensor; // [1, V]
}

/** Decoding that generates many tokens in one call. It has one cache: one text at a time. */
export interface CompiledDecoder {
  /** Whether a prompt of `rows` rows, and `tokens` tokens after it, fit. */
  fits(rows: number, tokens: number): boolean;
  /** Computes a prompt [L, D]; the first token, or −1 where the logits are not numbers. */
  begin(embeds: Tensor): number;
  /** The tokens after `token`: at most `count`, fewer where one of them ends the text (and is the last). */
  next(token: number, count: number): number[];
  /** Drops everything after the prompt. */
  rewind(): void;
  dispose(): void;
}
