/** The definition of GetRows. */
import type { Reference } from "../../kernel.ts";
import { readRow } from "../linear/reference.ts";
import type { GetRowsAttrs } from "./index.ts";

export const getRowsReference: Reference<"table", GetRowsAttrs> = (inputs, { format, columns, ids }, [y]) => {
  for (const [i, id] of ids.entries()) {
    readRow(inputs.table!, format, id, y!.subarray(i * columns, (i + 1) * columns));
  }
};
