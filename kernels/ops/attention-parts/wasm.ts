/** The parts of attention in WebAssembly (runtime/wasm/assembly/attention-parts.ts), on all threads. */
import { define } from "../../runtime/wasm/kernel.ts";
import { panelsOf, release } from "../../runtime/wasm/panels-of.ts";
import { attentionContext, attentionProbabilities, attentionScores } from "./index.ts";

/** Query rows of an item: enough to use each panel often. */
const blockRows = 48;
/** Bytes of `count` floats, in whole vectors of 16. */
const rowBytes = (count: number): number => Math.ceil(count / 16) * 64;

export function registerAttentionParts(): void {
  define(attentionScores, ({ backend, runtime, at, inputs, shapes, attrs, outputs: [y] }) => {
    const { heads, kvHeads, scale, length } = attrs;
    const [frames, width] = shapes.q as readonly [number, number];
    const headDim = width / heads;
    const blockFrames = Math.min(frames, Math.max(1, Math.floor((blockRows * kvHeads) / heads)));
    const scratchBytes = ((blockFrames * heads) / kvHeads) * (rowBytes(headDim) + rowBytes(length));
    const keys = panelsOf(backend, inputs.k!, "keys", headDim, length);
    runtime.scratch(runtime.threads * scratchBytes, (scratch) =>
      runtime.run("attentionScores", Math.ceil(frames / blockFrames) * kvHeads, 1, {
        q: at("q"),
        keys: keys.address,
        y: y!,
        frames,
        length,
        heads,
        kvHeads,
        headDim,
        scale,
        blockFrames,
        scratch,
        scratchBytes,
      }),
    );
    release(runtime, keys);
  });

  define(attentionProbabilities, ({ runtime, at, shapes, attrs: { causal }, outputs: [y] }) => {
    const [heads, frames, length] = shapes.scores as readonly [number, number, number];
    const rows = heads * frames;
    const scratchBytes = rowBytes(length);
    runtime.scratch(runtime.threads * scratchBytes, (scratch) =>
      runtime.run("attentionProbabilities", rows, runtime.share(rows), {
        scores: at("scores"),
        y: y!,
        frames,
        length,
        causal: causal ? 1 : 0,
        scratch,
        scratchBytes,
      }),
    );
  });

  define(attentionContext, ({ backend, runtime, at, inputs, shapes, attrs: { kvHeads }, outputs: [y] }) => {
    const [heads, frames, length] = shapes.probabilities as readonly [number, number, number];
    const headDim = shapes.v![1]! / kvHeads;
    const blockFrames = Math.min(frames, blockRows);
    const scratchBytes = blockFrames * rowBytes(headDim);
    const values = panelsOf(backend, inputs.v!, "values", headDim, length);
    runtime.scratch(runtime.threads * scratchBytes, (scratch) =>
      runtime.run("attentionContext", Math.ceil(frames / blockFrames) * heads, 1, {
        probabilities: at("probabilities"),
        values: values.address,
        y: y!,
        frames,
        length,
        heads,
        kvHeads,
        headDim,
        valueCapacity: values.capacity,
        blockFrames,
        scratch,
        scratchBytes,
      }),
    );
    release(runtime, values);
  });
}
