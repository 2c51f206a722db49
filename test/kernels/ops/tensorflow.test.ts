/** Every kernel of the `tensorflow` backend against its reference, on random shapes; nothing may be left behind. */
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
import { attentionReference } from "../../../kernels/ops/attention/reference.ts";
import { cif } from "../../../kernels/ops/cif/index.ts";
import { cifReference } from "../../../kernels/ops/cif/reference.ts";
import { convTranspose } from "../../../kernels/ops/conv-transpose/index.ts";
import { convTransposeReference } from "../../../kernels/ops/conv-transpose/reference.ts";
import { fsmn } from "../../../kernels/ops/fsmn/index.ts";
import { fsmnReference } from "../../../kernels/ops/fsmn/reference.ts";
import type { KernelDefinition, Operand, Reference } from "../../../kernels/kernel.ts";
import { kvWrite } from "../../../kernels/ops/kv-write/index.ts";
import { kvWriteReference } from "../../../kernels/ops/kv-write/reference.ts";
import { layerNorm } from "../../../kernels/ops/layer-norm/index.ts";
import { layerNormReference } from "../../../kernels/ops/layer-norm/reference.ts";
import { lstm } from "../../../kernels/ops/lstm/index.ts";
import { lstmReference } from "../../../kernels/ops/lstm/reference.ts";
import { qkNormRope } from "../../../kernels/ops/qk-norm-rope/index.ts";
import { qkNormRopeReference } from "../../../kernels/ops/qk-norm-rope/reference.ts";
import { rmsNorm } from "../../../kernels/ops/rms-norm/index.ts";
import { rmsNormReference } from "../../../kernels/ops/rms-norm/reference.ts";
import { rope } from "../../../kernels/ops/rope/index.ts";
import { ropeReference } from "../../../kernels/ops/rope/reference.ts";
import { swiglu } from "../../../kernels/ops/swiglu/index.ts";
import { swigluReference } from "../../../kernels/ops/swiglu/reference.ts";
import { topLabels } from "../../../kernels/ops/top-labels/index.ts";
import { topLabelsReference } from "../../../kernels/ops/top-labels/reference.ts";
import { unfold } from "../../../kernels/ops/unfold/index.ts";
import { unfoldReference } from "../../../kernels/ops/unfold/reference.ts";
import { describeOn } from "../../helpers/environment/backends.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import { runTensorflow, startTensorflow } from "../../helpers/environment/tensorflow-kernels.ts";
import { nmse, operand, runReference, some } from "../../helpers/environment/wasm-kernels.ts";

/** The error's power over the result's: 1e-5 of relative L2 norm, squared. */
const tolerance = 1e-10;

interface Case {
  readonly inputs: { readonly [name: string]: Operand | undefined };
  readonly attrs: object;
}

/** Compares on shapes made of six random numbers from 1 to 40, and a seed. */
function equals<In extends string, Attrs extends object>(
  definition: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
  make: (sizes: readonly number[], seed: number) => Case,
): void {
  it(`${definition.name} equals its reference`, () => {
    const sizes = fc.array(natural(40), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.nat(), (numbers, seed) => {
        const { inputs, attrs } = make(numbers, seed);
        const wanted = runReference(definition, reference, inputs as never, attrs as Attrs);
        const actual = runTensorflow(definition, inputs, attrs);
        expect(actual).toHaveLength(wanted.length);
        for (const [i, y] of wanted.entries()) expect(nmse(actual[i]!, y)).toBeLessThan(tolerance);
      }),
      { numRuns: 25 },
    );
  });
}

