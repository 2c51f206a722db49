/** The reference kernels of attention against hand-made cases, identities and naive formulas written another way. */
import { describe, expect, it } from "vitest";
import {
  attentionContextReference,
  attentionProbabilitiesReference,
  attentionScoresReference,
} from "../../../../kernels/ops/attention-parts/reference.ts";
import { attentionReference } from "../../../../kernels/ops/attention/reference.ts";
import { normals } from "../../../helpers/builders/random.ts";

const operand = (values: Float32Array, ...shape: number[]) => ({ values, shape });

const close = (a: Float32Array, b: ArrayLike<number>, digits = 5): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, digits);
};

describe("Attention", () => {
  const random = (rows: number, width: number, seed: number) =>
    operand(normals(seed, rows * width), rows, width);

  it("averages the values where all scores are equal", () => {
    const q = operand(new Float32Array(4), 1, 4);
    const k = random(3, 4, 1);
    const v = operand(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 3, 4);
    const y = new Float32Array(4);
    attentionReference({ q, k, v }, { heads: 2, kvHeads: 2, scale: 1, causal: false, length: 3 }, [y]);
    close(y, [5, 6, 7, 8]);
  });

  it("lets causal queries see the cache and themselves, nothing later, nothing beyond the length", () => {
    const q = random(2, 4, 2);
    const k = random(5, 4, 3);
    const v = random(5, 4, 4);
    const attrs = { heads: 1, kvHeads: 1, scale: 0.5, causal: true, length: 4 };
    const before = new Float32Array(8);
    attentionReference({ q, k, v }, attrs, [before]);

    const changed = v.values.slice();
    changed.fill(99, 3 * 4); // row 3 is the second query's own; row 4 lies beyond the length
    const after = new Float32Array(8);
    attentionReference({ q, k, v: operand(changed, 5, 4) }, attrs, [after]);
    expect([...after.subarray(0, 4)]).toEqual([...before.subarray(0, 4)]);
    expect([...after.subarray(4)]).not.toEqual([...before.subarray(4)]);
  });

  it("serves a group of query heads from one key/value head, as if that head were repeated", () => {
    const q = random(3, 8, 5); // 4 heads of 2
    const k = random(3, 4, 6); // 2 heads of 2
    const v = random(3, 4, 7);
    const repeat = (x: Float32Array): Float32Array =>
      Float32Array.from(
        { length: 24 },
        (_, i) => x[Math.floor(i / 8) * 4 + Math.floor((i % 8) / 4) * 2 + (i % 2)]!,
      );
    const attrs = { scale: 0.7, causal: true, length: 3 };
    const grouped = new Float32Array(24);
    const full = new Float32Array(24);
    attentionReference({ q, k, v }, { ...attrs, heads: 4, kvHeads: 2 }, [grouped]);
    attentionReference(
      { q, k: operand(repeat(k.values), 3, 8), v: operand(repeat(v.values), 3, 8) },
      { ...attrs, heads: 4, kvHeads: 4 },
      [full],
    );
    expect([...grouped]).toEqual([...full]);
  });
});

describe("the parts of attention", () => {
  it("make up attention: scores, their softmax, what it averages", () => {
    const [queries, length, kvHeads, headDim, heads] = [3, 5, 2, 4, 6];
    const q = operand(normals(1, queries * heads * headDim), queries, heads * headDim);
    const k = operand(normals(2, (length + 1) * kvHeads * headDim), length + 1, kvHeads * headDim);
    const v = operand(normals(3, (length + 1) * kvHeads * headDim), length + 1, kvHeads * headDim);
    for (const causal of [false, true]) {
      const attrs = { heads, kvHeads, scale: 0.5, causal, length };
      const scores = operand(new Float32Array(heads * queries * length), heads, queries, length);
      attentionScoresReference({ q, k }, attrs, [scores.values]);
      const probabilities = operand(new Float32Array(scores.values.length), heads, queries, length);
      attentionProbabilitiesReference({ scores }, { causal }, [probabilities.values]);
      const context = new Float32Array(queries * heads * headDim);
      attentionContextReference({ probabilities, v }, { kvHeads }, [context]);
      const wanted = new Float32Array(context.length);
      attentionReference({ q, k, v }, attrs, [wanted]);
      close(context, wanted, 6);
    }
  });

  it("lay scores out by head and query, and give the future no probability", () => {
    // Two heads of one column: head h's query t is 10·h + t + 1, its key s is 2^s.
    const q = operand(Float32Array.of(1, 11, 2, 12), 2, 2);
    const k = operand(Float32Array.of(1, 1, 2, 2, 4, 4), 3, 2);
    const scores = new Float32Array(12);
    attentionScoresReference({ q, k }, { heads: 2, kvHeads: 2, scale: 0.5, length: 3 }, [scores]);
    expect([...scores]).toEqual([0.5, 1, 2, 1, 2, 4, 5.5, 11, 22, 6, 12, 24]);

    const y = new Float32Array(6);
    const equal = operand(new Float32Array(6), 1, 2, 3);
    attentionProbabilitiesReference({ scores: equal }, { causal: true }, [y]);
    close(y, [1 / 2, 1 / 2, 0, 1 / 3, 1 / 3, 1 / 3], 7);
  });
});
