/** The parts of attention in WebAssembly (wasm/assembly/attention-parts.ts), on all threads. */
import { panelsOf, release } from "../../runtime/wasm/cache-panels.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import { attentionContext, attentionProbabilities, attentionScores } from "./index.ts";

/** Query rows of an item: enough to use each panel often. */
const blockRows = 48;
/** Bytes of so many floats, in whole vectors of 16. */
const rowBytes = (count: number): number => Math.ceil(count / 16) * 64;

export function registerAttentionParts(): void {
  define(attentionScores, ({ backend, machine, at, inputs, shapes, attrs, outputs: [y] }) => {
    const { heads, kvHeads, scale, length } = attrs;
    const [frames, width] = shapes.q as readonly [number, number];
    const headDim = width / heads;
    const blockFrames = Math.min(frames, Math.max(1, Math.floor((blockRows * kvHeads) / heads)));
    const scratchBytes = ((blockFrames * heads) / kvHeads) * (rowBytes(headDim) + rowBytes(length));
    const keys = panelsOf(backend, inputs.k!, "keys", headDim, length);
    machine.scratch(machine.threads * scratchBytes, (scratch) => {
      const shape = [frames, length, heads, kvHeads, headDim, f32(scale), blockFrames];
      const args = [at("q"), keys.address, y!, ...shape, scratch, scratchBytes];
      machine.run("attentionScores", Math.ceil(frames / blockFrames) * kvHeads, 1, args);
    });
    release(machine, keys);
  });

  define(attentionProbabilities, ({ machine, at, shapes, attrs: { causal }, outputs: [y] }) => {
    const [heads, queries, positions] = shapes.scores as readonly [number, number, number];
    const rows = heads * queries;
    const scratchBytes = rowBytes(positions);
    machine.scratch(machine.threads * scratchBytes, (scratch) => {
      const args = [at("scores"), y!, queries, positions, causal ? 1 : 0, scratch, scratchBytes];
      machine.run("attentionProbabilities", rows, machine.share(rows), args);
    });
  });

  define(attentionContext, ({ backend, machine, at, inputs, shapes, attrs: { kvHeads }, outputs: [y] }) => {
    const [heads, queries, positions] = shapes.probabilities as readonly [number, number, number];
    const headDim = shapes.v![1]! / kvHeads;
    const blockFrames = Math.min(queries, blockRows);
    const scratchBytes = blockFrames * rowBytes(headDim);
    const values = panelsOf(backend, inputs.v!, "values", headDim, positions);
    machine.scratch(machine.threads * scratchBytes, (scratch) => {
      const shape = [queries, positions, heads, kvHeads, headDim, values.capacity, blockFrames];
      const args = [at("probabilities"), values.address, y!, ...shape, scratch, scratchBytes];
      machine.run("attentionContext", Math.ceil(queries / blockFrames) * heads, 1, args);
    });
    release(machine, values);
  });
}
