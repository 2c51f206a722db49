/** Unfold, ConvTranspose and Lstm against sums written another way. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convTransposeReference } from "../../../kernels/ops/conv-transpose/reference.ts";
import { lstm } from "../../../kernels/ops/lstm/index.ts";
import { lstmReference } from "../../../kernels/ops/lstm/reference.ts";
import { unfoldReference } from "../../../kernels/ops/unfold/reference.ts";
import { normals } from "../../helpers/builders/random.ts";

const operand = (values: Float32Array, ...shape: number[]) => ({ values, shape });
const small = fc.integer({ min: 1, max: 6 });
const order = fc.integer({ min: 0, max: 3 });

describe("Unfold", () => {
  it("makes a convolution of a matrix product", () => {
    fc.assert(
      fc.property(small, small, small, order, order, fc.nat(), (frames, input, output, left, right, seed) => {
        const taps = left + 1 + right;
        const x = normals(seed, frames * input);
        const weight = normals(seed + 1, output * input * taps); // [O, I, K]
        const windows = new Float32Array(frames * input * taps);
        unfoldReference({ x: operand(x, frames, input) }, { left, right }, [windows]);
        for (let t = 0; t < frames; t++) {
          for (let o = 0; o < output; o++) {
            let direct = 0;
            for (let s = Math.max(0, t - left); s <= Math.min(frames - 1, t + right); s++) {
              const k = s - t + left;
              for (let i = 0; i < input; i++)
                direct += weight[(o * input + i) * taps + k]! * x[s * input + i]!;
            }
            let product = 0;
            const width = input * taps;
            for (let j = 0; j < width; j++) product += weight[o * width + j]! * windows[t * width + j]!;
            expect(product).toBeCloseTo(direct, 5);
          }
        }
      }),
    );
  });
});

describe("ConvTranspose", () => {
  it("gives each row its own rows: a shift in is a shift out, and sums stay sums", () => {
    fc.assert(
      fc.property(small, small, small, small, fc.nat(), (frames, input, output, taps, seed) => {
        const weight = normals(seed, input * output * taps);
        const bias = new Float32Array(output);
        const apply = (x: Float32Array): Float32Array => {
          const y = new Float32Array((x.length / input) * taps * output);
          const inputs = {
            x: operand(x, x.length / input, input),
            weight: operand(weight, input, output, taps),
            bias: operand(bias, output),
          };
          convTransposeReference(inputs, {}, [y]);
          return y;
        };
        const x = normals(seed + 1, frames * input);
        const y = apply(x);
        for (let t = 0; t < frames; t++) {
          const alone = apply(x.subarray(t * input, (t + 1) * input));
          const there = y.subarray(t * taps * output, (t + 1) * taps * output);
          expect([...there]).toEqual([...alone]);
        }
        // One input of one, everything else zero: the kernel itself, taps first.
        const impulse = new Float32Array(input);
        impulse[0] = 1;
        const response = apply(impulse);
        for (let k = 0; k < taps; k++)
          for (let o = 0; o < output; o++) expect(response[k * output + o]).toBe(weight[o * taps + k]);
      }),
    );
  });
});

describe("Lstm", () => {
  const runLstm = (
    x: Float32Array,
    weight: Float32Array,
    bias: Float32Array,
    reverse: boolean,
    lengths?: readonly number[],
  ) => {
    const size = bias.length / 4;
    const y = new Float32Array(x.length / 4);
    const inputs = {
      x: operand(x, x.length / (4 * size), 4 * size),
      weight: operand(weight, 4 * size, size),
      bias: operand(bias, 4 * size),
    };
    lstmReference(inputs, { reverse, lengths }, [y]);
    return y;
  };

  it("of several sequences is that of each alone", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lengths, small, fc.boolean(), fc.nat(), (lengths, size, reverse, seed) => {
        const frames = lengths.reduce((sum, length) => sum + length, 0);
        const x = normals(seed, frames * 4 * size);
        const weight = normals(seed + 1, 4 * size * size);
        const bias = normals(seed + 2, 4 * size);
        let first = 0;
        const alone = lengths.flatMap((length) => {
          const own = x.subarray(4 * size * first, 4 * size * (first += length));
          return [...runLstm(own, weight, bias, reverse)];
        });
        expect([...runLstm(x, weight, bias, reverse, lengths)]).toEqual(alone);
      }),
    );
  });

  it("refuses sequences of other rows than there are", () => {
    const shapes = { x: [5, 8], weight: [8, 2], bias: [8] } as const;
    expect(lstm.outputs(shapes, { reverse: false, lengths: [2, 3] })).toEqual([[5, 2]]);
    expect(() => lstm.outputs(shapes, { reverse: false, lengths: [2, 2] })).toThrow(/lengths of 4 rows/u);
  });

  it("backwards is forwards over the reversed rows", () => {
    fc.assert(
      fc.property(small, small, fc.nat(), (frames, size, seed) => {
        const x = normals(seed, frames * 4 * size);
        const weight = normals(seed + 1, 4 * size * size);
        const bias = normals(seed + 2, 4 * size);
        const reversed = (rows: Float32Array, width: number): number[] =>
          [...Array(frames).keys()]
            .toReversed()
            .flatMap((t) => [...rows.subarray(t * width, (t + 1) * width)]);
        const backwards = runLstm(x, weight, bias, true);
        const forwards = runLstm(Float32Array.from(reversed(x, 4 * size)), weight, bias, false);
        expect([...backwards]).toEqual(reversed(forwards, size));
      }),
    );
  });

  it("keeps its state with an open forget gate, and only then", () => {
    const size = 1;
    const weight = new Float32Array(4);
    const gates = (input: number, forget: number, candidate: number): number[] => [
      input,
      forget,
      candidate,
      30,
    ];
    const open = Float32Array.from([...gates(30, -30, 0.5), ...gates(-30, 30, 0), ...gates(-30, 30, 0)]);
    const closed = Float32Array.from([...gates(30, -30, 0.5), ...gates(-30, -30, 0), ...gates(-30, -30, 0)]);
    const kept = Math.tanh(Math.tanh(0.5));
    const zero = new Float32Array(4 * size);
    expect([...runLstm(open, weight, zero, false)].map((value) => value.toFixed(6))).toEqual(
      [kept, kept, kept].map((value) => value.toFixed(6)),
    );
    expect([...runLstm(closed, weight, zero, false)].map((value) => value.toFixed(6))).toEqual(
      [kept, 0, 0].map((value) => value.toFixed(6)),
    );
  });

  it("refuses a weight of another width", () => {
    const outputs = () => lstm.outputs({ x: [3, 8], weight: [8, 3], bias: [8] }, { reverse: false });
    expect(outputs).toThrow(expect.objectContaining({ code: "kernel_arguments" }));
  });
});
