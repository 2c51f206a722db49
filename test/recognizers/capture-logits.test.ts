/** The logits behind a text: one row for each token, as one matrix. */
import { expect, it } from "vitest";
import { emitRows } from "../../src/recognizers/capture-logits.ts";

/** What a stage gets. */
async function emitted(rows: readonly Float32Array[]): Promise<[number[], readonly number[] | undefined][]> {
  const all: [number[], readonly number[] | undefined][] = [];
  await emitRows(
    {
      isWanted: true,
      emit: (value) => value,
      emitValues: async (data, shape) => {
        all.push([[...data], shape]);
        return data;
      },
    },
    rows,
  );
  return all;
}

it.each([
  [
    "fewer rows than columns",
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
  [
    "more rows than columns",
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ],
  ["one row", [[1, 2, 3]]],
])("%s", async (_, rows) => {
  const found = await emitted(rows.map((row) => Float32Array.from(row)));
  expect(found).toEqual([[rows.flat(), [rows.length, rows[0]!.length]]]);
});

it("nothing where there is no token", async () => {
  expect(await emitted([])).toEqual([]);
});
