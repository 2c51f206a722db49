/** The parts of attention on the `wasm` backend: against their references, and against attention itself. */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import {
  attentionContext,
  attentionProbabilities,
  attentionScores,
} from "../../../kernels/ops/attention-parts/index.ts";
import {
  attentionContextReference,
  attentionProbabilitiesReference,
  attentionScoresReference,
} from "../../../kernels/ops/attention-parts/reference.ts";
import { attention } from "../../../kernels/ops/attention/index.ts";
import type { KernelDefinition, Operand, Operands, Reference } from "../../../kernels/kernel.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import {
  nmse,
  operand,
  runReference,
  runWasm,
  some,
  startWasm,
} from "../../helpers/environment/wasm-kernels.ts";

const tolerance = 1e-12;

/** Rows of a cache, with arbitrary values after `length`, which must not be read. */
function cache(seed: number, length: number, room: number, width: number): Operand {
  const values = normals(seed, (length + room) * width);
  values.fill(NaN, length * width);
  return operand(values, length + room, width);
}

function check<In extends string, Attrs extends object>(
  definition: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
  inputs: Operands<In>,
  attrs: Attrs,
): Float32Array {
  const [wanted] = runReference(definition, reference, inputs, attrs);
  const [found] = runWasm(definition, inputs, attrs);
  expect(nmse(found!, wanted!)).toBeLessThan(tolerance);
  return found!;
}

beforeAll(() => startWasm());

it("equal their references: grouped heads, causal or not, caches longer than their content", () => {
  fc.assert(
    fc.property(
      natural(50),
      natural(2),
      natural(3),
      natural(40),
      fc.nat({ max: 40 }),
      fc.nat({ max: 20 }),
      fc.boolean(),
      fc.nat(),
      (frames, kvHeads, group, size, past, room, causal, seed) => {
        const heads = kvHeads * group;
        const length = causal ? frames + past : past + 1;
        const q = some(seed, frames, heads * size);
        const k = cache(seed + 1, length, room, kvHeads * size);
        const v = cache(seed + 2, length, room, kvHeads * size);
        const attrs = { heads, kvHeads, scale: size ** -0.5, length };
        const shape = [heads, frames, length];

        const raw = check(attentionScores, attentionScoresReference, { q, k }, attrs);
        const scores = operand(raw, ...shape);
        const weights = check(
          attentionProbabilities,
          attentionProbabilitiesReference,
          { scores },
          { causal },
        );
        const probabilities = operand(weights, ...shape);
        const context = check(attentionContext, attentionContextReference, { probabilities, v }, { kvHeads });
        const [fused] = runWasm(attention, { q, k, v }, { ...attrs, causal });
        expect(nmse(context, fused!)).toBeLessThan(tolerance);
      },
    ),
    { numRuns: 40 },
  );
});

it("give a row the same bytes alone and among others", () => {
  const [frames, heads, size, length] = [57, 4, 36, 91];
  const q = some(1, frames, heads * size);
  const k = some(2, length, heads * size);
  const attrs = { heads, kvHeads: heads, scale: 0.2, length };
  const [all] = runWasm(attentionScores, { q, k }, attrs);
  const [weights] = runWasm(
    attentionProbabilities,
    { scores: operand(all!, heads, frames, length) },
    { causal: false },
  );
  for (const t of [0, 17, 56]) {
    const row = q.values.slice(t * heads * size, (t + 1) * heads * size) as Float32Array;
    const [alone] = runWasm(attentionScores, { q: operand(row, 1, heads * size), k }, attrs);
    const scores = operand(alone!, heads, 1, length);
    const [normalized] = runWasm(attentionProbabilities, { scores }, { causal: true });
    for (let h = 0; h < heads; h++) {
      const there = (h * frames + t) * length;
      expect(alone!.subarray(h * length, (h + 1) * length)).toEqual(all!.subarray(there, there + length));
      expect(normalized!.subarray(h * length, (h + 1) * length)).toEqual(
        weights!.subarray(there, there + length),
      );
    }
  }
});

it("are refused what does not fit together", () => {
  const q = some(1, 3, 8);
  const scores = some(2, 2, 3, 2);
  const attrs = { heads: 2, kvHeads: 2, scale: 1, length: 4 };
  expect(() => runWasm(attentionScores, { q, k: some(3, 3, 8) }, attrs)).toThrow("4 rows in use");
  expect(() => runWasm(attentionScores, { q, k: some(3, 4, 6) }, attrs)).toThrow("heads of one size");
  expect(() => runWasm(attentionProbabilities, { scores }, { causal: true })).toThrow(
    "no more than positions",
  );
  expect(() => runWasm(attentionProbabilities, { scores: q }, { causal: false })).toThrow("[heads, T, S]");
  expect(() =>
    runWasm(attentionContext, { probabilities: scores, v: some(4, 1, 8) }, { kvHeads: 2 }),
  ).toThrow("a row of v for each position");
});
