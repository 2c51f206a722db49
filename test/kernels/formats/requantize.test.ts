import { expect, it } from "vitest";
import { quantizeRow, requantizeRows, unpackRow } from "../../../kernels/formats/index.ts";
import { byteLength } from "../../../kernels/formats/table.ts";
import { normals } from "../../helpers/builders/random.ts";

it.each(["Q4_K", "Q5_0", "F16"] as const)("rows of %s become those of Q8_0, one by one", (format) => {
  const [rows, columns] = [3, 512];
  const values = normals(5, rows * columns);
  const encoded = new Uint8Array(byteLength(format, values.length));
  quantizeRow(format, values, encoded, 0, values.length);

  const found = new Uint8Array(byteLength("Q8_0", values.length));
  requantizeRows(format, encoded, "Q8_0", found, columns);

  const decoded = new Float32Array(values.length);
  unpackRow(format, encoded, 0, decoded, values.length);
  const wanted = new Uint8Array(found.length);
  quantizeRow("Q8_0", decoded, wanted, 0, values.length);
  expect(found).toEqual(wanted);
});