describeOn("tensorflow", "the kernels of tensorflow", () => {
  beforeAll(startTensorflow);

  equals(layerNorm, layerNormReference, ([rows, size], seed) => ({
    inputs: { x: some(seed, rows!, size!), weight: some(seed + 1, size!), bias: some(seed + 2, size!) },
    attrs: { eps: 1e-5 },
  }));
  equals(rmsNorm, rmsNormReference, ([rows, size, groups], seed) => ({
    inputs: { x: some(seed, rows!, size! * groups!), weight: some(seed + 1, size!) },
    attrs: { eps: 1e-6 },
  }));
  equals(rope, ropeReference, ([rows, half, heads, a, b], seed) => ({
    inputs: { x: some(seed, rows!, 2 * half! * heads!) },
    attrs: { headDim: 2 * half!, theta: 1e6, position: a! * b! },
  }));
  equals(qkNormRope, qkNormRopeReference, ([rows, half, heads, a, b], seed) => ({
    inputs: { x: some(seed, rows!, 2 * half! * heads!), weight: some(seed + 1, 2 * half!) },
    attrs: { headDim: 2 * half!, theta: 1e6, position: a! * b!, eps: 1e-6 },
  }));
  equals(topLabels, topLabelsReference, ([rows, a, b, count, spread], seed) => ({
    // Whole numbers are often equal, and some are too large for a float32's exponential.
    inputs: { x: operand(normals(seed, rows! * a! * b!, spread).map(Math.round), rows!, a! * b!) },
    attrs: { count: Math.min(count!, a! * b!) },
  }));
  equals(swiglu, swigluReference, ([rows, size, spread], seed) => ({
    inputs: {
      gate: operand(normals(seed, rows! * size!, spread), rows!, size!),
      up: some(seed + 1, rows!, size!),
    },
    attrs: {},
  }));
  equals(fsmn, fsmnReference, ([rows, channels, taps, at], seed) => ({
    inputs: { v: some(seed, rows!, channels!), kernel: some(seed + 1, channels!, taps!) },
    attrs: { left: at! % taps! },
  }));
  equals(attentionScores, attentionScoresReference, ([frames, half, odd, size, length, room], seed) => {
    const [kvHeads, group] = [(half! % 3) + 1, (odd! % 3) + 1];
    return {
      inputs: {
        q: some(seed, frames!, kvHeads * group * size!),
        k: some(seed + 1, length! + room!, kvHeads * size!),
      },
      attrs: { heads: kvHeads * group, kvHeads, scale: size! ** -0.5, length },
    };
  });
  equals(attentionProbabilities, attentionProbabilitiesReference, ([heads, queries, past, odd], seed) => ({
    inputs: { scores: some(seed, (heads! % 4) + 1, queries!, queries! + past!) },
    attrs: { causal: odd! % 2 === 1 },
  }));
  equals(attentionContext, attentionContextReference, ([queries, half, odd, size, positions, room], seed) => {
    const [kvHeads, group] = [(half! % 3) + 1, (odd! % 3) + 1];
    return {
      inputs: {
        probabilities: some(seed, kvHeads * group, queries!, positions!),
        v: some(seed + 1, positions! + room!, kvHeads * size!),
      },
      attrs: { kvHeads },
    };
  });
  equals(unfold, unfoldReference, ([rows, channels, left, right], seed) => ({
    inputs: { x: some(seed, rows!, channels!) },
    attrs: { left: left! % 5, right: right! % 5 },
  }));
  equals(convTranspose, convTransposeReference, ([rows, input, size, taps], seed) => ({
    inputs: {
      x: some(seed, rows!, input!),
      weight: some(seed + 1, input!, size!, (taps! % 4) + 1),
      bias: some(seed + 2, size!),
    },
    attrs: {},
  }));
  equals(lstm, lstmReference, ([rows, size, direction], seed) => ({
    inputs: {
      x: some(seed, (rows! % 12) + 1, 4 * size!),
      weight: operand(normals(seed + 1, 4 * size! * size!, 0.2), 4 * size!, size!),
      bias: some(seed + 2, 4 * size!),
    },
    attrs: {
      reverse: direction! % 2 === 1,
      ...(seed % 2 === 0 ? {} : { lengths: [rows! % 12, 1] }),
    },
  }));
  equals(kvWrite, kvWriteReference, ([before, rows, after, width], seed) => ({
    inputs: { cache: some(seed, before! + rows! + after!, width!), rows: some(seed + 1, rows!, width!) },
    attrs: { position: before! },
  }));
  equals(attention, attentionReference, ([frames, size, past, room, kvHeads, group], seed) => {
    const [kv, heads] = [(kvHeads! % 3) + 1, ((kvHeads! % 3) + 1) * ((group! % 3) + 1)];
    const causal = seed % 2 === 0;
    const length = causal ? frames! + past! : past!;
    const cache = (from: number): Operand => {
      const values = normals(from, (length + room!) * kv * size!);
      return operand(values.fill(NaN, length * kv * size!), length + room!, kv * size!);
    };
    return {
      inputs: { q: some(seed, frames!, heads * size!), k: cache(seed + 1), v: cache(seed + 2) },
      attrs: { heads, kvHeads: kv, scale: size! ** -0.5, causal, length },
    };
  });

  it("Cif is its reference, to the bit", () => {
    const alphas = normals(2, 20).map((alpha) => Math.abs(alpha) / 2);
    const inputs = { hidden: some(1, 19, 12), alphas: operand(alphas, 20) };
    for (const recipe of ["prefix", "loop"] as const) {
      const attrs = { recipe, tokens: 5 };
      expect(runTensorflow(cif, inputs, attrs)).toEqual(runReference(cif, cifReference, inputs, attrs));
    }
  });
});
