/** Regions of a stage: what is in one is changed, the rest keeps its bits; what is not in the stage is refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeRegion } from "../../src/activations/regions.ts";
import type { Region } from "../../src/activations/regions.ts";
import { dispose, scale, tensor, values } from "../../src/nn/ops.ts";
import { normals } from "../helpers/builders/random.ts";
import { engine } from "../helpers/environment/engine.ts";

/** The stage with its region doubled. */
async function doubled(shape: readonly number[], data: Float32Array, region: Region, heads?: number) {
  return engine.run("wasm", async () => {
    const x = tensor(data, shape);
    const y = changeRegion(x, region, heads, (part) => scale(part, 2));
    const [found, after] = [await values(y), await values(x)];
    dispose([x, y]);
    expect(after).toEqual(data);
    return found;
  });
}

/** [from, to) of a length. */
const range = (length: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: length }), { minLength: 2, maxLength: 2 }).map((ends) => {
    const [from = 0, to = 0] = ends.toSorted((a, b) => a - b);
    return [from, to] as const;
  });
const within = (at: number, [from, to]: readonly [number, number]): boolean => at >= from && at < to;

describe("a region", () => {
  it("of frames and columns, up to the last ones", async () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
    const regions = sizes.chain(([rows, columns]) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        frames: range(rows),
        of: range(columns),
      }),
    );
    await fc.assert(
      fc.asyncProperty(regions, async ({ rows, columns, frames, of }) => {
        const data = normals(1, rows * columns);
        const found = await doubled([rows, columns], data, { frames, columns: of });
        const expected = data.map((value, i) =>
          within(Math.floor(i / columns), frames) && within(i % columns, of) ? 2 * value : value,
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("of values without columns", async () => {
    const data = normals(2, 4);
    expect([...(await doubled([4], data, { frames: [1, 4] }))]).toEqual(
      [...data].map((value, i) => (i < 1 ? value : 2 * value)),
    );
  });

  it("of heads: their columns, or their rows of scores", async () => {
    const data = normals(3, 2 * 6);
    const columns = await doubled([2, 6], data, { heads: [0, 2] }, 3);
    expect([...columns]).toEqual(
      [...data].map((value, i) => (Math.floor(i / 2) % 3 === 1 ? value : 2 * value)),
    );
    const scores = await doubled([3, 2, 2], data, { heads: [1], frames: [1, 2] }, 3);
    expect([...scores]).toEqual([...data].map((value, i) => (i === 6 || i === 7 ? 2 * value : value)));
  });

  it.each<[string, Region]>([
    ["frames: 1 to 4; wanted a range within 0 to 3", { frames: [1, 4] }],
    ["frames: 2 to 2", { frames: [2, 2] }],
    ["frames: -1 to 2", { frames: [-1, 2] }],
    ["columns: 0.5 to 2", { columns: [0.5, 2] }],
    ["columns: 0 to 5; wanted a range within 0 to 4", { columns: [0, 5] }],
    ["heads: 2; wanted 0 to 1", { heads: [2] }],
  ])("that is not in the stage is refused: %s", async (message, region) => {
    await expect(doubled([3, 4], new Float32Array(12), region, 2)).rejects.toThrow(message);
  });
});
