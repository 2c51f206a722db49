/** GetRows of the `wasm` backend, for all storage formats. */
import { beforeAll, describe, expect, it } from "vitest";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import type { Format } from "../../../../kernels/formats/table.ts";
import { getRows } from "../../../../kernels/ops/get-rows/index.ts";
import {
  encode,
  nmse,
  runWasm,
  startWasm,
  upload,
  weightsOf,
} from "../../../helpers/environment/wasm-kernels.ts";

beforeAll(() => startWasm());

describe("GetRows", () => {
  it("gives back rows of every format, exactly where the layout keeps it", async () => {
    const columns = 256;
    const rows = 21;
    const exact = new Set<Format>(["F32", "F16", "BF16", "Q8_0"]); // the others become Q8_0
    for (const format of [
      "F32",
      "F16",
      "BF16",
      "Q8_0",
      "Q4_0",
      "Q4_1",
      "Q5_0",
      "Q5_1",
      "Q4_K",
      "Q5_K",
      "Q6_K",
    ] as const) {
      const { encoded, tensors } = await weightsOf(format, [rows], columns, 11);
      const wanted = new Float32Array(rows * columns);
      const bytes = new Uint8Array(encoded[0]!.values.buffer as ArrayBuffer);
      unpackRow(format, bytes, 0, wanted, wanted.length);
      const ids = [20, 0, 7, 8, 20];
      const [found] = runWasm(getRows, { table: tensors[0] }, { format, rows, columns, ids });
      for (const [i, id] of ids.entries()) {
        const row = wanted.subarray(id * columns, (id + 1) * columns);
        const given = found!.subarray(i * columns, (i + 1) * columns);
        expect(nmse(given, row)).toBeLessThanOrEqual(exact.has(format) ? 0 : 1e-4);
      }
      tensors[0]!.dispose();
    }
  });

  it("keeps the smallest halves: subnormal scales and weights", async () => {
    const values = new Float32Array(64).map((_, i) => (i - 31) * 2 ** -24);
    for (const format of ["F16", "Q8_0"] as const) {
      const matrix = encode(format, values, 2, 32);
      const table = await upload(format, matrix);
      const wanted = new Float32Array(64);
      unpackRow(format, new Uint8Array(matrix.values.buffer as ArrayBuffer), 0, wanted, 64);
      const [found] = runWasm(getRows, { table }, { format, rows: 2, columns: 32, ids: [0, 1] });
      expect(found).toEqual(wanted);
      table.dispose();
    }
  });
});
