/** Looks rows up in a table [N, D] of any storage format: an embedding. */
import { demand } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";
import type { Format } from "../../formats/table.ts";

export interface GetRowsAttrs {
  readonly format: Format;
  readonly rows: number;
  readonly columns: number;
  /** Row numbers, 0 ≤ id < rows. */
  readonly ids: readonly number[];
}

/** {table (packed)} → [ids, D] */
export const getRows: KernelDefinition<"table", GetRowsAttrs> = {
  name: "GetRows",
  outputs: (_, { ids, rows, columns }) => {
    const stray = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= rows);
    demand(stray === undefined, "GetRows", `row ${stray}`, `an integer from 0 to ${rows - 1}`);
    demand(ids.length > 0, "GetRows", "no row numbers", "at least one");
    return [[ids.length, columns]];
  },
};
