/** The state machine of FSMN-VAD against FunASR's own, on given probabilities. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VadMachine } from "../../src/vad/state-machine.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

interface Sequence {
  readonly runs: readonly [frames: number, silence: number][];
  readonly segments: readonly [start: number, end: number][];
  readonly maxEndSilence?: number;
  readonly maxSegment?: number;
}

const { sequences } = JSON.parse(readFileSync(fixture("reference/fsmn-vad.json"), "utf8")) as {
  sequences: Sequence[];
};

describe("the state machine", () => {
  it.each(sequences.map((sequence, i) => [i, sequence] as const))(
    "finds FunASR's speech in sequence %i",
    (_, sequence) => {
      const { runs, segments, ...rules } = sequence;
      const silence = Float32Array.from(
        runs.flatMap(([frames, value]) => Array.from({ length: frames }, () => value)),
      );
      const machine = new VadMachine(rules);
      const spans = [...machine.push(silence), ...machine.end()];
      expect(spans.map(({ start, end }) => [start * 10, end * 10])).toEqual(segments);
    },
  );

  it("does not depend on how the frames arrive", () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(0.05, 0.95)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 500 }), (runs, size) => {
        const silence = runs.flatMap(([frames, value]) => Array.from({ length: frames }, () => value));
        const [whole, pieces] = [new VadMachine(), new VadMachine()];
        const expected = [...whole.push(silence), ...whole.end()];
        const spans = [];
        for (let at = 0; at < silence.length; at += size)
          spans.push(...pieces.push(silence.slice(at, at + size)));
        expect([...spans, ...pieces.end()]).toEqual(expected);
        for (const [i, { start, end }] of expected.entries()) {
          expect(start).toBeGreaterThanOrEqual(expected[i - 1]?.end ?? 0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(silence.length);
        }
      }),
    );
  });
});
