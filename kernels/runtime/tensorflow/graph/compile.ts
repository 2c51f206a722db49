/** Compiles a model's decoding: records it once, and copies its weights into the graph's variables. */
import { findBackend } from "../../../tensorflow-js.ts";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { CompiledDecoder, DecoderCache, RecordableDecoder } from "../../../backend.ts";
import { EagerOps } from "../eager.ts";
import type { EagerValue } from "../eager.ts";
import { backendName, types } from "../native.ts";
import type { NativeBackend } from "../native.ts";
import { decoderGraph, names } from "./decoder-graph.ts";
import type { DecoderPlan } from "./decoder.ts";
import { savedModel } from "./messages.ts";
import { GraphSession } from "./session.ts";

export async function compileDecoder<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  plan: DecoderPlan,
): Promise<CompiledDecoder> {
  const backend = findBackend(backendName) as NativeBackend;
  const { nodes, functions, weights } = await decoderGraph(model, plan);
  const session = new GraphSession(backend, savedModel(nodes, functions));
  const handles = weights.weights.map(({ id, shape, type }) => ({ id, shape, dtype: types[type] }));
  const { feeds, results } = names.weights(handles.length);
  session.run(handles, feeds, results);
  return new Decoder(backend, session, plan);
}

class Decoder implements CompiledDecoder {
  readonly #backend: NativeBackend;
  readonly #session: GraphSession;
  readonly #plan: DecoderPlan;
  #slot = 0;
  #first = 0;
  #prompt = 0;

  constructor(backend: NativeBackend, session: GraphSession, plan: DecoderPlan) {
    this.#backend = backend;
    this.#session = session;
    this.#plan = plan;
  }

  fits(rows: number, tokens: number): boolean {
    const bucket = this.#bucket(rows);
    return bucket !== undefined && bucket + tokens <= this.#plan.capacity;
  }

  begin(embeds: Tensor): number {
    const rows = embeds.shape[0]!;
    const bucket = this.#bucket(rows)!;
    this.#slot = bucket;
    this.#prompt = bucket;
    this.#first = bucket - rows;
    const ops = new EagerOps(this.#backend);
    const given = ops.input(embeds);
    // Shorter prompts are at the end of the bucket, so that their last row is the last row of the bucket.
    const padded = ops.pad(given, [
      [this.#first, 0],
      [0, 0],
    ]) as EagerValue;
    const { feeds, results } = names.prefill(bucket);
    const handle = { id: padded.id, shape: padded.shape, dtype: types.float32 };
    const [tokens] = this.#session.run([handle, this.#first], feeds, results);
    ops.free();
    return tokens![0]!;
  }

  next(token: number, count: number): number[] {
    const { feeds, results } = names.generate;
    const limit = Math.min(count, this.#plan.chunk);
    const [tokens, done] = this.#session.run([token, this.#slot, this.#first, limit], feeds, results);
    this.#slot += done![0]!;
    return [...tokens!.subarray(0, done![0])];
  }

  rewind(): void {
    this.#slot = this.#prompt;
  }

  dispose(): void {
    this.#session.dispose();
  }

  #bucket(rows: number): number | undefined {
    return this.#plan.buckets.find((bucket) => bucket >= rows);
  }
}
